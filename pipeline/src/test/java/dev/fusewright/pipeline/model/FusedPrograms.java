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
package dev.fusewright.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ExportedPrograms;
import dev.fusewright.io.testing.Python;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Golden archives of PyTorch's programs, fused and proven, and what real PyTorch makes of them. */
final class FusedPrograms implements AutoCloseable {
  private final RuntimeVerifier proof = RuntimeVerifier.onAllProcessors();

  FusionReport fuse(Path folder, Path source, Path target, FuseSettings settings)
      throws IOException {
    return job(folder)
        .fuse(
            FuseRequest.of(
                Location.of(source), Location.of(target), FuseRequest.Placement.BESIDE, settings));
  }

  FusionReport inspect(Path folder, Path source) throws IOException {
    return job(folder)
        .inspect(
            FuseRequest.of(
                Location.of(source), null, FuseRequest.Placement.BESIDE, FuseSettings.defaults()));
  }

  private FuseModel job(Path folder) throws IOException {
    return new FuseModel(
        Stores.of(StorageConfiguration.defaults()),
        proof,
        Files.createTempDirectory(folder, "scratch"));
  }

  static FuseSettings torch() {
    return FuseSettings.defaults().with(SettingFields.RULES, "torch");
  }

  /**
   * Checks what was folded and what was refused.
   *
   * @param refused reasons, between blanks
   */
  static void assertSites(FusionReport report, int sites, String refused) {
    assertThat(report.getError()).isNull();
    assertThat(report.getFusions())
        .filteredOn(fusion -> fusion.getRule().endsWith("batch-norm"))
        .hasSize(sites);
    assertThat(report.getRefusals())
        .extracting(refusal -> String.valueOf(refusal.getReason()))
        .filteredOn(reason -> !reason.equals("NOT_FUSABLE_SEQUENCE"))
        .containsExactlyInAnyOrder(refused.isEmpty() ? new String[0] : refused.split(" "));
  }

  /** Copies what real PyTorch is asked to hold a result against. */
  static void copyExpectations(String stem, Path folder) throws IOException {
    ExportedPrograms.copy(stem + ".x.npy", folder);
    ExportedPrograms.copy(stem + ".y.npy", folder);
    if (List.of("conv1d", "conv3d", "mlp").contains(stem)) {
      ExportedPrograms.copy(stem + ".fused.npz", folder);
    }
  }

  /**
   * Checks that real PyTorch loads, runs and saves the archives of a folder, and finds in them the
   * bits of {@code fuse_modules}.
   *
   * @return what it found, by the names of files
   */
  static JsonObject assertGoodForTorch(String script, Path folder, int archives)
      throws IOException {
    JsonObject found = Python.TORCH2.json(script, folder).getAsJsonObject();
    assertThat(found.keySet()).hasSize(archives);
    for (Map.Entry<String, JsonElement> entry : found.entrySet()) {
      JsonObject facts = entry.getValue().getAsJsonObject();
      assertThat(facts.get("difference").getAsDouble()).as(entry.getKey()).isLessThan(1e-5);
      assertThat(facts.get("resaved").getAsBoolean()).as(entry.getKey()).isTrue();
      assertThat(facts.get("different").getAsJsonArray()).as(entry.getKey()).isEmpty();
      JsonArray fused = facts.get("fused").getAsJsonArray();
      if (!fused.isEmpty()) {
        assertThat(facts.get("keys")).isEqualTo(fused);
        assertThat(facts.get("norms").getAsInt()).isZero();
      }
    }
    return found;
  }

  /** BatchNorms that are left in an archive. */
  static int norms(JsonObject found, String name) {
    return found.get(name).getAsJsonObject().get("norms").getAsInt();
  }

  @Override
  public void close() {
    proof.close();
  }
}
