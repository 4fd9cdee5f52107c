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
package dev.fusewright.io.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.file.UnreadableFileException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.testing.RealModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FormatDetectorTest {
  @TempDir Path folder;

  @UsesRealModels
  @ParameterizedTest
  @CsvSource({
    "s01_rfb320/version-RFB-320.pth, TORCH_LEGACY",
    "s02_masked_rfb640/RFB-640-masked_face-v2.pth, TORCH_ZIP",
    "s15_resnet20_cifar/resnet20-12fca82f.th, TORCH_LEGACY",
    "s16_burn_mnist_pt/mnist.pt, TORCH_ZIP",
    "s16_burn_mnist_pt/mnist.safetensors, SAFETENSORS",
    "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.trace.pt, TORCHSCRIPT",
    "s19_torchvision_basic/quant_shufflenet_v2_x0_5/shufflenet_v2_x0_5.qat.pth, TORCH_ZIP",
    "s20_torchvision_small/conv1d_net/conv1d_net.script.pt, TORCHSCRIPT",
    "s01_rfb320/version-RFB-320.onnx, ONNX",
    "s08_ort_matmulbn/fuse-matmul-bn-directly.onnx, ONNX",
    "s13_onnx_node_bn/test_batchnorm_example/model.onnx, ONNX",
    "s12_migraphx_fixtures/batch_norm_1d_test.onnx, ONNX",
    "s01_rfb320/ref_input_0.pb, UNKNOWN",
    "INDEX.tsv, UNKNOWN"
  })
  void a_real_file_is_told_by_its_bytes(String name, CheckpointFormat format) throws IOException {
    // The name must not matter.
    Path file = Files.copy(RealModels.file(name), folder.resolve("nameless"));

    assertThat(FormatDetector.detect(file)).isEqualTo(format);
  }

  @Test
  void an_empty_file_is_unknown_and_a_missing_one_unreadable() throws IOException {
    assertThat(FormatDetector.detect(Files.createFile(folder.resolve("empty"))))
        .isEqualTo(CheckpointFormat.UNKNOWN);
    assertThatExceptionOfType(UnreadableFileException.class)
        .isThrownBy(() -> FormatDetector.detect(folder.resolve("missing")));
  }

  @UsesRealModels
  @Test
  void each_format_of_state_dicts_opens_through_one_door() {
    for (String name :
        new String[] {"s16_burn_mnist_pt/mnist.pt", "s16_burn_mnist_pt/mnist.safetensors"}) {
      try (Checkpoint checkpoint = StateDictReader.read(RealModels.file(name))) {
        assertThat(checkpoint.states().get(0).state().entries()).containsKey("conv1.weight");
      }
    }
  }

  @UsesRealModels
  @Test
  void a_model_with_a_graph_is_no_state_dict() {
    Path file = RealModels.file("s01_rfb320/version-RFB-320.onnx");

    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> StateDictReader.read(file))
        .withMessageContaining("an ONNX model");
  }
}
