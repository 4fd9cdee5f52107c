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
package dev.fusewright.pipeline.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose list it is decides what becomes of a model that has none of its modules. */
final class EntryRequestsTest {
  private static final Settings NAMED =
      Settings.NONE.with(SettingFields.MODULES, "recipe:resnet18");

  @TempDir Path folder;
  private final Map<String, FilledTensor> tensors = new LinkedHashMap<>();

  @BeforeEach
  void withoutNorms() {
    tensor("fc.weight", 1, 2);
  }

  private void tensor(String name, long... dims) {
    tensors.put(name, new FilledTensor(ElementType.FLOAT, Shape.of(dims), 1));
  }

  private FuseRequest request(Settings own, Settings run) {
    Location source = Location.of(folder.resolve("plain.safetensors"));
    CatalogueEntry entry = CatalogueEntry.of("plain", source, null);
    return EntryRequests.of(
        new CatalogueEntry("plain", source, entry.output(), null, null, null, null, own, null),
        null,
        run,
        Location.of(folder.resolve("out")),
        OutputConflicts.NONE,
        null);
  }

  private FusionReport fused(Settings own, Settings run) throws IOException {
    new SafetensorsFormat()
        .write(StateDict.ofTensors(tensors), Map.of(), folder.resolve("plain.safetensors"));
    return new FuseModel(
            Stores.of(StorageConfiguration.defaults()),
            NoVerifier.INSTANCE,
            Files.createTempDirectory(folder, "scratch"))
        .fuse(request(own, run));
  }

  @Test
  void a_list_of_the_run_leaves_a_state_dict_without_batch_norms_as_it_is() throws IOException {
    FusionReport report = fused(Settings.NONE, NAMED);

    assertThat(report.getOutcome()).as("%s", report).isEqualTo(Outcome.NOTHING_TO_FUSE);
    assertThat(report.getRefusals()).isEmpty();
    assertThat(folder.resolve("out/plain.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("plain.safetensors"));
  }

  @Test
  void a_list_of_the_entrys_own_means_its_file_and_fails() throws IOException {
    assertThat(fused(NAMED, Settings.NONE).getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(fused(NAMED, NAMED).getOutcome()).isEqualTo(Outcome.FAILED);
  }

  @Test
  void a_list_of_the_run_that_does_not_fit_a_model_with_batch_norms_fails() throws IOException {
    tensor("odd.weight", 2, 2, 1, 1);
    tensor("norm.weight", 2);
    tensor("norm.bias", 2);
    tensor("norm.running_mean", 2);
    tensor("norm.running_var", 2);

    assertThat(fused(Settings.NONE, NAMED).getOutcome()).isEqualTo(Outcome.FAILED);
  }

  @Test
  void a_model_is_done_again_when_the_list_of_its_run_becomes_its_own() {
    String ofRun = request(Settings.NONE, NAMED).digest();

    assertThat(request(NAMED, Settings.NONE).digest()).isNotEqualTo(ofRun);
    assertThat(request(NAMED, NAMED).digest()).isNotEqualTo(ofRun);
    assertThat(request(Settings.NONE, NAMED).digest()).isEqualTo(ofRun);
  }

  @Test
  void a_setting_that_is_no_list_decides_the_same_whoever_has_it() {
    Settings torch = Settings.NONE.with(SettingFields.RULES, "torch");

    assertThat(request(torch, Settings.NONE).digest())
        .isEqualTo(request(Settings.NONE, torch).digest());
  }
}
