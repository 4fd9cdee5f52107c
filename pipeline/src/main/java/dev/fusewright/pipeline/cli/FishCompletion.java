/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Completion for fish, which picocli does not generate. */
final class FishCompletion {
  private FishCompletion() {}

  /** A line for each sub-command and each option. */
  static String of(String program, CommandLine commands) {
    StringBuilder script = new StringBuilder("# fish completion of " + program + "\n");
    options(script, program, "__fish_use_subcommand", commands.getCommandSpec());
    for (Map.Entry<String, CommandLine> command : commands.getSubcommands().entrySet()) {
      CommandSpec spec = command.getValue().getCommandSpec();
      script.append(
          "complete -c %s -n __fish_use_subcommand -f -a %s -d %s%n"
              .formatted(
                  program, command.getKey(), quoted(first(spec.usageMessage().description()))));
      options(script, program, "\"" + seen(command.getKey()) + "\"", spec);
      below(script, program, command.getKey(), command.getValue());
    }
    return script.toString().replace("\r\n", "\n");
  }

  /** Commands of a command. */
  private static void below(
      StringBuilder script, String program, String name, CommandLine command) {
    String names = String.join(" ", command.getSubcommands().keySet());
    for (Map.Entry<String, CommandLine> one : command.getSubcommands().entrySet()) {
      CommandSpec spec = one.getValue().getCommandSpec();
      script.append(
          "complete -c %s -n \"%s; and not %s\" -f -a %s -d %s%n"
              .formatted(
                  program,
                  seen(name),
                  seen(names),
                  one.getKey(),
                  quoted(first(spec.usageMessage().description()))));
      options(script, program, "\"%s; and %s\"".formatted(seen(name), seen(one.getKey())), spec);
    }
  }

  private static String seen(String names) {
    return "__fish_seen_subcommand_from " + names;
  }

  private static void options(
      StringBuilder script, String program, String condition, CommandSpec command) {
    for (OptionSpec option : command.options()) {
      if (option.hidden()) {
        continue;
      }
      script.append("complete -c %s -n %s".formatted(program, condition));
      for (String name : option.names()) {
        script.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("-+", ""));
      }
      if (option.arity().max() > 0) {
        script.append(" -r");
        String choices = String.join(" ", choices(option));
        if (!choices.isEmpty()) {
          script.append(" -f -a ").append(quoted(choices));
        }
      }
      script.append(" -d ").append(quoted(first(option.description()))).append('\n');
    }
  }

  /** The words of an option that takes one of a few. */
  static List<String> choices(ArgSpec option) {
    String label = option.paramLabel();
    return label.matches("[a-z-]+(\\|[a-z-]+)+") ? List.of(label.split("\\|", -1)) : List.of();
  }

  /** The first sentence. */
  static String first(String[] description) {
    String all = String.join(" ", description);
    int end = all.indexOf(". ");
    return end < 0 ? all.replaceFirst("\\.$", "") : all.substring(0, end);
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
