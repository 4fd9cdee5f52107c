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
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fusewright.core.testing.UsesProcesses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Manual pages: of every command, with every option, as groff reads them. */
@UsesProcesses
final class ManPageTest {
  private static final Path GROFF = Path.of("/usr/bin/groff");

  @TempDir Path folder;

  @Test
  void there_is_a_page_for_each_command_with_each_of_its_options() {
    CommandLine program = Fusewright.commandLine();
    Map<String, String> pages = ManPage.all(program);

    assertThat(pages).hasSize(1 + program.getSubcommands().size()).containsKey("fusewright.1");
    program
        .getSubcommands()
        .forEach(
            (name, command) -> {
              String page = pages.get("fusewright-" + name + ".1");
              assertThat(page).as(name).contains(".SH \"NAME\"\nfusewright\\-" + name + " \\- ");
              command
                  .getCommandSpec()
                  .options()
                  .forEach(
                      option ->
                          assertThat(page)
                              .as(name)
                              .contains("\\fB" + Roff.escaped(option.longestName()) + "\\fR"));
            });
  }

  @Test
  void a_text_is_no_request_and_its_hyphens_can_be_copied() {
    Roff page = new Roff();
    page.item("\\fBx\\fR", ".pth and 'this' take --eps 1e-5 \\ more");

    assertThat(page.toString())
        .isEqualTo(".TP\n\\fBx\\fR\n\\&.pth and \\(aqthis\\(aq take \\-\\-eps 1e\\-5 \\e more\n");
  }

  @Test
  void groff_reads_all_pages_without_a_warning_and_shows_what_help_says() throws Exception {
    assumeTrue(Files.isExecutable(GROFF), "needs groff");
    assertThat(Answer.of("man", "-o", folder).code()).isZero();

    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        Process groff =
            new ProcessBuilder(
                    GROFF.toString(), "-man", "-ww", "-Tutf8", "-rLL=100n", file.toString())
                .redirectErrorStream(true)
                .start();
        String shown =
            new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .replaceAll("\u001b\\[[0-9;]*m|.\b", "");
        assertThat(groff.waitFor()).as(file.toString()).isZero();
        assertThat(shown)
            .doesNotContain("warning:")
            .contains("NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "SEE ALSO", "--help");
      }
    }
  }

  @Test
  void one_page_is_printed_and_a_command_that_is_none_has_a_suggestion() throws IOException {
    assertThat(Answer.of("man", "fuse").out()).startsWith(".TH \"FUSEWRIGHT\\-FUSE\" \"1\"");
    assertThat(Answer.of("man").out()).contains(".SH \"COMMANDS\"", "\\fBverify\\fR");
    Answer none = Answer.of("man", "fusee");
    assertThat(none.code()).isEqualTo(ExitCode.USAGE);
    assertThat(none.err()).contains("Did you mean 'fuse'?");
    assertThat(List.of(none.out())).containsExactly("");
  }
}
