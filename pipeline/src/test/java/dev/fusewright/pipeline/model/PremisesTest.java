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

import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a model rests on what its file leaves open. */
final class PremisesTest {
  private static final String MODEL =
      """
      <ir_version: 10, opset_import: ["" : %d, "own" : 1]>
      g (float[2] x) => (float[2] y) { y = own.F(x) }
      <domain: "own", opset_import: ["" : %d]>
      F (a) => (b) { b = Relu(a) }
      """;

  @TempDir Path folder;

  private List<Assumption> premises(long opset, long ofFunction) throws IOException {
    Path file = Files.writeString(folder.resolve("m.onnxtxt"), MODEL.formatted(opset, ofFunction));
    try (GraphCheckpoint model = Formats.openGraph(file)) {
      return Premises.of(model);
    }
  }

  @Test
  void operators_of_a_set_to_come_are_taken_as_those_that_are_known() throws IOException {
    assertThat(premises(29, 17))
        .singleElement()
        .extracting(Assumption::what)
        .isEqualTo(
            "operators of opset 29 mean what they mean in opset 28, the newest that is known here");
    assertThat(premises(17, 1L << 62)).hasSize(1);
  }

  @Test
  void operators_of_a_known_set_need_no_premise() throws IOException {
    assertThat(premises(28, 28)).isEmpty();
  }
}
