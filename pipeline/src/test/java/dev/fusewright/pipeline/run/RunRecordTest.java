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
package dev.fusewright.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputPolicy;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunRecordTest {
  @TempDir Path root;
  private final Store store = Stores.of(StorageConfiguration.defaults());
  private RunFolder folder;

  @BeforeEach
  void a_run() {
    folder = RunFolder.of(Location.of(root), "a-run");
  }

  private Settings written(Settings settings) throws IOException {
    PreparedCatalogue catalogue = new PreparedCatalogue(folder.catalogue(), 3, 0, 0);
    Location output = Location.of("/out");
    new RunRecord(
            "a-run",
            Instant.EPOCH,
            Location.of("/zoo"),
            catalogue,
            catalogue,
            output,
            settings,
            /* receipts= */ null)
        .write(store, folder, Map.of());
    return RunRecord.read(store, folder).orElseThrow().settings();
  }

  @Test
  void what_was_said_is_written_down_and_nothing_else() throws IOException {
    assertThat(written(Settings.NONE)).isEqualTo(Settings.NONE);
    assertThat(folder.record().localPath()).content().contains("\"settings\" : { }");
    Settings said = Settings.NONE.with(SettingFields.RULES, "inference");
    assertThat(written(said)).isEqualTo(said);
  }

  @Test
  void what_carries_the_run_is_named_with_java_and_read_past() throws IOException {
    PreparedCatalogue catalogue = new PreparedCatalogue(folder.catalogue(), 3, 0, 0);
    new RunRecord(
            "a-run",
            Instant.EPOCH,
            Location.of("/zoo"),
            catalogue,
            catalogue,
            Location.of("/out"),
            Settings.NONE,
            /* receipts= */ null)
        .write(store, folder, Map.of("flink", "1.19.3", "beam", "2.70.0"));

    assertThat(folder.record().localPath())
        .content()
        .containsPattern(
            "\"versions\" : \\{\\s+\"java\" : \"[^\"]+\",\\s+\"beam\" : \"2.70.0\",\\s+\"flink\" : \"1.19.3\"");
    assertThat(RunRecord.read(store, folder)).isPresent();
  }

  @Test
  void a_record_of_before_says_what_it_said_then() throws IOException {
    Settings read =
        former(
            """
            {"mode": "eval", "rules": "inference", "inputs": "freeze", "verify": "site", "samples": null, "seed": 4,
             "tolerance": null, "no_copy": true, "accept_inconclusive": false, "modules": "[[\\"a\\", \\"b\\"]]",
             "qat_prepare": null, "fusers": [], "graph": "/a.onnx", "eps": 1.0E-5}
            """);
    FuseSettings settings = FuseSettings.resolve(read);
    assertThat(settings.rules()).isEmpty();
    assertThat(settings)
        .isEqualTo(
            FuseSettings.resolve(
                Settings.NONE
                    .with(SettingFields.INPUT_POLICY, InputPolicy.FREEZE)
                    .with(SettingFields.VERIFY_LEVEL, VerifyLevel.SITE)
                    .with(SettingFields.SEED, 4L)
                    .with(SettingFields.NO_COPY, FuseSettings.Unfused.OMIT)
                    .with(SettingFields.MODULES, "[[\"a\",\"b\"]]")
                    .with(SettingFields.GRAPH, Location.of("/a.onnx"))
                    .with(SettingFields.EPS, Map.of("*", 1e-5))));
  }

  private Settings former(String settings) throws IOException {
    Path file = folder.record().localPath();
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        {"run_id": "a-run", "started": "2026-11-22T00:00:00Z", "converter_version": "0.1.0", "catalogue": "/zoo",
         "entries": 3, "sized_entries": 0, "bytes": 0, "left_entries": 3, "left_sized_entries": 0, "left_bytes": 0,
         "output": "/out", "settings": %s}
        """
            .formatted(settings));
    return RunRecord.read(store, folder).orElseThrow().settings();
  }

  @Test
  void a_setting_that_nobody_knows_is_not_passed_by() throws IOException {
    written(Settings.NONE.with(SettingFields.SEED, 4L));
    Path file = folder.record().localPath();
    Files.writeString(
        file, Files.readString(file).replace("\"seed\"", "\"sowing\""), StandardCharsets.UTF_8);
    assertThatThrownBy(() -> RunRecord.read(store, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "run.json: expected the record of a run, found another object: unknown field 'sowing';"
                + " the settings of a run have");
  }
}
