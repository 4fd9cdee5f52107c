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

import dev.fusewright.pipeline.run.Submitter;
import dev.fusewright.pipeline.settings.NearestName;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** The options of a command that are left to Beam and its runner. */
final class RunnerOptions {
  private static final Pattern UNKNOWN = Pattern.compile("^unknown option (--[^ :]+)");

  private RunnerOptions() {}

  /**
   * Who takes a run with these options.
   *
   * @throws UsageException if they are files, which a shell made of a pattern
   * @throws IllegalArgumentException if one is nobody's
   */
  static Submitter submitter(List<String> options) {
    ShellPatterns.refuseFiles(options);
    return Runners.of(options);
  }

  /**
   * What may have been meant by options that are left to a runner, where one of the command's own
   * is missing; empty if nothing is near.
   */
  static String suggestions(CommandLine command) {
    StringBuilder lines = new StringBuilder();
    Set<String> known = command.getCommandSpec().optionsMap().keySet();
    for (String option : command.getUnmatchedArguments()) {
      String name = option.replaceFirst("=.*", "");
      if (name.startsWith("--")) {
        NearestName.of(name, known)
            .ifPresent(near -> lines.append("For %s, did you mean %s?%n".formatted(name, near)));
      }
    }
    return lines.toString();
  }

  /** What is wrong with the options of a runner, with what may have been meant. */
  static String explained(IllegalArgumentException wrong) {
    String message = String.valueOf(wrong.getMessage());
    Matcher unknown = UNKNOWN.matcher(message);
    if (!unknown.find()) {
      return message;
    }
    Set<String> known =
        Objects.requireNonNull(Fusewright.commandLine().getSubcommands().get("run"))
            .getCommandSpec()
            .optionsMap()
            .keySet();
    return message + NearestName.question(unknown.group(1), known);
  }
}
