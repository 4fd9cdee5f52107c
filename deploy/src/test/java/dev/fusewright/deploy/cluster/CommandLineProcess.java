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
package dev.fusewright.deploy.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The installed program, started as a process of its own: the launcher's class path and jar. */
final class CommandLineProcess implements AutoCloseable {
  /** Arguments of a JVM that mostly starts. */
  static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private final Process process;
  private final Path out;
  private final Path err;

  private CommandLineProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** How a command ended. */
  record Ended(int code, String out, String err) {}

  /**
   * Starts a command.
   *
   * @param scratch an existing folder: the program's temporary files go there
   */
  static CommandLineProcess start(Path scratch, List<String> arguments) throws IOException {
    return start(scratch, Map.of(), arguments);
  }

  private static CommandLineProcess start(
      Path scratch, Map<String, String> environment, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(
        "@" + Path.of(System.getProperty("fusewright.home"), "src/config/flink-java17.args"));
    command.add("-Xmx512m");
    command.addAll(SHORT_LIVED);
    command.add("-Djava.io.tmpdir=" + scratch);
    command.add("-Dfusewright.job.jar=" + System.getProperty("fusewright.job"));
    command.addAll(List.of("-cp", Path.of(System.getProperty("fusewright.lib"), "*").toString()));
    command.add(dev.fusewright.deploy.Launcher.class.getName());
    command.addAll(arguments);
    Path out = Files.createTempFile("stdout", ".txt");
    Path err = Files.createTempFile("stderr", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    return new CommandLineProcess(process, out, err);
  }

  /** Runs a command to its end. */
  static Ended run(Path scratch, List<String> arguments) throws IOException {
    return run(scratch, Map.of(), arguments);
  }

  /**
   * Runs a command to its end.
   *
   * @param environment what it has beside this process's own, for itself and all that it starts
   */
  static Ended run(Path scratch, Map<String, String> environment, List<String> arguments)
      throws IOException {
    try (CommandLineProcess process = start(scratch, environment, arguments)) {
      return process.await();
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it as Ctrl-C would. */
  Ended interrupt() throws IOException {
    process.destroy();
    return await();
  }

  Ended await() throws IOException {
    try {
      int code = process.waitFor();
      return new Ended(
          code,
          Files.readString(out, StandardCharsets.UTF_8),
          Files.readString(err, StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(out);
    Files.deleteIfExists(err);
  }
}
