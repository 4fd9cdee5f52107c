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
package dev.fusewright.io.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.CheckOptions;
import dev.fusewright.core.verify.ModelComparison;
import dev.fusewright.core.verify.OutputFigures;
import dev.fusewright.io.testing.RealModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@UsesProcesses
@UsesRealModels
class VerifyModelsTest {
  private static final CheckOptions OPTIONS = CheckOptions.of(7);
  private static RunnerPool pool;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    pool = new RunnerPool(RunnerOptions.forProcesses(1));
  }

  @AfterAll
  static void end() {
    pool.close();
  }

  private static ModelComparison compare(Path original, Path candidate) {
    return new VerifyModels(pool).compare(original, candidate, OPTIONS);
  }

  private static Path fixture(String name) throws Exception {
    return Path.of(VerifyModelsTest.class.getResource("/fixtures/" + name).toURI());
  }

  private static void assertVerdict(ModelComparison result, Verdict verdict) {
    assertThat(result.verdict().verdict()).as(result.verdict().reason()).isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource({
    "s01_rfb320/version-RFB-320_without_postprocessing.onnx, s01_rfb320/version-RFB-320_simplified.onnx",
    "s01_rfb320/version-RFB-320.onnx, s01_rfb320/oracle_ort_basic.onnx",
    "s01_rfb320/version-RFB-320.onnx, s01_rfb320/oracle_noinit_in.ort_basic.onnx",
    "s03_ppocr_cls/ch_ppocr_mobile_v2.0_cls_infer.onnx, s03_ppocr_cls/oracle_ort_basic.onnx",
    "s07_ort_convbn/fuse-conv-bn-no-bias.onnx, s07_ort_convbn/oracle_ort_basic.onnx",
    "s08_ort_matmulbn/fuse-matmul-bn-directly.onnx, s08_ort_matmulbn/oracle_ort_basic.onnx",
    "s09_onnx2c_mnist/pytorch.onnx, s09_onnx2c_mnist/oracle_ort_basic.onnx",
    "s10_deeploy_autoencoder1d/network.onnx, s10_deeploy_autoencoder1d/oracle_ort_basic.onnx",
    "s10_deeploy_autoencoder1d/network.onnx, s10_deeploy_autoencoder1d/oracle_noinit_in.ort_basic.onnx",
    "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.onnx, "
        + "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.torchfused.onnx",
    "s20_torchvision_small/conv1d_net/conv1d_net.onnx, "
        + "s20_torchvision_small/conv1d_net/conv1d_net.torchfused.onnx",
    "s20_torchvision_small/unet_bn/unet_bn.onnx, s20_torchvision_small/unet_bn/unet_bn.torchfused.onnx",
    "s20_torchvision_small/shared_head_bn/shared_head_bn.onnx, "
        + "s20_torchvision_small/shared_head_bn/shared_head_bn.torchfused.onnx",
  })
  void what_others_have_fused_rightly_is_equivalent(String original, String fused) {
    ModelComparison result = compare(RealModels.file(original), RealModels.file(fused));
    assertVerdict(result, Verdict.EQUIVALENT);
    // The check has the power that it claims: a fault of a thousandth would have been seen.
    assertThat(result.outputs()).allMatch(output -> output.visibleFault() < 1e-3);
  }

  @Test
  void postprocessing_inside_one_model_and_outside_the_other_is_a_difference() {
    ModelComparison result =
        compare(
            RealModels.file("s01_rfb320/version-RFB-320.onnx"),
            RealModels.file("s01_rfb320/version-RFB-320_simplified.onnx"));
    assertVerdict(result, Verdict.DIFFERENT);
    assertThat(result.verdict().reason()).contains("output 'boxes'");
    assertThat(result.outputs().get(0)).matches(OutputFigures::passes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s19_torchvision_basic/mobilenet_v2/mobilenet_v2",
        "s20_torchvision_small/conv1d_net/conv1d_net",
        "s20_torchvision_small/unet_bn/unet_bn",
        "s20_torchvision_small/shared_head_bn/shared_head_bn"
      })
  void one_percent_on_one_channel_of_any_layer_is_different(String model) throws IOException {
    Path original = RealModels.file(model + ".onnx");
    Path fused = RealModels.file(model + ".torchfused.onnx");
    List<String> weights = large(fused);
    for (String weight :
        List.of(weights.get(0), weights.get(weights.size() / 2), weights.get(weights.size() - 1))) {
      assertVerdict(
          compare(original, patched(fused, weight, value -> 1.01 * value)), Verdict.DIFFERENT);
    }
  }

  /** The weights of the convolutions; biases are shorter. */
  private static List<String> large(Path model) throws IOException {
    return Patched.rawData(model).entrySet().stream()
        .filter(entry -> entry.getValue().length() >= 128 * Float.BYTES)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A sixteenth of the weight, which is a channel or some of them. */
  private Path patched(Path model, String weight, DoubleUnaryOperator change) throws IOException {
    int count = Patched.rawData(model).get(weight).length() / Float.BYTES;
    return Patched.copy(model, folder.resolve("patched.onnx"), weight, 0, count / 16, change);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s05_light_resnet50/light_resnet50.onnx",
        "s06_light_inception_v2/light_inception_v2.onnx"
      })
  void a_model_that_answers_nothing_is_not_called_equivalent_even_to_itself(String model) {
    // These are large: four samples of noise are as telling as nine.
    ModelComparison result =
        new VerifyModels(pool)
            .compare(RealModels.file(model), RealModels.file(model), OPTIONS.withSamples(4));
    assertVerdict(result, Verdict.INCONCLUSIVE);
    assertThat(result.verdict().doubt())
        .as(result.verdict().reason())
        .isEqualTo(InconclusiveReason.VACUOUS);
  }

  @Test
  void a_text_detector_answers_to_pages_of_print_and_is_judged_on_them() {
    Path detector = RealModels.file("s04_ppocrv3_det/ch_PP-OCRv3_det_infer.onnx");
    ModelComparison result =
        new VerifyModels(pool).compare(detector, detector, OPTIONS.withSamples(4));
    assertVerdict(result, Verdict.EQUIVALENT);
    assertThat(result.outputs().get(0).sample()).startsWith("glyphs");
  }

  @Test
  void a_float64_model_is_judged_by_the_reference() throws Exception {
    ModelComparison result = compare(fixture("conv_bn_fp64.onnx"), fixture("conv_bn_fp64.onnx"));
    assertVerdict(result, Verdict.EQUIVALENT);
    assertThat(result.verdict().reason())
        .contains("Could not find an implementation")
        .contains("float64 reference");
    assertThat(result.outputs().get(0).tolerance()).isLessThan(1e-12);
  }

  @Test
  void a_float16_model_is_judged_with_the_tolerance_of_float16() throws Exception {
    ModelComparison result = compare(fixture("conv_bn_fp16.onnx"), fixture("conv_bn_fp16.onnx"));
    assertVerdict(result, Verdict.EQUIVALENT);
    assertThat(result.outputs().get(0).tolerance()).isBetween(1e-3, 5e-2);
  }

  @Test
  void a_bfloat16_model_is_judged_by_the_reference_with_the_tolerance_of_bfloat16()
      throws IOException {
    String layer =
        """
        <ir_version: 10, opset_import: ["": 22]>
        g (bfloat16[1,3,6,6] x) => (bfloat16[1,4,4,4] y)
        <bfloat16[4,3,3,3] w = random(1), bfloat16[4] b = random(2)> {
          y = Conv(x, w, b)
        }
        """;
    Path original = TextModel.write(folder.resolve("brain.onnx"), layer);
    ModelComparison same = compare(original, original);
    assertVerdict(same, Verdict.EQUIVALENT);
    assertThat(same.runner()).contains("float64 reference");
    assertThat(same.outputs().get(0).tolerance()).isBetween(3e-2, 1.5e-1);
    Path other =
        TextModel.write(folder.resolve("other.onnx"), layer.replace("random(1)", "random(3)"));
    assertVerdict(compare(original, other), Verdict.DIFFERENT);
  }

  @Test
  void not_a_number_in_other_places_is_a_difference() throws IOException {
    String logarithm =
        """
        <ir_version: 8, opset_import: ["": 13]>
        logarithm (float[N, 8] x) => (float[N, 8] y) <float[1] shift = {0.25}> {
          s = Add(x, shift)
          y = Log(s)
        }
        """;
    Path original = TextModel.write(folder.resolve("log.onnx"), logarithm);
    Path candidate =
        TextModel.write(folder.resolve("shifted.onnx"), logarithm.replace("0.25", "0.75"));
    assertVerdict(compare(original, original), Verdict.EQUIVALENT);
    ModelComparison result = compare(original, candidate);
    assertVerdict(result, Verdict.DIFFERENT);
    assertThat(result.outputs().get(0).comparison().maskMismatches()).isPositive();
  }

  @Test
  void a_candidate_that_never_ends_where_its_original_does_is_different() throws IOException {
    Path original =
        TextModel.write(
            folder.resolve("relu.onnx"),
            """
            <ir_version: 8, opset_import: ["": 13]>
            relu (float[1] x) => (float[1] y) { y = Relu(x) }
            """);
    Path candidate =
        TextModel.write(
            folder.resolve("endless.onnx"),
            """
            <ir_version: 8, opset_import: ["": 13]>
            endless (float[1] x) => (float[1] y)
            <int64 trips = {9223372036854775807}, bool yes = {1}> {
              y = Loop <body = body (int64 i, bool c, float[1] v) => (bool d, float[1] w) {
                d = Identity(c)
                w = Relu(v)
              }> (trips, yes, x)
            }
            """);
    try (RunnerPool impatient =
        new RunnerPool(
            RunnerOptions.forProcesses(1).withTimeLimit(java.time.Duration.ofSeconds(3)))) {
      ModelComparison result = new VerifyModels(impatient).compare(original, candidate, OPTIONS);
      assertVerdict(result, Verdict.DIFFERENT);
      assertThat(result.verdict().reason())
          .contains("more than three times as long")
          .contains("time limit of 3 s");

      ModelComparison endless = new VerifyModels(impatient).compare(candidate, candidate, OPTIONS);
      assertThat(endless.verdict().doubt()).isEqualTo(InconclusiveReason.TIME_LIMIT);
      assertThat(endless.verdict().reason())
          .contains("time limit of 3 s")
          .contains("the evaluation takes more than");
    }
  }

  @Test
  void a_model_with_two_nodes_of_one_name_is_judged_by_the_reference() throws IOException {
    String twins =
        """
        <ir_version: 8, opset_import: ["": 13]>
        twins (float[N, 4] x) => (float[N, 4] y) { [a] z = Neg(x) [a] y = Abs(z) }
        """;
    Path original = TextModel.write(folder.resolve("twins.onnx"), twins);
    ModelComparison result = compare(original, original);
    assertVerdict(result, Verdict.EQUIVALENT);
    assertThat(result.runner()).contains("float64 reference");
    Path other = TextModel.write(folder.resolve("other.onnx"), twins.replace("Abs(z)", "Neg(z)"));
    assertVerdict(compare(original, other), Verdict.DIFFERENT);
  }

  @Test
  void what_nobody_has_a_kernel_for_is_said_of_the_original_and_is_a_fault_of_the_candidate()
      throws IOException {
    String known =
        """
        <ir_version: 8, opset_import: ["": 13, "acme": 1]>
        g (float[N, 4] x) => (float[N, 4] y) { y = Neg(x) }
        """;
    Path neg = TextModel.write(folder.resolve("known.onnx"), known);
    Path plugin =
        TextModel.write(
            folder.resolve("plugin.onnx"), known.replace("Neg(x)", "acme.Frobnicate(x)"));
    ModelComparison result = compare(plugin, plugin);
    assertThat(result.verdict().doubt()).isEqualTo(InconclusiveReason.NO_KERNEL);
    assertThat(result.verdict().reason()).contains("no CPU kernel for acme.Frobnicate");
    assertVerdict(compare(neg, plugin), Verdict.DIFFERENT);
  }

  @Test
  void an_input_of_unknown_rank_is_told_from_a_scalar() throws IOException {
    String shapeless =
        """
        <ir_version: 8, opset_import: ["": 13]>
        g (float[] x) => (float[] y) <float[4,3,1,1] w = random(1)> { y = Conv(x, w) }
        """;
    Path rankless = TextModel.write(folder.resolve("rankless.onnx"), shapeless);
    assertVerdict(compare(rankless, rankless), Verdict.EQUIVALENT);
    Path scalar =
        TextModel.write(
            folder.resolve("scalar.onnx"),
            "<ir_version: 8, opset_import: [\"\": 13]> g (float x) => (float y) { y = Exp(x) }");
    assertVerdict(compare(scalar, scalar), Verdict.EQUIVALENT);
  }
}
