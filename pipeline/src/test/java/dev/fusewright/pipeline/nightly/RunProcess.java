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
package dev.fusewright.pipeline.nightly;

import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.cli.Fusewright;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line in a process of its own, which can be killed. */
final class RunProcess implements AutoCloseable {
  private final Process process;
  private final Path output;

  private RunProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts {@code fusewright}.
   *
   * @param scratch folder for its temporary files
   * @param output what it prints goes there
   * @param environment beside this process's own
   */
  static RunProcess start(
      Path scratch,
      Path output,
      String heap,
      Map<String, String> environment,
      List<String> arguments)
      throws IOException {
    return start(scratch, output, List.of(), heap, environment, arguments);
  }

  /**
   * Starts {@code fusewright} by another program.
   *
   * @param launcher a command that takes another one as its last arguments, and becomes it
   */
  static RunProcess start(
      Path scratch,
      Path output,
      List<String> launcher,
      String heap,
      Map<String, String> environment,
      List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(command(scratch, heap, arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    return new RunProcess(builder.start(), output);
  }

  /** The words of a command line that starts {@code fusewright}. */
  static List<String> command(Path scratch, String heap, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.add("-Xmx" + heap);
    command.add("-XX:+ExitOnOutOfMemoryError");
    // A process of a test ends before better code would pay.
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    command.add("-Djava.io.tmpdir=" + Files.createDirectories(scratch));
    command.add("@" + ExampleModels.folder().resolveSibling("config").resolve("flink-java17.args"));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Fusewright.class.getName());
    command.addAll(arguments);
    return command;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** kill -9, and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** kill, as a person who presses Ctrl-C or a scheduler whose patience ends. */
  void end() {
    process.destroy();
  }

  int waitFor() throws InterruptedException {
    return process.waitFor();
  }

  /** What it has printed. */
  String printed() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
