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
package dev.fusewright.io.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the scripts of {@code src/oracles}, under an interpreter that an environment variable names.
 */
public enum Python {
  /** torch 1.13. */
  TORCH1("FUSEWRIGHT_PYTHON_TORCH1"),
  /** torch 2, onnx, safetensors. */
  TORCH2("FUSEWRIGHT_PYTHON_TORCH2");

  private final String variable;

  Python(String variable) {
    this.variable = variable;
  }

  /** What a script printed, as JSON; it must end well. */
  public JsonElement json(String script, Object... arguments) {
    return JsonParser.parseString(run(script, arguments));
  }

  /** What a script printed; it must end well. */
  public String run(String script, Object... arguments) {
    String interpreter = System.getenv(variable);
    assumeTrue(
        interpreter != null && !interpreter.isEmpty(),
        variable + " is not set: see src/oracles/README.md");
    List<String> command =
        new ArrayList<>(List.of(interpreter, oracles().resolve(script).toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    try {
      Path output = Files.createTempFile("oracle-", ".out");
      Path errors = Files.createTempFile("oracle-", ".err");
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("%s ends", command).isTrue();
      String printed = Files.readString(output);
      assertThat(process.exitValue())
          .as("%s%n%s%n%s", command, printed.lines().limit(40).toList(), Files.readString(errors))
          .isZero();
      Files.delete(output);
      Files.delete(errors);
      return printed;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(command + " did not run", e);
    }
  }

  /** The scripts, looked for upwards from where the tests run. */
  private static Path oracles() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("src/oracles"))) {
      folder = folder.getParent();
    }
    assertThat(folder).as("the folder with src/oracles above the tests").isNotNull();
    return folder.resolve("src/oracles");
  }
}
