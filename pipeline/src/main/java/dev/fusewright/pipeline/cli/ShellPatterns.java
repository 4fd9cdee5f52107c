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

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/** Command lines on which a shell has put the names of files in the place of a pattern. */
final class ShellPatterns {
  private ShellPatterns() {}

  /** What is wrong with a command line. */
  static String explained(CommandLine.ParameterException problem) {
    if (problem instanceof CommandLine.UnmatchedArgumentException more
        && areFiles(more.getUnmatched())) {
      CommandLine.Model.CommandSpec command = problem.getCommandLine().getCommandSpec();
      boolean takesPattern =
          command.positionalParameters().stream().anyMatch(one -> one.paramLabel().equals("GLOB"));
      return takesPattern
          ? explained(more.getUnmatched())
          : "%s takes no more files, found %d, beginning with %s. A whole zoo is a run's: fusewright run --catalogue '*.onnx' --output fused/"
              .formatted(command.name(), more.getUnmatched().size(), more.getUnmatched().get(0));
    }
    return String.valueOf(problem.getMessage());
  }

  /**
   * Refuses arguments that nobody asked for, as those are that a shell made of a pattern.
   *
   * @param options that are left; only those that begin with a hyphen can be a runner's
   */
  static void refuseFiles(List<String> options) {
    List<String> others = options.stream().filter(option -> !option.startsWith("-")).toList();
    if (!others.isEmpty() && areFiles(others)) {
      throw new UsageException(explained(others));
    }
  }

  private static boolean areFiles(List<String> arguments) {
    return !arguments.isEmpty() && arguments.stream().allMatch(ShellPatterns::isFile);
  }

  private static boolean isFile(String argument) {
    try {
      return !argument.startsWith("-") && Files.exists(Path.of(argument));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static String explained(List<String> files) {
    return "expected one file or pattern, found %d more, beginning with %s. If the shell put file names in the place of a pattern, put the pattern in quotes: '*.onnx'"
        .formatted(files.size(), files.get(0));
  }
}
