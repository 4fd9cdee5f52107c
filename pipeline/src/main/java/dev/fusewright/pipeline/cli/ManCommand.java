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

import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.pipeline.settings.NearestName;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fusewright man}. */
@Command(
    name = "man",
    description = "Prints a manual page, or writes all of them.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "  fusewright man fuse | man -l -",
      "  fusewright man -o ~/.local/share/man/man1"
    })
final class ManCommand implements Callable<Integer> {
  private static final String PROGRAM = "fusewright";

  private final Supplier<CommandLine> all;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "COMMAND",
      description = "The command whose page is printed. Default: that of the program.")
  private @Nullable String command;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Writes all pages into this folder instead; it is made if it is not there.")
  private @Nullable Path output;

  /**
   * The command.
   *
   * @param all the program with every command that it has here
   */
  ManCommand(Supplier<CommandLine> all) {
    this.all = all;
  }

  @Override
  public Integer call() {
    CommandLine program = all.get();
    Map<String, String> pages = ManPage.all(program);
    PrintWriter out = spec.commandLine().getOut();
    if (output != null) {
      return write(pages, output, out);
    }
    String page = pages.get(command == null ? PROGRAM + ".1" : PROGRAM + "-" + command + ".1");
    if (page == null) {
      List<String> known = List.copyOf(program.getSubcommands().keySet());
      throw new UsageException(
          "expected a command, found '%s'%s"
              .formatted(command, NearestName.question(String.valueOf(command), known)));
    }
    out.print(page);
    out.flush();
    return ExitCode.OK;
  }

  private int write(Map<String, String> pages, Path folder, PrintWriter out) {
    if (command != null) {
      throw new UsageException("-o writes all pages; leave %s out".formatted(command));
    }
    try {
      Files.createDirectories(folder);
      for (Map.Entry<String, String> page : pages.entrySet()) {
        Path file = folder.resolve(page.getKey());
        Files.writeString(file, page.getValue(), StandardCharsets.UTF_8);
        out.println(file);
      }
      out.flush();
      return ExitCode.OK;
    } catch (IOException e) {
      spec.commandLine()
          .getErr()
          .println("fusewright: the pages could not be written: " + StorageErrors.describe(e));
      return ExitCode.NOTHING;
    }
  }
}
