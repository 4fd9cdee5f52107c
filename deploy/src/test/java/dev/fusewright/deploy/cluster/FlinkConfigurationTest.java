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

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.deploy.support.FlinkSettings;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.deploy.support.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code fusewright cluster start} configures. */
final class FlinkConfigurationTest {
  private static final Pattern BLOCK =
      Pattern.compile("```\\n(classloader\\.[^`]*)```", Pattern.DOTALL);

  private static Map<String, String> local(Map<String, String> own) {
    return entries(
        FlinkConfiguration.local(8081, 6123, 3, Path.of("/a folder/it's tmp"), own).yaml());
  }

  private static Map<String, String> entries(String yaml) {
    Map<String, String> entries = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : Yaml.document(yaml).properties()) {
      entries.put(entry.getKey(), entry.getValue().asText());
    }
    return entries;
  }

  @Test
  void flink_knows_every_setting_and_their_memory_adds_up() {
    FlinkSettings flink = FlinkSettings.of(local(Map.of()));

    assertThat(flink.faults()).isEmpty();
    assertThat(flink.jobManager()).isNotNull();
    TaskExecutorProcessSpec taskManager = flink.taskManager();
    assertThat(taskManager.getTaskOffHeapSize().getMebiBytes())
        .as("for the child processes, 130 MB + 3 × the model")
        .isGreaterThan(130);
  }

  @Test
  void it_has_what_the_guide_says_of_a_session_cluster() {
    Matcher block = BLOCK.matcher(Project.text(Project.HOME.resolve("src/docs/clusters.md")));
    assertThat(block.find()).isTrue();

    assertThat(local(Map.of())).containsAllEntriesOf(entries(block.group(1)));
  }

  @Test
  void nothing_listens_beyond_the_loopback_interface() {
    assertThat(local(Map.of()))
        .containsEntry("jobmanager.bind-host", "127.0.0.1")
        .containsEntry("rest.bind-address", "127.0.0.1")
        .containsEntry("taskmanager.bind-host", "127.0.0.1")
        .containsEntry("io.tmp.dirs", "/a folder/it's tmp");
  }

  @Test
  void what_the_user_sets_counts_more_than_ours_and_than_what_every_run_needs() {
    String slots = TaskManagerOptions.NUM_TASK_SLOTS.key();
    String restart = "restart-strategy.type";
    assertThat(local(Map.of()))
        .containsEntry(slots, "1")
        .containsEntry(restart, "exponential-delay");

    assertThat(local(Map.of(slots, "4", restart, "none")))
        .containsEntry(slots, "4")
        .containsEntry(restart, "none");
  }

  @Test
  void an_entry_is_read_back_as_it_was_given(@TempDir Path folder) throws IOException {
    String given = "-Dname='a b' -Xmx1g";
    String yaml =
        FlinkConfiguration.local(1, 2, 3, folder, Map.of("env.java.opts.taskmanager", given))
            .yaml();
    Path file = Files.writeString(folder.resolve("config.yaml"), yaml);

    assertThat(FlinkConfiguration.read(file, CoreOptions.FLINK_TM_JVM_OPTIONS)).isEqualTo(given);
    assertThat(FlinkConfiguration.read(file, CoreOptions.FLINK_JM_JVM_OPTIONS)).isEmpty();
  }
}
