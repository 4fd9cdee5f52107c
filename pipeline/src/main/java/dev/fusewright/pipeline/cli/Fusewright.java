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
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program. */
@Command(
    name = "fusewright",
    description = "Fuse a whole model zoo, and prove it.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Fusewright.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything went well",
      "1:wrong usage or configuration",
      "2:some models were rejected or failed",
      "3:nothing could be done"
    },
    footer = {
      "",
      "Begin with:",
      "  fusewright inspect model.onnx                 what would be fused, what not, and why",
      "  fusewright fuse model.onnx -o fused.onnx      fuse one model, proven before it is written",
      "  fusewright run --catalogue 'zoo/**/*.onnx' --output fused/"
    })
public final class Fusewright {
  /** By name, in the order of the help; a class is loaded when its command is asked for. */
  private static final Map<String, Supplier<Object>> COMMANDS = commands();

  /** Below so many columns names of options leave more room to what they mean. */
  private static final int NARROW = 80;

  private static final int LEAST_FOR_OPTIONS = 20;
  private static final int USUAL_FOR_OPTIONS = 30;

  private Fusewright() {}

  private static Map<String, Supplier<Object>> commands() {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("run", () -> new RunCommand());
    commands.put("plan", () -> new PlanCommand());
    commands.put("retry", () -> new RetryCommand());
    commands.put("fuse", () -> new FuseCommand());
    commands.put("inspect", () -> new InspectCommand());
    commands.put("verify", () -> new VerifyCommand());
    commands.put("diff", () -> new DiffCommand());
    commands.put("show", () -> new ShowCommand());
    commands.put("rules", () -> new RulesCommand());
    commands.put("report", () -> new ReportCommand());
    commands.put("catalogue", () -> new CatalogueCommand());
    return commands;
  }

  /** These, those of a module above, and those that tell of all of them. */
  private static Map<String, Supplier<Object>> all(Map<String, Supplier<Object>> more) {
    Map<String, Supplier<Object>> all = new LinkedHashMap<>(COMMANDS);
    all.put("completion", () -> new CompletionCommand(() -> commandLine(more)));
    all.put("man", () -> new ManCommand(() -> commandLine(more)));
    all.putAll(more);
    return all;
  }

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    run(Map.of(), arguments);
  }

  /**
   * Runs a command, one of the job's or one that a module above this one has, and ends the process
   * with its exit code.
   *
   * @param more commands by name, each a class annotated for picocli
   */
  public static void run(Map<String, Supplier<Object>> more, String[] arguments) {
    PrintWriter out = Colours.ofOutput(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    PrintWriter err = Colours.ofErrors(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    System.setErr(new PrintableStream(System.err));
    int code = execute(all(more), out, err, arguments);
    out.flush();
    err.flush();
    System.exit(code);
  }

  /** All commands with all their options, to be read and not run: for documentation and checks. */
  public static CommandLine commandLine() {
    return commandLine(Map.of());
  }

  /** The same, with those of a module above this one. */
  public static CommandLine commandLine(Map<String, Supplier<Object>> more) {
    CommandLine program = new CommandLine(new Fusewright());
    all(more).forEach((name, command) -> add(program, name, command.get()));
    return program;
  }

  private static void add(CommandLine program, String name, Object command) {
    CommandLine added = new CommandLine(command);
    SettingsOptions.addTo(added.getCommandSpec());
    program.addSubcommand(name, added);
  }

  /** Runs a command. */
  static int execute(PrintWriter out, PrintWriter err, String... arguments) {
    return execute(all(Map.of()), out, err, arguments);
  }

  private static int execute(
      Map<String, Supplier<Object>> commands,
      PrintWriter out,
      PrintWriter err,
      String... arguments) {
    CommandLine program = new CommandLine(new Fusewright());
    if (arguments.length == 0) {
      return execute(commands, out, err, "--help");
    }
    String asked = arguments[0];
    if (commands.containsKey(asked)) {
      add(program, asked, commands.get(asked).get());
    } else {
      commands.forEach((name, command) -> add(program, name, command.get()));
    }
    if (Arrays.asList(arguments).contains("--help") || Arrays.asList(arguments).contains("-h")) {
      forTerminal(program);
    }
    return program
        .setOut(PrintableWriter.before(out))
        .setErr(PrintableWriter.before(err))
        // Colours are what is escaped everywhere else.
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
        .setParameterExceptionHandler(Fusewright::explainUsage)
        .setExecutionExceptionHandler(Fusewright::explainFailure)
        .execute(arguments);
  }

  /**
   * Help as wide as the terminal. Notes and examples are broken where it ends, and what is to be
   * copied nowhere.
   */
  private static void forTerminal(CommandLine command) {
    command.setUsageHelpWidth(100).setUsageHelpAutoWidth(true);
    boolean isNarrow = command.getUsageHelpWidth() < NARROW;
    command
        .setUsageHelpLongOptionsMaxWidth(isNarrow ? LEAST_FOR_OPTIONS : USUAL_FOR_OPTIONS)
        .getHelpSectionMap()
        .put(
            CommandLine.Model.UsageMessageSpec.SECTION_KEY_FOOTER,
            help -> {
              CommandLine.Model.UsageMessageSpec usage = help.commandSpec().usageMessage();
              return HelpNote.text(HelpNote.of(usage.footer()), usage.width());
            });
    command.getSubcommands().values().forEach(Fusewright::forTerminal);
  }

  private static int explainUsage(CommandLine.ParameterException problem, String[] arguments) {
    CommandLine command = problem.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("fusewright: " + ShellPatterns.explained(problem));
    if (problem instanceof CommandLine.UnmatchedArgumentException unmatched
        && unmatched.getUnmatched().contains("cluster")) {
      err.println(
          "`cluster` comes with fusewright in full, not with fusewright-lite or a job jar.");
      return ExitCode.USAGE;
    }
    CommandLine.UnmatchedArgumentException.printSuggestions(problem, err);
    if (problem instanceof CommandLine.MissingParameterException) {
      err.print(RunnerOptions.suggestions(command));
    }
    err.printf("See %s --help.%n", command.getCommandSpec().qualifiedName());
    return ExitCode.USAGE;
  }

  private static int explainFailure(
      Exception failure, CommandLine command, CommandLine.ParseResult arguments) {
    PrintWriter err = command.getErr();
    if (failure instanceof UsageException) {
      err.println("fusewright: " + failure.getMessage());
      return ExitCode.USAGE;
    }
    err.println("fusewright: " + failure);
    err.println("This is a defect, please report it with these lines:");
    failure.printStackTrace(err);
    return ExitCode.NOTHING;
  }

  /** Reads the version when it is asked for. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return Versions.lines().toArray(String[]::new);
    }
  }
}
