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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.testing.RealModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole real models, in float64 in Java, against what ONNX Runtime or PyTorch once answered in
 * float32.
 */
@UsesRealModels
class ReferenceOnRealModelsTest {
  // The tolerance is a share of the largest output: what float32 loses through up to seventy
  // layers. The
  // detector s04 ends in steep sigmoids: there, two versions of ONNX Runtime differ by 2.6e-5.
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "s01_rfb320/version-RFB-320.onnx, ref_, 2, 1e-5",
    "s03_ppocr_cls/ch_ppocr_mobile_v2.0_cls_infer.onnx, ref_, 1, 1e-5",
    "s04_ppocrv3_det/ch_PP-OCRv3_det_infer.onnx, ref_, 1, 1e-4",
    "s05_light_resnet50/light_resnet50.onnx, ref_, 1, 1e-5",
    "s06_light_inception_v2/light_inception_v2.onnx, ref_, 1, 1e-5",
    "s07_ort_convbn/fuse-conv-bn-no-bias.onnx, ref_, 1, 1e-5",
    "s08_ort_matmulbn/fuse-matmul-bn-directly.onnx, ref_, 1, 1e-5",
    "s09_onnx2c_mnist/pytorch.onnx, ref_, 1, 1e-5",
    "s10_deeploy_autoencoder1d/network.onnx, ref_, 1, 1e-5",
    "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.onnx, '', 1, 1e-5",
    "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.torchfused.onnx, '', 1, 1e-5",
    "s20_torchvision_small/bn_oddities/bn_oddities.onnx, '', 2, 1e-5",
    "s20_torchvision_small/conv1d_net/conv1d_net.onnx, '', 1, 1e-5",
    "s20_torchvision_small/conv1d_net/conv1d_net.torchfused.onnx, '', 1, 1e-5",
    "s20_torchvision_small/dcgan_generator/dcgan_generator.onnx, '', 1, 1e-5",
    "s20_torchvision_small/linear3d_bn/linear3d_bn.onnx, '', 1, 1e-5",
    "s20_torchvision_small/pointnet/pointnet.onnx, '', 1, 1e-5",
    "s20_torchvision_small/shared_head_bn/shared_head_bn.onnx, '', 1, 1e-5",
    "s20_torchvision_small/tcn_weightnorm/tcn_weightnorm.onnx, '', 1, 1e-5",
    "s20_torchvision_small/unet_bn/unet_bn.onnx, '', 1, 1e-5",
  })
  void a_real_model_answers_in_float64_what_it_answered_in_float32(
      String model, String prefix, int outputs, double tolerance) {
    Path file = RealModels.file(model);
    NdArray input = TensorFiles.read(file.resolveSibling(prefix + "input_0.pb"));
    List<NdArray> answers;
    try (OnnxCheckpoint opened = OnnxReader.read(file)) {
      Graph graph = opened.graph().graph();
      Map<String, NdArray> given = Map.of(soleInput(graph), input);
      answers = new ArrayList<>(ReferenceEvaluator.evaluate(opened.graph(), given).values());
    }
    assertThat(answers).hasSize(outputs);
    for (int i = 0; i < outputs; i++) {
      NdArray stored = TensorFiles.read(file.resolveSibling(prefix + "output_" + i + ".pb"));
      assertThat(answers.get(i).shape()).as("shape of output %d", i).isEqualTo(stored.shape());
      assertThat(relativeError(answers.get(i), stored))
          .as("error of output %d", i)
          .isLessThan(tolerance);
    }
  }

  private static String soleInput(Graph graph) {
    List<String> constants =
        graph.initializers().stream().map(constant -> constant.name()).toList();
    List<String> inputs =
        graph.inputs().stream()
            .map(ValueInfo::name)
            .filter(name -> !constants.contains(name))
            .toList();
    assertThat(inputs).hasSize(1);
    return inputs.get(0);
  }

  /** The largest difference, as a share of the largest stored value. */
  private static double relativeError(NdArray answer, NdArray stored) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < stored.size(); i++) {
      largest = Math.max(largest, Math.abs(stored.values()[i]));
      difference = Math.max(difference, Math.abs(answer.values()[i] - stored.values()[i]));
    }
    return difference / largest;
  }
}
