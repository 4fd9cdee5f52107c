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
package dev.fusewright.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of which nothing changed comes out byte for byte. */
class OnnxRoundTripTest {
  @TempDir Path folder;

  @Test
  void our_fixtures_come_out_byte_for_byte() throws IOException {
    assertThat(Fixtures.small()).hasSize(50);
    comeOutByteForByte(Fixtures.small());
  }

  @UsesRealModels
  @Test
  void real_models_come_out_byte_for_byte() throws IOException {
    comeOutByteForByte(Fixtures.real());
  }

  @Test
  void a_graph_that_is_equal_but_rebuilt_comes_out_byte_for_byte() throws IOException {
    Path copy = folder.resolve("copy.onnx");
    for (Path file : Fixtures.small()) {
      try (OnnxCheckpoint first = OnnxReader.read(file)) {
        OnnxWriter.write(first, Rebuilt.copyOf(first.graph()), Map.of(), copy);
        assertThat(copy).as(file.toString()).hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void metadata_is_appended_and_nothing_else_changes() throws IOException {
    Path file = Fixtures.small("meta.onnx");
    Path copy = folder.resolve("copy.onnx");
    try (OnnxCheckpoint model = OnnxReader.read(file)) {
      OnnxWriter.write(model, model.graph(), Map.of("fusewright.rules", "conv-bn"), copy);
    }
    var expected = Protos.parse(file).toBuilder();
    expected.addMetadataPropsBuilder().setKey("fusewright.rules").setValue("conv-bn");
    assertThat(Protos.parse(copy)).isEqualTo(expected.build());
  }

  @Test
  void writing_the_same_metadata_again_changes_nothing() throws IOException {
    Path file = Fixtures.small("meta.onnx");
    Path once = folder.resolve("once.onnx");
    Path twice = folder.resolve("twice.onnx");
    Map<String, String> metadata = Map.of("a", "1", "b", "2");
    try (OnnxCheckpoint model = OnnxReader.read(file)) {
      OnnxWriter.write(model, model.graph(), metadata, once);
    }
    try (OnnxCheckpoint model = OnnxReader.read(once)) {
      OnnxWriter.write(model, model.graph(), metadata, twice);
    }
    assertThat(twice).hasSameBinaryContentAs(once);
  }

  private void comeOutByteForByte(List<Path> files) throws IOException {
    Path copy = folder.resolve("copy.onnx");
    for (Path file : files) {
      try (OnnxCheckpoint model = OnnxReader.read(file)) {
        WriteSummary summary = OnnxWriter.write(model, model.graph(), Map.of(), copy);
        assertThat(summary.bytes()).isEqualTo(Files.size(file));
        assertThat(summary.rewritten()).isEmpty();
      }
      assertThat(copy).as(file.toString()).hasSameBinaryContentAs(file);
    }
  }
}
