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
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.StateCheckpoint;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Small checkpoints of the kinds that people have ({@code index.tsv} beside them says what is right
 * for each): what the file says is used, and what nobody says is not believed.
 */
final class TorchCasesTest {
  private static final Path CASES = cases();
  private static final String NET =
      "[[\"conv1\",\"bn1\",\"relu\"],[\"conv2\",\"bn2\"],[\"fc\",\"bnf\"]]";

  @TempDir Path folder;

  private Answer fuse(String file, String modules, Object... further) {
    Object[] arguments = new Object[7 + further.length];
    Object[] first = {
      "fuse", CASES.resolve(file), "-o", folder.resolve("fused.pth"), "--modules", modules, "--json"
    };
    System.arraycopy(first, 0, arguments, 0, first.length);
    System.arraycopy(further, 0, arguments, first.length, further.length);
    return Answer.of(arguments);
  }

  private JsonNode fused(String file, String modules, Object... further) throws IOException {
    Answer answer = fuse(file, modules, further);
    assertThat(answer.code()).as("%s%s", answer.out(), answer.err()).isZero();
    JsonNode report = answer.json();
    assertThat(report.at("/outcome").asText()).isEqualTo("FUSED");
    return report;
  }

  private void refused(String file, String modules, String reason, String... words) {
    Answer answer = fuse(file, modules);
    assertThat(answer.code()).as("%s%s", answer.out(), answer.err()).isEqualTo(3);
    assertThat(answer.out()).contains(reason);
    assertThat(answer.err()).contains(words);
    assertThat(folder.resolve("fused.pth")).doesNotExist();
  }

  private StateDict written(String path) {
    try (StateCheckpoint file = Formats.openStates(folder.resolve("fused.pth"))) {
      return file.states().stream()
          .filter(nested -> nested.path().toString().equals(path))
          .findFirst()
          .orElseThrow()
          .state();
    }
  }

  /** Over the bit patterns, as {@code Arrays.hashCode} of them. */
  private int bits(String name) {
    try (StateCheckpoint file = Formats.openStates(folder.resolve("fused.pth"))) {
      Tensor tensor = file.states().get(0).state().tensor(name).orElseThrow();
      int hash = 1;
      for (double value : Tensors.doubles(tensor, 1000)) {
        hash = 31 * hash + Float.floatToRawIntBits((float) value);
      }
      return hash;
    }
  }

  /** The figures are those of PyTorch's {@code fuse_modules} on the loaded module. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "c30_whole_module.t2.pth, -1309524836,   722615506, 1e-05",
    "c30d_whole_eps.t2.pth,    -293877964, -1709852827, 0.001"
  })
  void each_batch_norm_of_a_whole_module_is_folded_with_its_own_eps(
      String file, int weight, int bias, double epsilon) throws IOException {
    JsonNode report = fused(file, NET);

    assertThat(bits("conv1.0.weight")).isEqualTo(weight);
    assertThat(bits("conv1.0.bias")).isEqualTo(bias);
    assertThat(bits("conv2.weight")).isEqualTo(-689678512);
    assertThat(bits("fc.bias")).isEqualTo(1138543709);
    assertThat(report.at("/fusions/0/epsilon").asDouble()).isEqualTo(epsilon);
    assertThat(report.at("/equivalence/assumptions").toString())
        .doesNotContain("eps")
        .doesNotContain("taken for a ReLU")
        .doesNotContain("ConvTranspose");
  }

  @Test
  void an_eps_that_contradicts_the_file_is_refused_and_one_that_agrees_is_not() throws IOException {
    Answer other = fuse("c30d_whole_eps.t2.pth", NET, "--eps", "bn1=1e-5");

    assertThat(other.code()).isEqualTo(3);
    assertThat(other.out()).contains("OTHER_EPS");
    assertThat(other.err())
        .contains("the file says that eps of 'bn1' is 0.001, and --eps says 1.0E-5");
    fused("c30d_whole_eps.t2.pth", NET, "--eps", "bn1=1e-3");
  }

  @Test
  void an_eps_is_asked_for_by_glob_and_a_glob_that_fits_nothing_is_refused() throws IOException {
    String modules = "[[\"conv1\",\"bn1\"],[\"conv2\",\"bn2\"]]";
    JsonNode report =
        fused("c35_missing_plain.t2.pth", modules, "--eps", "1e-4", "--eps", "bn*2=1e-3");

    assertThat(report.at("/fusions/0/epsilon").asDouble()).isEqualTo(1e-4);
    assertThat(report.at("/fusions/1/epsilon").asDouble()).isEqualTo(1e-3);
    assertThat(report.at("/equivalence/assumptions").toString())
        .contains("{\"what\":\"eps of 1 BatchNorm is 0.001\",\"by\":\"--eps\"}");
    Answer slip = fuse("c35_missing_plain.t2.pth", modules, "--eps", "norm.*=1e-3");
    assertThat(slip.code()).isNotZero();
    assertThat(slip.err()).contains("--eps norm.*: no BatchNorm that is folded");
  }

  /** The figures are those of PyTorch's {@code fuse_modules} on the loaded archive's modules. */
  @Test
  void a_script_says_each_norms_eps_in_its_code_and_contradicts_another() throws IOException {
    JsonNode report = fused("c62_script_eps.t2.pt", NET, "--as", "state-dict");

    assertThat(report.at("/fusions/0/epsilon").asDouble()).isEqualTo(1e-3);
    assertThat(report.at("/fusions/2/epsilon").asDouble()).isEqualTo(1e-5);
    assertThat(bits("conv1.0.weight")).isEqualTo(-293877964);
    assertThat(bits("conv2.bias")).isEqualTo(383464566);
    assertThat(bits("fc.bias")).isEqualTo(1138543709);
    assertThat(report.at("/equivalence/assumptions").toString()).doesNotContain("eps");
    fused("c62_script_eps.t2.pt", NET, "--as", "state-dict", "--eps", "bn1=1e-3");
    assertThat(fuse("c62_script_eps.t2.pt", NET, "--as", "state-dict", "--eps", "1e-3").out())
        .contains("OTHER_EPS");
  }

  /** The figures are those of PyTorch's {@code fuse_modules} on the loaded model. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "c13_protocol4_legacy.t2.pth, the root",
    "c14_nocrc.t2.pth, the root",
    "c16c_extra_state.t2.pth, the root",
    "c20_enum.t2.pth, state_dict",
    "c21_omegaconf.t2.pth, state_dict"
  })
  void a_file_of_another_form_or_with_values_beside_is_folded_to_pytorchs_bits(
      String file, String path) throws IOException {
    fused(file, NET);

    assertThat(bits("conv1.0.weight")).isEqualTo(-1309524836);
    assertThat(bits("conv1.0.bias")).isEqualTo(722615506);
    assertThat(bits("conv2.weight")).isEqualTo(-689678512);
    assertThat(bits("fc.bias")).isEqualTo(1138543709);
    assertThat(written(path).entries()).containsKey("fc.bias");
  }

  @Test
  void what_was_put_up_with_or_left_out_stands_in_the_report() throws IOException {
    assertThat(fused("c14_nocrc.t2.pth", NET).at("/notes").toString())
        .contains("no checksums were computed");
    assertThat(fused("c20_enum.t2.pth", NET).toString()).contains("__main__.Color.RED");
    assertThat(fused("c21_omegaconf.t2.pth", NET).toString())
        .contains("object of omegaconf.dictconfig.DictConfig");
    assertThat(fused("c13_protocol4_legacy.t2.pth", NET).at("/notes")).isEmpty();
  }

  @Test
  void an_extra_state_of_a_layer_is_kept_behind_its_bias() throws IOException {
    fused("c16c_extra_state.t2.pth", NET);

    assertThat(written("the root").entries().keySet())
        .containsExactly(
            "conv1.0.weight",
            "conv1.0.bias",
            "conv2.weight",
            "conv2.bias",
            "fc.weight",
            "fc.bias",
            "fc._extra_state");
  }

  @Test
  void a_list_works_behind_the_prefix_that_all_names_have_and_the_report_says_which()
      throws IOException {
    refused(
        "c04_prefix_model.t2.pth",
        "[[\"conv1\",\"bn7\"]]",
        "NO_SUCH_MODULE",
        "no module 'model.bn7'",
        "did you mean 'model.bn1'?");
    JsonNode report = fused("c04_prefix_model.t2.pth", NET);

    assertThat(report.at("/notes").toString())
        .contains("the names of the module list stand behind 'model.'");
    assertThat(bits("model.conv1.0.weight")).isEqualTo(-987424631);
    assertThat(bits("model.fc.bias")).isEqualTo(-746845546);
    JsonNode full = fused("c04_prefix_model.t2.pth", "[[\"model.conv1\",\"model.bn1\"]]");
    assertThat(full.at("/notes"))
        .singleElement()
        .extracting(JsonNode::asText)
        .isEqualTo("the root: 2 BatchNorms are in no group and stay: 'model.bn2', 'model.bnf'");
  }

  /** By the rule of grouped ConvTranspose, which PyTorch's own fuser gets wrong. */
  @Test
  void the_class_in_a_pickle_decides_the_axis_of_a_square_weight() throws IOException {
    refused(
        "c30f_whole_convT_square.t2.pth",
        "[[\"conv2:Conv2d\",\"bn2\"]]",
        "NOT_FUSABLE_SEQUENCE",
        "'conv2' is listed as a Conv2d, and the file says that it is a ConvTranspose2d");
    String modules = "[[\"conv1\",\"bn1\"],[\"conv2\",\"bn2\"]]";
    refused(
        "c30f_whole_convT_square.t2.pth",
        modules,
        "UNSUPPORTED_ATTRIBUTE",
        "'conv2' is a ConvTranspose of 2 groups, of which fuse_modules makes no right module");
    JsonNode report = fused("c30f_whole_convT_square.t2.pth", modules, "--as", "state-dict");

    assertThat(report.at("/fusions/1/module").asText()).isEqualTo("ConvTranspose2d");
    assertThat(bits("conv2.weight")).isEqualTo(2110253904);
  }

  @Test
  void a_square_weight_is_taken_for_a_conv_unless_the_list_declares_it() throws IOException {
    JsonNode plain = fused("c34b_square_mixed.t2.pth", "[[\"c\",\"b\"],[\"d\",\"e\"]]");
    final int taken = bits("d.weight");
    JsonNode declared =
        fused("c34b_square_mixed.t2.pth", "[[\"c\",\"b\"],[\"d:ConvTranspose2d\",\"e\"]]");

    assertThat(plain.at("/equivalence/verdict").asText()).isEqualTo("AS_LISTED");
    assertThat(plain.at("/equivalence/assumptions").toString())
        .contains(
            "'c', 'd' are Conv2d each and no ConvTranspose2d, whose weight could have the same shape");
    assertThat(declared.at("/equivalence/assumptions").toString())
        .contains("'d' is a ConvTranspose2d")
        .contains("'c' is a Conv2d and no ConvTranspose2d");
    assertThat(bits("d.weight")).isNotEqualTo(taken);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "[[\"conv1\",\"bn7\"]]  | did you mean 'bn1'?",
        "[[\"conv1\",\"b1\"]]   | did you mean 'bn1'?",
        "[[\"conv1\",\"relu\"]] | did you mean 'bn1'?",
        "[[\"conv7\",\"bn1\"]]  | did you mean 'conv1'?",
        "[[\"conv1\",\"bn1\",\"bn3\"]] | no module 'bn3'"
      })
  void a_name_that_is_not_there_is_no_relu_by_default(String modules, String words) {
    refused("c35_missing_plain.t2.pth", modules, "NO_SUCH_MODULE", words);
  }

  @Test
  void a_name_without_parameters_behind_a_norm_is_a_relu_by_the_lists_word() throws IOException {
    JsonNode report = fused("c35_missing_plain.t2.pth", NET);

    assertThat(report.at("/equivalence/assumptions").toString())
        .contains("'relu' has no parameters, and is taken for a ReLU as listed");
    fused("c35_missing_plain.t2.pth", "[[\"conv1\",\"relu:ReLU\"]]");
  }

  @Test
  void what_is_declared_a_relu6_is_no_relu() throws IOException {
    fused("c81_relu6.t2.pth", "[[\"c\",\"b\"]]");
    assertThat(written("the root").entries()).containsOnlyKeys("c.weight", "c.bias");
    assertThat(fuse("c81_relu6.t2.pth", "[[\"c\",\"b\",\"x:ReLU6\"]]").err())
        .contains("did not find fuser method for: (Conv2d, BatchNorm2d, ReLU6)");
    assertThat(fuse("c81_relu6.t2.pth", "[[\"c\",\"b\",\"y\"]]").err()).contains("no module 'y'");
  }

  @Test
  void what_prepare_qat_observes_is_asked_for_where_nothing_says_it() throws IOException {
    Object[] prepare = {"--mode", "qat", "--qat-prepare", "fbgemm"};
    Answer asked = fuse("c81_relu6.t2.pth", "[[\"c\",\"b\"]]", prepare);

    assertThat(asked.code()).isEqualTo(3);
    assertThat(asked.out()).contains("UNKNOWN_TYPE");
    assertThat(asked.err())
        .contains("nothing says those of 'x' (without parameters", "[\"x:ReLU6\"]");
    assertThat(folder.resolve("fused.pth")).doesNotExist();

    JsonNode declared = fused("c81_relu6.t2.pth", "[[\"c\",\"b\"],[\"x:ReLU6\"]]", prepare);
    assertThat(declared.at("/equivalence/assumptions").toString()).contains("'x' is a ReLU6");
    assertThat(written("the root").entries())
        .containsKeys("c.weight_fake_quant.scale", "x.activation_post_process.scale");
    fused("c81_relu6.t2.pth", "[[\"c\",\"b\"],[\"x:ReLU\"]]", prepare);
    assertThat(written("the root").entries())
        .containsKey("c.weight_fake_quant.scale")
        .doesNotContainKey("x.activation_post_process.scale");
  }

  /** The figures are those of PyTorch's {@code to_float}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[[\"conv1\",\"conv1.bn\"],[\"conv2\",\"conv2.bn\"],[\"fc\",\"fc.bn\"]] | conv1",
        "[[\"conv1\",\"conv1.bn\",\"relu\"],[\"conv2\",\"conv2.bn\"],[\"fc\",\"fc.bn\"]] | conv1.0",
        "[[\"conv{n}\",\"bn{n}\"],[\"fc\",\"bnf\"]] | conv1",
        "[[\"conv1\",\"bn1\",\"relu\"],[\"conv2\",\"bn2\"],[\"fc\",\"bnf\"]] | conv1.0"
      })
  void a_trained_qat_state_dict_goes_back_to_float(String modules, String conv1)
      throws IOException {
    JsonNode report = fused("c36b_qat_trained_list.t2.pth", modules);

    assertThat(report.at("/fusions")).hasSize(3);
    assertThat(report.at("/equivalence/verdict").asText()).isEqualTo("AS_LISTED");
    assertThat(report.at("/equivalence/assumptions").toString())
        .doesNotContain("alone follows 'conv1'", "alone follows 'conv2'", "alone follows 'fc'");
    assertThat(written("the root").entries().keySet())
        .containsExactly(
            conv1 + ".weight",
            conv1 + ".bias",
            "conv2.weight",
            "conv2.bias",
            "fc.weight",
            "fc.bias");
    assertThat(bits(conv1 + ".weight")).isEqualTo(1679305461);
    assertThat(bits(conv1 + ".bias")).isEqualTo(608791551);
    assertThat(bits("conv2.weight")).isEqualTo(-1173053361);
    assertThat(bits("conv2.bias")).isEqualTo(-2029756609);
    assertThat(bits("fc.weight")).isEqualTo(-2104854726);
    assertThat(bits("fc.bias")).isEqualTo(-921885561);
  }

  @Test
  void a_trained_state_dict_takes_no_other_names() {
    String file = "c36b_qat_trained_list.t2.pth";
    refused(file, "[[\"conv1\",\"bn7\"]]", "NO_SUCH_MODULE", "no module 'bn7'");
    refused(file, "[[\"conv1\",\"relu\"]]", "NOT_FUSABLE_SEQUENCE", "has its BatchNorm inside");
  }

  @Test
  void a_recipe_whose_models_differ_in_eps_asks_for_it() throws IOException {
    refused(
        "c37_convbn_names.t2.pth",
        "recipe:conv-bn",
        "UNKNOWN_EPS",
        "give it with --eps",
        "conv-bn");

    JsonNode report = fused("c37_convbn_names.t2.pth", "recipe:conv-bn", "--eps", "1e-3");
    assertThat(report.at("/fusions/0/epsilon").asDouble()).isEqualTo(1e-3);
    JsonNode yolo = fused("c37_convbn_names.t2.pth", "recipe:yolov8n");
    assertThat(yolo.at("/equivalence/assumptions").toString())
        .contains("{\"what\":\"eps of 2 BatchNorms is 0.001\",\"by\":\"recipe:yolov8n\"}");
  }

  @Test
  void a_dict_that_lacks_the_listed_parameters_is_left_alone_and_named() throws IOException {
    JsonNode report = fused("c38_masks.t2.pth", "[[\"conv1\",\"bn1\"],[\"conv2\",\"bn2\"]]");

    assertThat(report.at("/fusions")).hasSize(2);
    assertThat(report.at("/notes").toString())
        .contains("masks was left as it is", "grads was left as it is");
    assertThat(written("masks").entries())
        .containsOnlyKeys("conv1.weight", "conv2.weight", "fc.weight");
  }

  @Test
  void a_numpy_array_among_the_parameters_is_never_dropped() {
    Answer answer = fuse("c16b_numpy_weight.t2.pth", "[[\"conv1\",\"bn1\"]]");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).contains("fc.weight", "NumPy array", "torch.from_numpy");
    assertThat(folder.resolve("fused.pth")).doesNotExist();
  }

  @Test
  void a_suggestion_names_no_recipe_whose_eps_nobody_knows_and_can_be_pasted() throws IOException {
    Path file = CASES.resolve("c37_convbn_names.t2.pth");
    Answer answer = Answer.of("inspect", file);
    String modules = "[[\"stem.conv\", \"stem.bn\"], [\"body.conv\", \"body.bn\"]]";

    assertThat(answer.err())
        .doesNotContain("inception")
        .contains("eps, for which 1.0E-5 is taken unless --eps says it")
        .contains("fusewright fuse '%s'".formatted(file))
        .contains("--modules '%s'".formatted(modules));
    fused("c37_convbn_names.t2.pth", modules);
  }

  @Test
  void a_suggestion_for_torchscript_leaves_eps_to_its_code() {
    Path file = CASES.resolve("c62_script_eps.t2.pt");

    assertThat(Answer.of("inspect", file, "--as", "state-dict").err())
        .contains("--modules '[[\"conv{n}\", \"bn{n}\"]")
        .doesNotContain("1.0E-5", "1e-5", "and eps", "--eps");
  }

  @Test
  void nothing_is_suggested_across_an_activation() {
    assertThat(Answer.of("inspect", CASES.resolve("c90_convmixer.t2.pth")).err())
        .contains("No pair looks right");
  }

  @Test
  void without_a_list_every_norm_inside_is_folded_and_its_relu_an_assumption() throws IOException {
    Path file = CASES.resolve("c36b_qat_trained_list.t2.pth");
    Answer answer = Answer.of("fuse", file, "-o", folder.resolve("fused.pth"), "--json");

    assertThat(answer.code()).as("%s", answer.err()).isZero();
    assertThat(answer.json().at("/equivalence/assumptions").toString())
        .contains("'conv1', 'conv2', 'fc': no ReLU stands behind the BatchNorm inside")
        .contains("\"by\":\"prepare_qat\"");
    assertThat(bits("conv1.weight")).isEqualTo(1679305461);
    assertThat(bits("fc.bias")).isEqualTo(-921885561);
  }

  @Test
  void a_norm_inside_that_a_list_leaves_out_stays_with_its_layer_and_is_said() throws IOException {
    JsonNode report = fused("c36b_qat_trained_list.t2.pth", "[[\"conv1\",\"bn1\"]]");

    assertThat(report.at("/fusions")).hasSize(1);
    assertThat(report.at("/notes").toString())
        .contains("'conv2', 'fc' have each a BatchNorm inside that no group names");
    assertThat(bits("conv1.weight")).isEqualTo(1679305461);
    assertThat(written("the root").entries())
        .containsKeys("conv2.bn.running_var", "conv2.weight_fake_quant.scale", "fc.bn.weight")
        .doesNotContainKeys("conv1.bn.weight", "conv1.weight_fake_quant.scale");
  }

  private static Path cases() {
    try {
      return Path.of(
          Objects.requireNonNull(TorchCasesTest.class.getResource("/cases/torch")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
