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
package dev.fusewright.deploy.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A program from outside Java that judges our files. */
public final class ExternalTool {
  /** What {@code src/linters/setup} prints. */
  private static final String LINTERS = "FUSEWRIGHT_LINTERS";

  private final Path program;

  private ExternalTool(Path program) {
    this.program = program;
  }

  /**
   * A linter that {@code src/linters/setup} has installed. Where the environment does not name
   * them, the test is skipped; where it names a folder that has no such program, it fails.
   */
  public static ExternalTool linter(String name) {
    String folder = System.getenv(LINTERS);
    Assumptions.assumeTrue(
        folder != null, LINTERS + " is not set: src/linters/setup installs " + name);
    Path program = Path.of(folder).resolve(name);
    if (!Files.isExecutable(program)) {
      throw new AssertionError("%s is set, and %s is no program".formatted(LINTERS, program));
    }
    return new ExternalTool(program);
  }

  /** A program on PATH, where there is one. */
  public static Optional<ExternalTool> onPath(String name) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(folder -> Path.of(folder).resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(ExternalTool::new);
  }

  /**
   * What a program answered.
   *
   * @param out standard output and standard error, as they came
   */
  public record Answer(int code, String out) {}

  /** Runs it in a folder and waits for its end. */
  public Answer run(Path folder, List<String> arguments) {
    return run(folder, Map.of(), arguments);
  }

  /** Runs it in a folder, with more in its environment, and waits for its end. */
  public Answer run(Path folder, Map<String, String> environment, List<String> arguments) {
    return run(folder, environment, arguments, Path.of("/dev/null"));
  }

  /** Runs it in a folder, with a file as its standard input, and waits for its end. */
  public Answer run(
      Path folder, Map<String, String> environment, List<String> arguments, Path input) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(input.toFile())
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      try {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
          throw new AssertionError(program + " does not end");
        }
        return new Answer(process.exitValue(), out);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public String toString() {
    return program.toString();
  }
}
