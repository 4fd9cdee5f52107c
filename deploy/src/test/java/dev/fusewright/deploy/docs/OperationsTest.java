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
package dev.fusewright.deploy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.deploy.kubernetes.RunManifest;
import dev.fusewright.deploy.support.FlinkSettings;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.pipeline.flink.FlinkDefaults;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.BatchExecutionOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.junit.jupiter.api.Test;

/** What the guide says in figures and settings is what the files say. */
class OperationsTest {
  private static final Path GUIDE = Project.HOME.resolve("src/docs/operations");

  /** Off-heap memory, the TaskManager's, and the manifests that have it so. */
  private static final Pattern SIZED =
      Pattern.compile(
          "\\|[^|]+\\| (\\d+) GiB \\| (\\d+) GiB \\| [^|]+\\| `deploy/kubernetes/([a-z/]+)` \\|");

  private static final Pattern SETTING = Pattern.compile("-D([a-z.-]+)=(\\S+)");

  @Test
  void the_table_of_sizes_is_that_of_the_manifests() {
    List<Matcher> rows =
        Project.lines(GUIDE.resolve("README.md")).stream()
            .map(SIZED::matcher)
            .filter(Matcher::matches)
            .toList();

    assertThat(rows)
        .hasSize(2)
        .allSatisfy(
            row -> {
              JsonNode deployment = RunManifest.of(row.group(3)).deployment();
              FlinkSettings settings = FlinkSettings.of(deployment);
              assertThat(settings.configuration().get(TaskManagerOptions.NUM_TASK_SLOTS))
                  .isEqualTo(2);
              assertThat(settings.taskManager().getTaskOffHeapSize())
                  .isEqualTo(gibibytes(row.group(1)));
              assertThat(settings.taskManager().getTotalProcessMemorySize())
                  .isEqualTo(gibibytes(row.group(2)));
            });
  }

  @Test
  void flink_takes_the_settings_for_yarn_and_their_memory_adds_up() {
    String page = Project.text(GUIDE.resolve("elsewhere.md"));
    Map<String, String> entries = new LinkedHashMap<>();
    SETTING
        .matcher(page.substring(page.indexOf("flink run-application")))
        .results()
        .forEach(setting -> entries.put(setting.group(1), setting.group(2)));
    FlinkSettings settings = FlinkSettings.of(entries);

    assertThat(settings.faults()).isEmpty();
    assertThat(settings.taskManager().getTaskOffHeapSize()).isEqualTo(gibibytes("3"));
    assertThat(settings.jobManager().getTotalProcessMemorySize())
        .isEqualTo(MemorySize.ofMebiBytes(1536));
    // Without it a run has one slot, whatever its parallelism.
    assertThat(entries)
        .containsEntry(BatchExecutionOptions.ADAPTIVE_AUTO_PARALLELISM_ENABLED.key(), "false");
    assertThat(FlinkDefaults.forCluster())
        .contains(BatchExecutionOptions.ADAPTIVE_AUTO_PARALLELISM_ENABLED.key() + ": false");
  }

  @Test
  void the_runbook_has_ten_failures_and_each_says_what_to_do() {
    String[] failures = Project.text(GUIDE.resolve("runbook.md")).split("\n## ", -1);

    assertThat(failures).hasSize(11);
    assertThat(List.of(failures).subList(1, 11))
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .contains("**Symptom.**")
                    .contains("**Cause")
                    .containsAnyOf("**Do.**", "what to do**"));
  }

  private static MemorySize gibibytes(String count) {
    return MemorySize.ofMebiBytes(Long.parseLong(count) * 1024);
  }
}
