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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogueNeighboursTest {
  private static final Location OUTPUT = Location.of("s3a://fused/");

  @TempDir Path folder;

  @Test
  void models_from_other_folders_in_one_output_folder_are_strangers() throws Exception {
    Path catalogue = folder.resolve("zoo.jsonl");
    Files.writeString(
        catalogue,
        """
        {"id": "vision", "uri": "s3a://zoo/vision/model.onnx"}
        {"id": "speech", "uri": "s3a://zoo/speech/model.onnx"}
        {"id": "alone/speech", "uri": "s3a://zoo/speech/model.onnx"}
        {"id": "pair/encoder", "uri": "s3a://zoo/pair/encoder.onnx"}
        {"id": "pair/decoder", "uri": "s3a://zoo/pair/decoder.onnx"}
        """);
    Store store = Stores.of(StorageConfiguration.defaults());
    PreparedCatalogue prepared =
        CataloguePreparation.prepare(
            store, Location.of(catalogue), OUTPUT, folder.resolve("prepared.jsonl"));
    CatalogueConflicts neighbours =
        new CatalogueConflicts(store, prepared, OUTPUT, OUTPUT.resolve("reports"));

    Location vision = Location.of("s3a://zoo/vision");
    Location speech = Location.of("s3a://zoo/speech");
    assertThat(neighbours.mayOccur(vision, OUTPUT)).isTrue();
    assertThat(neighbours.mayOccur(speech, OUTPUT)).isTrue();
    assertThat(neighbours.mayOccur(speech, OUTPUT.resolve("alone"))).isFalse();
    assertThat(neighbours.mayOccur(Location.of("s3a://zoo/pair"), OUTPUT.resolve("pair")))
        .isFalse();
    assertThat(neighbours.mayOccur(speech, OUTPUT.resolve("pair"))).isTrue();
    assertThat(neighbours.mayOccur(speech, OUTPUT.resolve("elsewhere"))).isFalse();
    assertThat(neighbours.mayOccur(speech, OUTPUT.resolve("reports/run=1"))).isTrue();
    assertThat(neighbours.isTaken(OUTPUT.resolve("pair/encoder.onnx"))).isTrue();
    assertThat(neighbours.isTaken(OUTPUT.resolve("pair/encoder.onnx.data"))).isFalse();
  }
}
