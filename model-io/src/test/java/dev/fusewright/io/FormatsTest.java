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
package dev.fusewright.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.file.UnreadableFileException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.format.FormatContract;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.testing.RealModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@UsesRealModels
final class FormatsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "s01_rfb320/version-RFB-320.pth, pytorch",
    "s02_masked_rfb640/RFB-640-masked_face-v2.pth, pytorch",
    "s15_resnet20_cifar/resnet20-12fca82f.th, pytorch",
    "s16_burn_mnist_pt/mnist.pt, pytorch",
    "s16_burn_mnist_pt/mnist.safetensors, safetensors",
    "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.trace.pt, torchscript",
    "s19_torchvision_basic/quant_shufflenet_v2_x0_5/shufflenet_v2_x0_5.qat.pth, pytorch",
    "s20_torchvision_small/conv1d_net/conv1d_net.script.pt, torchscript",
    "s01_rfb320/version-RFB-320.onnx, onnx",
    "s08_ort_matmulbn/fuse-matmul-bn-directly.onnx, onnx",
    "s13_onnx_node_bn/test_batchnorm_example/model.onnx, onnx",
    "s12_migraphx_fixtures/batch_norm_1d_test.onnx, onnx",
    "s01_rfb320/ref_input_0.pb, none",
    "INDEX.tsv, none"
  })
  void a_real_file_is_told_by_its_bytes(String name, String format) throws IOException {
    // The name must not matter.
    Path file = Files.copy(RealModels.file(name), folder.resolve("nameless"));

    assertThat(Formats.detect(file).map(Format::id).orElse("none")).isEqualTo(format);
  }

  @Test
  void an_empty_file_is_unknown_and_a_missing_one_unreadable() throws IOException {
    assertThat(Formats.detect(Files.createFile(folder.resolve("empty")))).isEmpty();
    assertThatExceptionOfType(UnreadableFileException.class)
        .isThrownBy(() -> Formats.detect(folder.resolve("missing")));
  }

  @Test
  void each_format_of_state_dicts_opens_through_one_door() {
    for (String name :
        new String[] {"s16_burn_mnist_pt/mnist.pt", "s16_burn_mnist_pt/mnist.safetensors"}) {
      try (StateCheckpoint checkpoint = Formats.openStates(RealModels.file(name))) {
        assertThat(checkpoint.states().get(0).state().entries()).containsKey("conv1.weight");
      }
    }
  }

  @Test
  void a_model_with_a_graph_is_no_state_dict() {
    Path file = RealModels.file("s01_rfb320/version-RFB-320.onnx");

    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> Formats.openStates(file))
        .withMessageContaining("an ONNX model");
  }

  @Test
  void every_format_of_the_list_passes_the_contract() throws ClassNotFoundException {
    for (Format format : Formats.all()) {
      Class<?> test = Class.forName(format.getClass().getName() + "Test");

      assertThat(FormatContract.class).isAssignableFrom(test);
      assertThat(test).isFinal();
    }
  }

  @Test
  void no_two_formats_share_a_name_or_an_extension() {
    assertThat(Formats.all()).extracting(Format::id).doesNotHaveDuplicates();
    assertThat(Formats.all())
        .flatExtracting(Format::extensions)
        .doesNotHaveDuplicates()
        .allMatch(extension -> extension.matches("[a-z0-9]+([.][a-z0-9]+)*"));
  }

  @Test
  void a_format_is_had_by_its_name_and_no_other_word() {
    for (Format format : Formats.all()) {
      assertThat(Formats.named(format.id())).isSameAs(format);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Formats.named("ONNX"))
        .withMessage(
            "format: expected one of onnx, pt2, pytorch, safetensors, sharded, text, torchscript, found 'ONNX'");
  }

  @Test
  void a_state_dict_is_no_model_with_a_graph() {
    Path file = RealModels.file("s16_burn_mnist_pt/mnist.pt");

    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> Formats.openGraph(file))
        .withMessageContaining(
            "expected an exported program of PyTorch or a TorchScript archive or a model as text or an ONNX model, found a PyTorch checkpoint");
  }
}
