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
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folds whose conditions lie outside the site, from the file to the file: fused, equivalent at
 * every level, and proven anew from the report.
 */
@UsesProcesses
final class FusedAtEveryLevelTest {
  private static final List<String> LEVELS = List.of("certificate", "site", "model");

  @TempDir Path folder;

  /** The rules of the fusions that changed something. */
  private List<String> fused(String text) throws IOException {
    Path original = folder.resolve("original.onnx");
    Path fused = folder.resolve("fused.onnx");
    Path report = folder.resolve("report.json");
    Formats.onnx().write(GraphText.parse(text), original);

    Answer answer = Answer.of("fuse", original, "-o", fused, "--report", report, "--json");

    assertThat(answer.code()).as("%s%s", answer.out(), answer.err()).isZero();
    JsonNode json = answer.json();
    assertThat(json.at("/dropped")).as("%s", json.at("/dropped")).isEmpty();
    for (String level : LEVELS) {
      assertThat(json.at("/equivalence/levels/" + level + "/verdict").asText())
          .as("%s: %s", level, json.at("/equivalence"))
          .isEqualTo("EQUIVALENT");
    }
    Answer again = Answer.of("verify", original, fused, "--certificates", report);
    assertThat(again.code()).as("%s%s", again.out(), again.err()).isZero();
    assertThat(again.out()).startsWith("EQUIVALENT");
    return json.at("/fusions").findValuesAsText("rule");
  }

  @Test
  void a_pad_before_a_conv_whose_weight_is_given_at_run_time() throws IOException {
    assertThat(
            fused(
                """
                <ir_version: 8, opset_import: ["" : 17]>
                g (float[2,3,5,6] x, float[4,3,3,3] w) => (float[2,4,4,7] z)
                <float[4] b = random(1), int64[8] pads = {0,0,0,1,0,0,1,2}>
                {
                  p = Pad(x, pads)
                  z = Conv(p, w, b)
                }
                """))
        .containsExactly("pad-conv");
  }

  @Test
  void a_relu_before_a_clip_without_a_lower_bound() throws IOException {
    assertThat(
            fused(
                """
                <ir_version: 8, opset_import: ["" : 17]>
                g (float[N,3] x) => (float[N,3] c)
                <float hi = {6}>
                {
                  r = Relu(x)
                  c = Clip(r, "", hi)
                }
                """))
        .containsExactly("relu-clip");
  }

  @Test
  void a_relu_before_a_clip_behind_a_layer_that_is_folded_too() throws IOException {
    assertThat(
            fused(
                """
                <ir_version: 8, opset_import: ["" : 17]>
                g (float[N,3,5,5] x) => (float[N,4,3,3] c)
                <float[4,3,3,3] w = random(1), float lo = {-1}, float hi = {2}, float[4] p = random(2), float[4] v = random(3, 0.1, 2.0)>
                {
                  y = Conv(x, w)
                  z = BatchNormalization(y, p, p, p, v)
                  r = Relu(z)
                  c = Clip(r, lo, hi)
                }
                """))
        .containsExactly("conv-batch-norm", "relu-clip");
  }

  @Test
  void a_function_that_is_called_with_constants_that_differ_within_another_one()
      throws IOException {
    assertThat(
            fused(
                """
                <ir_version: 8, opset_import: ["" : 17, "my" : 1]>
                g (float[N,3,5,5] x) => (float[N,3,5,5] z)
                <float[3,3,1,1] w = random(1), float[3] p = random(2), float[3] q = random(4), float[3] v = random(3, 0.1, 2.0)>
                {
                  [first] y = my.Block(x, w, p, v)
                  z = my.Block(y, w, q, v)
                }
                <domain: "my", opset_import: ["" : 17]>
                ConvBn (x, w, p, v) => (z)
                {
                  y = Conv(x, w)
                  z = BatchNormalization(y, p, p, p, v)
                }
                <domain: "my", opset_import: ["" : 17, "my" : 1]>
                Block (x, w, p, v) => (z)
                {
                  y = my.ConvBn(x, w, p, v)
                  s = Sigmoid(y)
                  z = Mul(y, s)
                }
                """))
        .containsExactly(
            "inline-call",
            "inline-call",
            "inline-call",
            "inline-call",
            "conv-batch-norm",
            "conv-batch-norm");
  }
}
