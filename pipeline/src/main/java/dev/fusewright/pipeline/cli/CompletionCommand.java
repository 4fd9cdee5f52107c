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

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fusewright completion}. */
@Command(
    name = "completion",
    description = "Prints what makes a shell complete commands and options.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "  source <(fusewright completion bash)                 in ~/.bashrc",
      "  source <(fusewright completion zsh)                  in ~/.zshrc",
      "  fusewright completion fish > ~/.config/fish/completions/fusewright.fish"
    })
final class CompletionCommand implements Callable<Integer> {
  private static final String PROGRAM = "fusewright";

  private final Supplier<CommandLine> all;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
  private String shell = "";

  /**
   * The command.
   *
   * @param all the program with every command that it has here
   */
  CompletionCommand(Supplier<CommandLine> all) {
    this.all = all;
  }

  @Override
  public Integer call() {
    CommandLine program = all.get();
    String script =
        switch (shell) {
          // The script of bash is zsh's too: it turns zsh's bashcompinit on.
          case "bash", "zsh" -> AutoComplete.bash(PROGRAM, withChoices(program));
          case "fish" -> FishCompletion.of(PROGRAM, program);
          default ->
              throw new UsageException("expected bash, zsh or fish, found '%s'".formatted(shell));
        };
    PrintWriter out = spec.commandLine().getOut();
    out.print(script);
    out.flush();
    return ExitCode.OK;
  }

  /** The same program, whose options that take one of a few words know them. */
  private static CommandLine withChoices(CommandLine program) {
    for (CommandLine command : program.getSubcommands().values()) {
      CommandSpec options = command.getCommandSpec();
      for (OptionSpec option : List.copyOf(options.options())) {
        List<String> words = FishCompletion.choices(option);
        if (!words.isEmpty() && option.group() == null) {
          options.remove(option);
          options.addOption(OptionSpec.builder(option).completionCandidates(words).build());
        }
      }
      withChoices(command);
    }
    return program;
  }
}
