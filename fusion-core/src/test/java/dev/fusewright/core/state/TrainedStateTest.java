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
package dev.fusewright.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.verdict.Assumption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** State dicts of modules that prepare_qat made, and BatchNorms that lie inside or hold others. */
final class TrainedStateTest {
  private final Map<String, StateEntry> entries = new LinkedHashMap<>();
  private final Map<String, Long> versions = new LinkedHashMap<>();

  private void tensor(String name, long... dims) {
    entries.put(
        name, new StateEntry.Parameter(new FilledTensor(ElementType.FLOAT, Shape.of(dims), 0.5)));
  }

  private void layer(String name) {
    tensor(name + ".weight", 4, 3, 3, 3);
  }

  private void norm(String name) {
    for (String local : List.of("weight", "bias", "running_mean", "running_var")) {
      tensor(name + "." + local, 4);
    }
  }

  private void fake(String name) {
    tensor(name + ".fake_quant_enabled", 1);
    tensor(name + ".scale", 1);
    tensor(name + ".activation_post_process.min_val", 1);
  }

  private void trained(String name) {
    layer(name);
    norm(name + ".bn");
    fake(name + ".weight_fake_quant");
    fake(name + ".activation_post_process");
  }

  private FusedState fused(String list) {
    return FusedState.of(
        new StateDict(entries, versions), StateFusionRequest.eval(ModuleList.parse(list)));
  }

  @Test
  void a_batch_norm_inside_is_folded_by_the_name_that_it_had_as_by_its_own() {
    layer("conv");
    norm("bn");
    StateDict plain = fused("[\"conv\", \"bn\", \"relu\"]").state();
    entries.clear();
    trained("conv");

    for (String norm : List.of("bn", "conv.bn")) {
      StateDict found = fused("[\"conv\", \"%s\", \"relu\"]".formatted(norm)).state();
      assertThat(found.entries().keySet())
          .containsExactly("conv.0.weight", "conv.0.bias")
          .isEqualTo(plain.entries().keySet());
      for (String name : found.entries().keySet()) {
        assertThat(Tensors.doubles(found.tensor(name).orElseThrow(), 1000))
            .as(name)
            .containsExactly(Tensors.doubles(plain.tensor(name).orElseThrow(), 1000));
      }
    }
  }

  @Test
  void a_layer_that_was_prepared_is_not_prepared_again() {
    trained("conv");

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(
            () ->
                StatePlan.of(
                    new StateDict(entries, versions),
                    StateFusionRequest.eval(ModuleList.parse("[\"conv\", \"bn\"]"))
                        .at(StateStage.QAT)))
        .withMessageContaining("'conv' is a layer that prepare_qat made already");
  }

  @Test
  void what_was_prepared_without_being_fused_is_suggested_as_plain_layers_and_norms_are() {
    layer("conv");
    fake("conv.weight_fake_quant");
    norm("bn");

    assertThat(PairSuggestions.of(new StateDict(entries, versions)))
        .containsExactly(List.of("conv", "bn"));
    assertThat(fused("[\"conv\", \"bn\"]").state().entries())
        .containsOnlyKeys("conv.weight", "conv.bias");
    entries.clear();
    trained("conv");
    assertThat(PairSuggestions.of(new StateDict(entries, versions)))
        .containsExactly(List.of("conv", "conv.bn"));
  }

  @Test
  void all_goes_back_to_float_where_a_list_names_every_batch_norm_inside() {
    trained("conv1");
    trained("conv2");
    tensor("fc.weight", 2, 4);
    fake("fc.weight_fake_quant");
    FusedState fused = fused("[[\"conv1\", \"bn1\", \"relu\"], [\"conv2\", \"conv2.bn\"]]");

    assertThat(fused.state().entries())
        .containsOnlyKeys(
            "conv1.0.weight", "conv1.0.bias", "conv2.weight", "conv2.bias", "fc.weight");
    assertThat(notes("[[\"conv1\", \"bn1\", \"relu\"], [\"conv2\", \"conv2.bn\"]]")).isEmpty();
    assertThat(fused.plan().assumptions(fused.plan().plan(), (label, group) -> false))
        .extracting(Assumption::what)
        .contains("'conv2': no ReLU stands behind the BatchNorm inside, as it does in a ConvBnReLU")
        .doesNotContain("'bn1' alone follows 'conv1'");
  }

  @Test
  void what_a_list_leaves_out_stays_as_prepare_qat_made_it_and_is_named() {
    trained("conv1");
    trained("conv2");
    tensor("fc.weight", 2, 4);
    fake("fc.weight_fake_quant");
    Map<String, StateEntry> left = new LinkedHashMap<>(entries);
    left.keySet().removeIf(name -> name.startsWith("conv1."));
    Map<String, StateEntry> found = fused("[\"conv1\", \"bn1\"]").state().entries();

    assertThat(found).containsAllEntriesOf(left).hasSize(left.size() + 2);
    assertThat(found).containsKeys("conv1.weight", "conv1.bias");
    assertThat(notes("[\"conv1\", \"bn1\"]"))
        .containsExactly(
            "'conv2' has a BatchNorm inside that no group names: it and all that no group names stay as prepare_qat made them");
  }

  private List<String> notes(String list) {
    return ListedState.of(
            new StateDict(entries, versions), StateFusionRequest.eval(ModuleList.parse(list)))
        .notes();
  }

  @Test
  void a_relu_in_the_place_of_the_batch_norm_is_refused() {
    trained("conv1");

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> fused("[\"conv1\", \"relu1\"]"))
        .withMessageContaining("'conv1' has its BatchNorm inside, and 'relu1' is none");
  }

  @Test
  void a_batch_norm_that_holds_its_activation_is_folded_and_the_activation_stays_listed() {
    layer("conv");
    norm("bn");
    for (String module : List.of("", "conv", "bn", "bn.drop", "bn.act")) {
      versions.put(module, 1L);
    }
    FusedState fused = fused("[\"conv\", \"bn\"]");

    assertThat(fused.state().entries()).containsOnlyKeys("conv.weight", "conv.bias");
    assertThat(fused.state().versions()).containsKeys("bn", "bn.act");
    assertThat(fused.plan().assumptions(fused.plan().plan(), (label, group) -> false))
        .extracting(Assumption::what)
        .contains("'bn' normalizes first, and what lies in it, such as an activation, stays");
  }

  @Test
  void a_module_with_parameters_below_a_batch_norm_makes_it_a_container() {
    layer("conv");
    norm("bn");
    tensor("bn.act.weight", 4);

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> fused("[\"conv\", \"bn\"]"))
        .withMessageContaining("'bn' is a container");
  }
}
