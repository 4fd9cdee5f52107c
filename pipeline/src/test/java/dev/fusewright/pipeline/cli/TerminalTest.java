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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.testing.Python;
import dev.fusewright.pipeline.ExampleModels;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program in a terminal, as a process of its own. */
@UsesProcesses
@UsesPython
final class TerminalTest {
  private static final String ESC = "\u001b";

  /** What a terminal of some columns shows of a command. */
  private static String shown(int columns, List<String> environment, Object... arguments) {
    List<Object> words = new ArrayList<>(List.of("columns", columns, "env"));
    words.addAll(environment);
    words.addAll(
        List.of(
            System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Fusewright.class.getName()));
    words.addAll(List.of(arguments));
    return Python.TORCH1.run("terminal.py", words.toArray());
  }

  @Test
  void verdicts_and_errors_have_colours() {
    Object model = ExampleModels.model("mlp_bn");

    assertThat(shown(100, List.of("-u", "NO_COLOR", "TERM=xterm"), "verify", model, model))
        .contains(ESC + "[32mEQUIVALENT" + ESC + "[0m", "exit 0");
    assertThat(shown(100, List.of("-u", "NO_COLOR", "TERM=xterm"), "inspect", "none.onnx"))
        .contains(ESC + "[31mfusewright: cannot ", "exit 3");
  }

  @Test
  void a_log_for_programs_has_objects_whatever_the_command() {
    assertThat(shown(200, List.of("TERM=xterm"), "inspect", "none.onnx", "--log", "json"))
        .containsPattern("(?m)^\\{\"time\":.*\"message\":\"cannot fetch: .*none.onnx")
        .doesNotContain(ESC, "fusewright: cannot");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NO_COLOR=1", "TERM=dumb"})
  void who_wants_none_gets_none(String variable) {
    Object model = ExampleModels.model("mlp_bn");

    assertThat(shown(100, List.of("TERM=xterm", variable), "verify", model, model))
        .contains("EQUIVALENT", "exit 0")
        .doesNotContain(ESC);
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 80, 150})
  void help_is_as_wide_as_the_terminal(int columns) {
    List<String> lines = shown(columns, List.of("TERM=xterm"), "run", "--help").lines().toList();

    assertThat(lines).anyMatch(line -> line.startsWith("Usage: fusewright run"));
    assertThat(lines)
        .filteredOn(line -> !line.startsWith("  fusewright "))
        .allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(columns));
    assertThat(lines)
        .as("sentences fill the lines")
        .anyMatch(line -> line.startsWith("What an earlier") && line.length() > columns - 15);
  }
}
