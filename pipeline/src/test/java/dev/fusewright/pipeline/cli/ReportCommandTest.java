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

import dev.fusewright.pipeline.audit.ExampleRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code report} of runs of which only the reports are there. */
class ReportCommandTest {
  @TempDir private Path folder;
  private Path reports;
  private Path audit;

  @BeforeEach
  void runs() throws IOException {
    reports = folder.resolve("reports");
    audit = folder.resolve("audit");
    ExampleRun.complete(
        ExampleRun.write(reports, "monday", List.of(ExampleRun.fused("a"))), "/zoo", 0);
    ExampleRun.complete(
        ExampleRun.write(reports, "tuesday", List.of(ExampleRun.rejected("a", "it moved"))),
        "/zoo",
        24);
    Files.writeString(reports.resolve("latest.json"), "{\"run_id\": \"tuesday\"}");
  }

  @Test
  void the_newest_run_is_taken_and_its_page_is_named() {
    Answer answer = report();

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out().strip()).isEqualTo(audit.resolve("tuesday.html").toString());
    assertThat(audit.resolve("tuesday.files/rows.js")).exists();
  }

  @Test
  void a_page_that_holds_everything_has_no_folder_beside_it() {
    assertThat(report("--run", "monday", "--self-contained").code()).isZero();

    assertThat(audit.resolve("monday.html")).exists();
    assertThat(audit.resolve("monday.files")).doesNotExist();
  }

  @Test
  void two_runs_are_compared_in_the_order_in_which_they_are_named() throws IOException {
    assertThat(report("--compare", "tuesday", "monday").code()).isZero();

    assertThat(Files.readString(audit.resolve("monday.html")))
        .contains("Compared with the run tuesday, as was asked for.", "no longer failing");
  }

  @Test
  void tables_are_written_instead_of_the_page() {
    Answer answer = report("--format", "json");

    assertThat(answer.out())
        .contains("tuesday.models.jsonl", "tuesday.sites.jsonl", "tuesday.refusals.jsonl");
    assertThat(audit.resolve("tuesday.html")).doesNotExist();
  }

  @Test
  void options_that_do_not_go_together_are_refused_in_words() {
    for (List<String> options :
        List.of(
            List.of("--compare", "monday", "tuesday", "--run", "monday"),
            List.of("--compare", "monday", "tuesday", "--format", "csv"),
            List.of("--self-contained", "--format", "csv"),
            List.of("--compare", "../x", "tuesday"))) {
      Answer answer = report(options.toArray(String[]::new));

      assertThat(answer.code()).as("%s", options).isEqualTo(ExitCode.USAGE);
      assertThat(answer.err()).as("%s", options).isNotBlank();
    }
    assertThat(audit).doesNotExist();
  }

  @Test
  void a_run_that_is_not_there_is_named() {
    Answer answer = report("--compare", "mondey", "tuesday");

    assertThat(answer.code()).isEqualTo(ExitCode.NOTHING);
    assertThat(answer.err())
        .contains("run=mondey: expected a run, found none. Did you mean 'monday'?");
    assertThat(report("--run", "xyz").err())
        .contains("run=xyz: expected a run, found none")
        .doesNotContain("Did you mean");
  }

  private Answer report(String... options) {
    Object[] arguments = new Object[4 + options.length];
    arguments[0] = "report";
    arguments[1] = reports;
    arguments[2] = "-o";
    arguments[3] = audit;
    System.arraycopy(options, 0, arguments, 4, options.length);
    return Answer.of(arguments);
  }
}
