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
package dev.fusewright.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.deploy.support.Project;
import dev.fusewright.pipeline.cli.FusewrightJob;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What the JobManager logs is what the launcher looks for. */
@Isolated("reads System.out")
class EntryClassTest {
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void the_log_is_read() {
    System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void the_log_is_not_read_any_more() {
    System.setOut(out);
    System.setErr(err);
  }

  @Test
  void the_manifest_names_the_class_that_flink_calls() {
    assertThat(RunManifest.of("base").deployment().at("/spec/job/entryClass").asText())
        .isEqualTo(FusewrightJob.class.getName());
  }

  @Test
  void it_logs_its_exit_code_as_the_launcher_reads_it() {
    FusewrightJob.main(new String[] {"rules"});

    assertThat(log.toString(StandardCharsets.UTF_8))
        .endsWith("fusewright: ended with exit code 0\n");
    assertThat(Project.text(Project.DEPLOY.resolve("kubernetes/base/launch")))
        .contains("fusewright: ended with exit code ([0-9]+)");
  }

  @Test
  void it_logs_the_code_of_a_failure_too() {
    assertThatThrownBy(() -> FusewrightJob.main(new String[] {"run", "--catalog=x"}))
        .isInstanceOf(IllegalStateException.class);

    assertThat(log.toString(StandardCharsets.UTF_8)).contains("fusewright: ended with exit code 1");
  }
}
