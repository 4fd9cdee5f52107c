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
import dev.fusewright.core.state.DeclaredModule;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code torch.save(model)} in and out: what is written, what it rests on, what is refused. */
final class WholeModuleTest {
  private static final String FUSED = "torch.nn.intrinsic.modules.fused.ConvReLU2d";

  @TempDir Path folder;

  private static Path file(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  WholeModuleTest.class.getResource("/cases/modules/" + name + ".t2.pth"))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path output() {
    return folder.resolve("fused.pth");
  }

  private JsonNode fused(String name, String modules, String... further) throws IOException {
    Answer answer = fuse(name, modules, further);
    assertThat(answer.code()).as("%s%s", answer.out(), answer.err()).isZero();
    return answer.json();
  }

  private Answer fuse(String name, String modules, String... further) {
    Object[] arguments = new Object[7 + further.length];
    Object[] first = {"fuse", file(name), "-o", output(), "--modules", modules, "--json"};
    System.arraycopy(first, 0, arguments, 0, first.length);
    System.arraycopy(further, 0, arguments, first.length, further.length);
    return Answer.of(arguments);
  }

  /** The classes of the modules at a path, by name; empty for a state dict. */
  private Map<String, String> classes(Path file, String path) {
    try (StateCheckpoint checkpoint = Formats.openStates(file)) {
      NestedState found =
          checkpoint.states().stream()
              .filter(nested -> nested.path().toString().equals(path))
              .findFirst()
              .orElseThrow();
      return found.state().modules().entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, entry -> type(entry.getValue())));
    }
  }

  private static String type(DeclaredModule module) {
    return module.type();
  }

  private static String verdict(JsonNode report) {
    return report.at("/equivalence/verdict").asText();
  }

  @Test
  void a_module_of_sequentials_is_fused_without_a_list_and_stays_a_module() throws IOException {
    JsonNode report = fused("sequential", "auto");

    assertThat(verdict(report)).isEqualTo("EQUIVALENT");
    assertThat(classes(output(), "the root"))
        .containsEntry("0", FUSED)
        .containsEntry("0.0", "Conv2d")
        .containsEntry("0.1", "ReLU")
        .containsEntry("1", "Identity")
        .containsEntry("2", "Identity")
        .containsEntry("3.0", "Conv2d")
        .containsEntry("3.1", "Identity")
        .containsEntry("4", "ReLU6");
    assertThat(report.at("/notes").toString())
        .contains("weights_only", FUSED, "torch.nn.modules.conv.Conv2d")
        .doesNotContain("OrderedDict", "_rebuild_tensor_v2", "FloatStorage");
  }

  @Test
  void the_same_module_by_a_list_is_as_listed() throws IOException {
    JsonNode report = fused("sequential", "[[\"0\",\"1\",\"2\"],[\"3.0\",\"3.1\"]]");

    assertThat(verdict(report)).isEqualTo("AS_LISTED");
    assertThat(classes(output(), "the root")).containsEntry("0", FUSED);
  }

  @Test
  void as_a_state_dict_it_has_parameters_and_no_classes() throws IOException {
    fused("sequential", "auto", "--as", "state-dict");

    assertThat(classes(output(), "the root")).isEmpty();
  }

  @Test
  void in_place_a_whole_module_stays_one() throws IOException {
    Path model = Files.copy(file("sequential"), folder.resolve("model.pth"));

    Answer answer = Answer.of("fuse", model, "--in-place", "--modules", "auto");

    assertThat(answer.code()).as("%s", answer.err()).isZero();
    assertThat(classes(model, "the root")).containsEntry("0", FUSED);
  }

  @Test
  void a_module_in_train_mode_is_left_and_the_one_beside_it_fused() throws IOException {
    JsonNode report = fused("both", "auto");

    assertThat(classes(output(), "model")).containsEntry("1", "BatchNorm2d");
    assertThat(classes(output(), "ema")).containsEntry("1", "Identity");
    assertThat(report.at("/notes").toString())
        .contains("model was left as it is")
        .contains("Fusion only for eval!");
    assertThat(report.at("/beside").toString()).contains("epoch").doesNotContain("dropped");
  }

  /** What may be folded is written as a module only where PyTorch does so too. */
  @ParameterizedTest(name = "{0}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "train      | auto          | TRAINING_MODE | Fusion only for eval!",
        "slot_twice | [[\"0\",\"1\"]] | WHOLE_MODULE  | uses its memo as Python does not",
        "shared     | [[\"0\",\"1\"]] | SHARED_MODULE | in another place too",
        "keywords   | [[\"0\",\"1\"]] | WHOLE_MODULE  | called with keywords"
      })
  void what_no_module_can_be_made_of_is_refused_and_its_parameters_can_be_had(
      String name, String modules, String reason, String words) throws IOException {
    Answer answer = fuse(name, modules);

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.out()).contains(reason);
    assertThat(answer.err()).contains(words, "--as state-dict");
    assertThat(output()).doesNotExist();
    fused(name, modules, "--as", "state-dict");
  }

  /**
   * In protocols up to 3 slots of the memo have numbers of their own, in 4 and 5 those of the
   * order.
   */
  @ParameterizedTest
  @ValueSource(strings = {"optimized", "optimized4"})
  void a_pickle_without_memo_of_what_it_names_once_is_fused_as_any_other(String name)
      throws IOException {
    JsonNode plain = fused("sequential", "auto");
    Map<String, String> expected = classes(output(), "the root");
    JsonNode optimized = fused(name, "auto");

    assertThat(classes(output(), "the root")).isEqualTo(expected).containsEntry("0", FUSED);
    assertThat(optimized.at("/fusions")).isEqualTo(plain.at("/fusions"));
  }

  @Test
  void hooks_within_a_group_are_a_premise_and_those_elsewhere_are_none() throws IOException {
    JsonNode within = fused("hooks", "[[\"0\",\"1\",\"2\"]]");
    JsonNode elsewhere = fused("hooks", "[[\"3.0\",\"3.1\"]]");

    assertThat(within.at("/equivalence/assumptions").toString())
        .contains("the hooks of '0', the first of which fuse_modules has called twice,")
        .contains("the hooks of '2' change no value");
    assertThat(elsewhere.at("/equivalence/assumptions").toString()).doesNotContain("hooks");
  }

  @Test
  void auto_does_not_see_through_a_hook() throws IOException {
    JsonNode report = fused("hooks", "auto");

    assertThat(report.at("/fusions")).hasSize(1);
    assertThat(report.at("/fusions/0/nodes").toString()).contains("3.0");
    assertThat(report.at("/notes").toString()).contains("'1' is not fused");
  }

  @Test
  void in_mode_qat_it_has_containers() throws IOException {
    fused("sequential", "auto", "--mode", "qat");

    assertThat(classes(output(), "the root"))
        .containsEntry("0", "torch.nn.intrinsic.modules.fused.ConvBnReLU2d")
        .containsEntry("0.1", "BatchNorm2d");
  }

  @Test
  void prepared_it_has_the_modules_of_prepare_qat() throws IOException {
    JsonNode report = fused("train", "auto", "--mode", "qat", "--qat-prepare", "fbgemm");

    String fake = "torch.ao.quantization.fake_quantize.FusedMovingAvgObsFakeQuantize";
    assertThat(classes(output(), "the root"))
        .containsEntry("0", "torch.nn.intrinsic.qat.modules.conv_fused.ConvBnReLU2d")
        .containsEntry("0.bn", "BatchNorm2d")
        .containsEntry("0.weight_fake_quant", fake)
        .containsEntry("3.0", "torch.nn.intrinsic.qat.modules.conv_fused.ConvBn2d")
        .containsEntry("3.1", "Identity")
        .containsEntry("4.activation_post_process", fake)
        .doesNotContainKey("0.0");
    assertThat(report.at("/notes").toString())
        .contains("QConfig", "functools.partial", "_observer_forward_hook", fake);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shared_six  | '4' stands in the module under several names",
        "own_qconfig | '4' is excluded by a qconfig that is None"
      })
  void what_prepare_qat_would_make_another_module_of_is_not_prepared(String name, String words)
      throws IOException {
    Answer answer = fuse(name, "auto", "--mode", "qat", "--qat-prepare", "fbgemm");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.out()).contains("QAT_UNSUPPORTED");
    assertThat(answer.err()).contains(words, "--as state-dict");
    assertThat(output()).doesNotExist();
    fused(name, "auto", "--mode", "qat");
  }

  @Test
  void a_prepared_module_is_no_float_one_and_says_what_goes_back() throws IOException {
    fused("train", "auto", "--mode", "qat", "--qat-prepare", "fbgemm");

    Answer answer = Answer.of("fuse", output(), "-o", folder.resolve("float.pth"));

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).contains("only the state dict of one goes back to float");
  }

  @Test
  void in_eval_mode_it_is_not_prepared_as_by_prepare_qat() {
    Answer answer = fuse("sequential", "auto", "--mode", "qat", "--qat-prepare", "fbgemm");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.out()).contains("TRAINING_MODE");
    assertThat(answer.err())
        .contains("prepare_qat only works on models in training mode", "--as state-dict");
    assertThat(output()).doesNotExist();
  }

  @Test
  void auto_is_for_whole_modules_only() {
    Path states = file("sequential").resolveSibling("../torch/c90_convmixer.t2.pth").normalize();

    Answer answer = Answer.of("fuse", states, "-o", output(), "--modules", "auto");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).contains("auto fuses what the classes of a whole module show");
  }

  @Test
  void without_a_list_auto_is_suggested() {
    assertThat(Answer.of("inspect", file("sequential")).err())
        .contains("The order of its Sequentials shows 2 of them: --modules auto fuses these")
        .contains("What forward does between two modules stands in the model's code")
        .doesNotContain("A state dict does not say");
  }

  @Test
  void an_eps_that_contradicts_the_file_names_the_norm_with_its_prefix() {
    assertThat(fuse("wrapped", "[[\"conv\",\"bn\"]]", "--eps", "bn=1e-3").err())
        .contains("the file says that eps of 'model.bn' is 1.0E-5, and --eps says 0.001");
  }

  @Test
  void an_object_of_which_the_state_dict_is_written_is_not_called_lost() {
    assertThat(
            Answer.of(
                    "fuse",
                    file("grouped"),
                    "-o",
                    output(),
                    "--as",
                    "state-dict",
                    "--modules",
                    "[[\"3\",\"4\"]]")
                .out())
        .contains("Sequential, of which the state dict is written)");
  }

  @Test
  void what_auto_would_refuse_is_not_suggested_and_said() {
    assertThat(Answer.of("inspect", file("grouped")).err())
        .contains("shows 2 of them: --modules auto fuses 1, and leaves the rest: '0' is a")
        .contains("--modules '[[\"3\", \"4\"]]'");
    assertThat(Answer.of("inspect", file("train")).err())
        .contains("and none can be fused: Fusion only for eval!")
        .doesNotContain("--modules", "To fuse them");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "own_forward  | [[\"0\",\"1\"]]     | '1' has a 'forward' of its own",
        "own_forward  | auto              | '1' is not fused",
        "relu_between | [[\"0\",\"2\"]]     | '1', a torch.nn.modules.activation.ReLU, stands between '0' and '2'",
        "reversed     | [[\"conv\",\"bn\"]] | 'conv' is called after 'bn'"
      })
  void what_the_file_disproves_or_does_not_say_is_refused(
      String name, String modules, String message) {
    Answer answer = fuse(name, modules);

    assertThat(answer.code()).isNotZero();
    assertThat(answer.out() + answer.err()).contains(message);
    assertThat(output()).doesNotExist();
  }

  @Test
  void an_eps_of_numpys_is_read() throws IOException {
    JsonNode report = fused("numpy_eps", "[[\"conv1\",\"bn1\",\"relu\"]]");

    assertThat(report.at("/fusions/0/epsilon").asDouble()).isEqualTo(0.001f);
    assertThat(report.at("/equivalence/assumptions").toString()).doesNotContain("eps");
  }

  @Test
  void auto_leaves_out_the_groups_that_cannot_be_fused_and_says_why() throws IOException {
    JsonNode report = fused("partial", "auto");

    assertThat(report.at("/fusions")).hasSize(2);
    assertThat(report.at("/refusals")).hasSize(2);
    assertThat(report.at("/refusals/0").toString())
        .contains("UNSUPPORTED_ATTRIBUTE", "[\"2\",\"3\"]", "'2' is a ConvTranspose of 2 groups")
        .doesNotContain("group 1");
    assertThat(report.at("/refusals/1").toString())
        .contains("NO_RUNNING_STATISTICS", "[\"4\",\"5\"]");
    assertThat(classes(output(), "the root"))
        .containsEntry("1", "Identity")
        .containsEntry("3", "BatchNorm2d")
        .containsEntry("7", "Identity");
  }

  @Test
  void auto_refuses_an_eps_that_contradicts_the_file_as_a_whole() {
    assertThat(fuse("partial", "auto", "--eps", "7=1e-3").out()).contains("OTHER_EPS");
  }

  @Test
  void a_tie_that_a_fold_cuts_is_said_whatever_is_written() throws IOException {
    for (String form : List.of("module", "state-dict")) {
      assertThat(fused("tied", "auto", "--as", form).at("/notes").toString())
          .contains("are tied to them no more, as after fuse_modules: '0.weight' with '5.weight'");
    }
    assertThat(fused("sequential", "auto").at("/notes").toString()).doesNotContain("tied");
  }

  @Test
  void parameters_of_a_module_rest_on_its_hooks_and_its_mode_too() throws IOException {
    JsonNode hooks = fused("hooks", "[[\"0\",\"1\",\"2\"]]", "--as", "state-dict");
    JsonNode train = fused("train", "[[\"0\",\"1\"]]", "--as", "state-dict");
    JsonNode plain = fused("sequential", "[[\"0\",\"1\"]]", "--as", "state-dict");

    assertThat(hooks.at("/equivalence/assumptions").toString())
        .contains("the hooks of '0' change no value", "the hooks of '2' change no value");
    assertThat(train.at("/equivalence/assumptions").toString())
        .contains("'1', saved in train mode, is to be folded as in eval mode");
    assertThat(plain.at("/equivalence/assumptions").toString())
        .doesNotContain("hooks", "train mode");
  }

  @Test
  void what_a_sequential_disproves_is_refused_whatever_is_written() {
    Answer answer = fuse("relu_between", "[[\"0\",\"2\"]]", "--as", "state-dict");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).contains("stands between '0' and '2'");
  }

  @Test
  void hooks_of_what_holds_a_group_are_a_premise() throws IOException {
    JsonNode report = fused("hooked_sequential", "auto");

    assertThat(verdict(report)).isEqualTo("AS_LISTED");
    assertThat(report.at("/equivalence/assumptions").toString()).contains("the hooks of '");
  }
}
