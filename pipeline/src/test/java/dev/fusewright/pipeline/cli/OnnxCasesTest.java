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

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Graphs of the kinds that public bug reports of this field are about ({@code index.tsv} beside
 * them names the reports): each is fused as far as is sound, nothing is dropped, and the verdict
 * says what was judged.
 *
 * <p>A model level is {@code EQUIVALENT}, or the reason why it was not judged.
 */
@UsesProcesses
final class OnnxCasesTest {
  private static final Path CASES = cases();

  @TempDir Path folder;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "c02_name_collision,           4, EQUIVALENT",
    "c06_dead_and_constants,       3, EQUIVALENT",
    "c08_opset1,                   1, EQUIVALENT",
    "c17_nhwc_mul_add,             2, EQUIVALENT",
    "c19_useless_reshape,          1, EQUIVALENT",
    "c36_matmul_reshape_transpose, 2, EQUIVALENT",
    "c44_functions,                4, EQUIVALENT",
    "c45_trt_plugin,               1, NO_KERNEL",
    "c53_no_inputs,                1, EQUIVALENT",
    "c57_shapeless,                2, EQUIVALENT",
    "c64_string_input, 1, OUTPUT_TYPE",
    "c68_frozen_bn_unfolded,       2, EQUIVALENT",
    "c70_broadcast_const_uniform, 2, EQUIVALENT",
    "c71_view_bn1d,                1, EQUIVALENT",
    "c74_conv1d_unsq,              1, EQUIVALENT",
    "c88_weight_norm_pow,          1, EQUIVALENT",
    "c91_unsorted,                 1, EQUIVALENT",
    "c99_dropout_gemm_bn, 2, EQUIVALENT",
    "cA7_matmul_mul_bn, 4, EQUIVALENT"
  })
  void what_is_sound_is_folded_and_proven_and_nothing_is_dropped(
      String name, int folds, String model) throws IOException {
    Path fused = folder.resolve(name + ".onnx");
    Answer answer = Answer.of("fuse", CASES.resolve(name + ".onnx"), "-o", fused, "--json");

    assertThat(answer.code()).as("%s%s", answer.out(), answer.err()).isZero();
    JsonNode report = answer.json();
    assertThat(report.at("/outcome").asText()).as("%s", report).isEqualTo("FUSED");
    assertThat(report.at("/dropped")).as("%s", report.at("/dropped")).isEmpty();
    assertThat(folded(report)).as("%s", report.at("/fusions")).hasSize(folds);
    assertThat(report.at("/equivalence/verdict").asText()).isEqualTo("EQUIVALENT");
    for (String level : List.of("certificate", "site")) {
      assertThat(report.at("/equivalence/levels/" + level + "/verdict").asText())
          .as(level)
          .isEqualTo("EQUIVALENT");
    }
    JsonNode whole = report.at("/equivalence/levels/model");
    JsonNode doubt = whole.at("/doubt");
    assertThat(doubt.isNull() ? whole.at("/verdict").asText() : doubt.asText())
        .as("%s", whole)
        .isEqualTo(model);
    try (GraphCheckpoint written = Formats.openGraph(fused)) {
      assertThat(written.graph().graph().nodes()).isNotEmpty();
    }
  }

  /** Every case of the folder is in the table above. */
  @Test
  void no_case_is_left_out() throws Exception {
    CsvSource table =
        OnnxCasesTest.class
            .getDeclaredMethod(
                "what_is_sound_is_folded_and_proven_and_nothing_is_dropped",
                String.class,
                int.class,
                String.class)
            .getAnnotation(CsvSource.class);
    List<String> named = Stream.of(table.value()).map(row -> row.split(",")[0].trim()).toList();
    try (Stream<Path> files = Files.list(CASES)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(file -> file.endsWith(".onnx"))
          .containsExactlyInAnyOrderElementsOf(
              named.stream().map(case_ -> case_ + ".onnx").toList());
    }
  }

  private static List<JsonNode> folded(JsonNode report) {
    List<JsonNode> folded = new ArrayList<>();
    for (JsonNode fusion : report.at("/fusions")) {
      if (!"unchanged".equals(fusion.at("/result").asText())) {
        folded.add(fusion);
      }
    }
    return folded;
  }

  private static Path cases() {
    try {
      return Path.of(
          Objects.requireNonNull(OnnxCasesTest.class.getResource("/cases/onnx")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
