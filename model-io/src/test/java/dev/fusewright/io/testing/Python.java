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

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the scripts of {@code src/oracles}, under an interpreter that an environment variable names:
 * one process of each imports torch, and runs every script in a fork.
 */
public enum Python {
  /** torch 1.13. */
  TORCH1("FUSEWRIGHT_PYTHON_TORCH1"),
  /** torch 2, onnx, safetensors. */
  TORCH2("FUSEWRIGHT_PYTHON_TORCH2");

  private static final String SERVER = "serve.py";

  private final String variable;
  private @Nullable Server server;

  Python(String variable) {
    this.variable = variable;
  }

  /** The interpreter itself. */
  public Path executable() {
    return Path.of(interpreter());
  }

  private String interpreter() {
    String interpreter = System.getenv(variable);
    assumeTrue(
        interpreter != null && !interpreter.isEmpty(),
        variable + " is not set: see src/oracles/README.md");
    return interpreter;
  }

  /** What a script printed, as JSON; it must end well. */
  public JsonElement json(String script, Object... arguments) {
    return JsonParser.parseString(run(script, arguments));
  }

  /** What a script printed; it must end well. */
  public String run(String script, Object... arguments) {
    String interpreter = interpreter();
    List<String> command = new ArrayList<>(List.of(oracles().resolve(script).toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    try {
      Path output = Files.createTempFile("oracle-", ".out");
      Path errors = Files.createTempFile("oracle-", ".err");
      String code = serverOf(interpreter).run(command, output, errors);
      String printed = Files.readString(output);
      assertThat(code)
          .as("%s%n%s%n%s", command, printed.lines().limit(40).toList(), Files.readString(errors))
          .isEqualTo("0");
      Files.delete(output);
      Files.delete(errors);
      return printed;
    } catch (IOException | InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(command + " did not run", e);
    }
  }

  private synchronized Server serverOf(String interpreter) throws IOException {
    Server running = server;
    if (running == null) {
      running = new Server(interpreter, oracles().resolve(SERVER));
      server = running;
    }
    return running;
  }

  /** One interpreter that has imported torch, until this JVM ends: its input ends then too. */
  private static final class Server {
    private final Process process;
    private final BufferedWriter asked;
    private final BufferedReader answers;

    Server(String interpreter, Path script) throws IOException {
      this.process =
          new ProcessBuilder(interpreter, script.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      this.asked = process.outputWriter(StandardCharsets.UTF_8);
      this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** The exit code of a script. */
    synchronized String run(List<String> command, Path output, Path errors)
        throws IOException, InterruptedException, ExecutionException, TimeoutException {
      Map<String, Object> job =
          Map.of("argv", command, "out", output.toString(), "err", errors.toString());
      asked.write(new Gson().toJson(job));
      asked.newLine();
      asked.flush();
      return CompletableFuture.supplyAsync(this::answer).get(5, TimeUnit.MINUTES);
    }

    private String answer() {
      try {
        return String.valueOf(answers.readLine());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
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
