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
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.verdict.Assumption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code prepare_qat} does to modules that no group names; their classes decide. */
final class LoneModulesTest {
  private static final String OBSERVED = ".activation_post_process.scale";
  private static final String QUANTIZED = ".weight_fake_quant.scale";

  private final Map<String, StateEntry> entries = new LinkedHashMap<>();
  private final Map<String, Long> versions = new LinkedHashMap<>();

  LoneModulesTest() {
    tensor("c.weight", 4, 3, 3, 3);
    norm("b");
    versions.put("", 1L);
    versions.put("c", 1L);
    versions.put("b", 2L);
  }

  private void norm(String name) {
    for (String local : List.of("weight", "bias", "running_mean", "running_var")) {
      tensor(name + "." + local, 4);
    }
  }

  private void tensor(String name, long... dims) {
    entries.put(
        name, new StateEntry.Parameter(new FilledTensor(ElementType.FLOAT, Shape.of(dims), 1)));
  }

  private StatePlan prepared(String further) {
    return prepared(new StateDict(entries, versions), further);
  }

  private static StatePlan prepared(StateDict state, String further) {
    String list = "[[\"c\", \"b\"]" + (further.isEmpty() ? "" : ", " + further) + "]";
    return StatePlan.of(
        state, StateFusionRequest.eval(ModuleList.parse(list)).at(StateStage.PREPARED));
  }

  private static Map<String, StateEntry> written(StatePlan plan) {
    return plan.states(plan.plan()).get("").entries();
  }

  private static List<String> assumptions(StatePlan plan) {
    return plan.assumptions(plan.plan(), (label, group) -> false).stream()
        .map(Assumption::what)
        .toList();
  }

  private void assertAsked(String... words) {
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> prepared(""))
        .satisfies(e -> assertThat(e.getMessage()).contains(words))
        .satisfies(
            e ->
                assertThat(e.refusals())
                    .allMatch(refusal -> refusal.reason() == Reason.UNKNOWN_TYPE));
  }

  @ParameterizedTest
  @CsvSource({
    "x:ReLU6, true",
    "x:Hardswish, true",
    "x:Sigmoid, true",
    "x:ReLU, false",
    "x:SiLU, false",
    "x:MyReLU6, false"
  })
  void the_class_that_a_list_declares_decides(String declared, boolean isObserved) {
    versions.put("x", 1L);

    assertThat(written(prepared("[\"" + declared + "\"]")).containsKey("x" + OBSERVED))
        .isEqualTo(isObserved);
  }

  @Test
  void an_lstm_is_refused_with_what_leaves_it_as_it_is() {
    for (String local : List.of("weight_ih_l0", "weight_hh_l0")) {
      tensor("x." + local, 16, 4);
    }
    versions.put("x", 1L);

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> prepared(""))
        .withMessageContaining("'x' looks like an LSTM")
        .withMessageContaining("[\"x:Kept\"]");
    assertThat(written(prepared("[\"x:Kept\"]")))
        .containsKey("x.weight_ih_l0")
        .doesNotContainKey("x" + OBSERVED);
  }

  @Test
  void a_layer_that_computes_its_weight_is_not_prepared_and_called_what_it_is() {
    tensor("x.weight_g", 4, 1, 1, 1);
    tensor("x.weight_v", 4, 4, 3, 3);

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> prepared(""))
        .withMessageContaining(
            "'x' is a layer with weight norm, of which torch.nn.utils.remove_weight_norm makes a plain layer");
  }

  @Test
  void modules_that_differ_in_indices_only_are_asked_for_together() {
    versions.put("features.0.act", 1L);
    versions.put("features.1.act", 1L);

    assertAsked("'features.*.act' (2 of them, without parameters", "[\"features.*.act:ReLU6\"]");
    assertThat(written(prepared("[\"features.*.act:ReLU6\"]")))
        .containsKeys("features.0.act" + OBSERVED, "features.1.act" + OBSERVED);
  }

  @Test
  void a_norm_or_a_table_that_nothing_tells_is_asked_for() {
    norm("lone");
    tensor("scale.weight", 4);
    tensor("table.weight", 5, 4);
    for (String name : List.of("lone", "scale", "table")) {
      versions.put(name, 1L);
    }

    assertAsked("'lone' (running statistics", "'scale' (a weight of one axis", "'table' (a weight");
  }

  @Test
  void layers_are_told_by_their_parameters_and_that_is_an_assumption() {
    tensor("fc.weight", 2, 4);
    tensor("fc.bias", 2);
    tensor("up.weight", 4, 2, 2, 2);
    tensor("up.bias", 2);
    StatePlan plan = prepared(new StateDict(entries, Map.of()), "");

    assertThat(written(plan))
        .containsKeys("fc" + QUANTIZED, "fc" + OBSERVED, "up" + OBSERVED)
        .doesNotContainKey("up" + QUANTIZED);
    assertThat(assumptions(plan))
        .contains(
            "'fc' is a Linear",
            "'up' is a ConvTranspose2d",
            "no other module is observed; those without parameters are not listed in this file");
  }

  @Test
  void a_conv_whose_name_speaks_for_a_transpose_is_asked_for_and_another_is_not() {
    tensor("up.weight", 4, 4, 2, 2);
    versions.put("up", 1L);
    assertAsked("'up'", "ConvTranspose2d");

    entries.remove("up.weight");
    versions.remove("up");
    tensor("head.weight", 4, 4, 2, 2);
    versions.put("head", 1L);
    assertThat(written(prepared(""))).containsKey("head" + QUANTIZED);

    tensor("beside.weight", 4, 2, 2, 2);
    tensor("beside.bias", 2);
    versions.put("beside", 1L);
    assertAsked("'head'", "or a layer beside it");
  }

  @Test
  void a_name_that_the_file_does_not_list_may_be_declared_where_it_lists_none() {
    StatePlan plan = prepared(new StateDict(entries, Map.of()), "[\"act:ReLU6\"]");

    assertThat(written(plan)).containsKey("act" + OBSERVED);
    assertThat(assumptions(plan)).contains("'act' is a ReLU6");
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> prepared("[\"act:ReLU6\"]"))
        .withMessageContaining("'act' is declared a ReLU6, and the state dict has no such module");
  }

  @Test
  void what_a_whole_module_says_needs_no_declaration_and_bears_no_contradiction() {
    Map<String, DeclaredModule> modules = new LinkedHashMap<>();
    modules.put("", declared("Sequential"));
    modules.put("c", declared("Conv2d"));
    modules.put("b", declared("BatchNorm2d"));
    modules.put("x", declared("Tanh"));
    StateDict module = new StateDict(entries, Map.of(), modules);

    assertThat(written(prepared(module, ""))).containsKey("x" + OBSERVED);
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> prepared(module, "[\"x:ReLU\"]"))
        .withMessageContaining("'x' is declared a ReLU, and the file says that it is a Tanh");
  }

  private static DeclaredModule declared(String type) {
    return new DeclaredModule(type, OptionalDouble.empty());
  }
}
