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
package dev.fusewright.deploy.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.deploy.support.Project;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The launcher for Windows, as far as it can be read: cmd.exe is not to be had where it is tested.
 */
class BatchFileTest {
  private static final String BATCH =
      Project.text(Project.DEPLOY.resolve("distribution/fusewright.bat"));
  private static final String SHELL = Project.text(Project.HOME.resolve("fusewright"));
  private static final List<String> LINES = BATCH.lines().toList();

  @Test
  void its_lines_end_as_cmd_wants_them_and_are_ascii() {
    assertThat(BATCH.replace("\r\n", "")).doesNotContain("\r", "\n");
    assertThat(BATCH.chars()).allMatch(c -> c < 128);
    assertThat(BATCH).endsWith("\r\n");
  }

  @Test
  void what_may_hold_a_blank_is_quoted() {
    assertThat(LINES)
        .filteredOn(line -> line.matches("\\s*set .*"))
        .isNotEmpty()
        .allMatch(line -> line.matches("\\s*set \"\\w+=.*\""));
    assertThat(LINES)
        .filteredOn(line -> !line.matches("\\s*(echo|rem|set) .*"))
        .as("folders stand within quotes")
        .allSatisfy(
            line -> {
              for (String folder : List.of("%FW_LIB%", "%FW_HOME%", "%FW_JAVA%", "%FW_RELEASE%")) {
                String plain = line.replaceAll("\"[^\"]*\"", "");
                assertThat(plain.replaceAll("'.*?'", "")).doesNotContain(folder);
              }
            });
  }

  @Test
  void a_message_within_a_block_closes_no_block() {
    int depth = 0;
    for (String line : LINES) {
      if (depth > 0 && line.strip().startsWith("echo")) {
        assertThat(line).doesNotContain("(", ")").endsWith("1>&2");
      }
      if (line.endsWith("(")) {
        depth++;
      } else if (line.strip().equals(")")) {
        depth--;
      }
    }
    assertThat(depth).isZero();
  }

  @Test
  void it_ends_with_the_code_of_the_program() {
    assertThat(LINES)
        .filteredOn(line -> line.startsWith("\"%FW_JAVA%\" \"@"))
        .hasSize(2)
        .allMatch(line -> line.endsWith(" %FW_MAIN% %*"));
    assertThat(BATCH.split("%FW_MAIN% %\\*\r\nexit /b %ERRORLEVEL%", -1)).hasSize(3);
  }

  @Test
  void every_label_that_is_gone_to_is_there() {
    Pattern.compile("goto (\\w+)")
        .matcher(BATCH)
        .results()
        .forEach(jump -> assertThat(LINES).contains(":" + jump.group(1)));
  }

  @Test
  void classes_and_options_of_the_virtual_machine_are_those_of_the_other_launcher() {
    for (String common :
        List.of(
            "dev.fusewright.deploy.Launcher",
            "dev.fusewright.pipeline.cli.Fusewright",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xlog:disable",
            "-Xlog:all=warning:stderr",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Dfusewright.job.jar=",
            "FUSEWRIGHT_JAVA_OPTS",
            "flink-java17.args")) {
      assertThat(BATCH).contains(common);
      assertThat(SHELL).contains(common);
    }
  }
}
