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
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A layer that computes its parameters from others is named in words. */
final class ReparametrizationTest {
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  @ParameterizedTest
  @CsvSource({
    "weight_g weight_v, a layer with weight norm, remove_weight_norm",
    "weight_orig weight_mask, a pruned layer, prune.remove",
    "weight_orig weight_u weight_v, a layer with spectral norm, remove_spectral_norm",
    "parametrizations.weight.original0 parametrizations.weight.original1, a layer with weight norm, remove_parametrizations",
    "parametrizations.weight.original parametrizations.weight.0._u, a layer with spectral norm, remove_parametrizations",
    "parametrizations.weight.original, a layer with a parametrized weight, remove_parametrizations"
  })
  void the_refusal_says_what_the_layer_is_and_what_makes_it_plain(
      String locals, String words, String remedy) {
    for (String local : locals.split(" ")) {
      tensors.put("conv." + local, LiteralTensor.ofFloats(Shape.of(2, 1, 1, 1), new float[2]));
    }
    norm();

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(this::listed)
        .withMessageContaining("'conv' is " + words)
        .withMessageContaining(remedy)
        .satisfies(
            refusal ->
                assertThat(refusal.refusals().get(0).reason())
                    .isEqualTo(Reason.NOT_FUSABLE_SEQUENCE));
  }

  @Test
  void a_parametrized_bias_makes_a_layer_that_is_not_plain_either() {
    tensors.put("conv.weight", LiteralTensor.ofFloats(Shape.of(2, 1, 1, 1), new float[2]));
    tensors.put(
        "conv.parametrizations.bias.original", LiteralTensor.ofFloats(Shape.of(2), new float[2]));
    norm();

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(this::listed)
        .withMessageContaining("'conv' is a module with parametrized parameters");
  }

  @Test
  void a_plain_layer_with_an_extra_state_is_still_one() {
    tensors.put("conv.weight", LiteralTensor.ofFloats(Shape.of(2, 1, 1, 1), new float[2]));
    tensors.put("conv._extra_state", LiteralTensor.ofFloats(Shape.of(3), new float[3]));
    norm();

    assertThat(listed().listed()).hasSize(1);
  }

  @Test
  void a_layer_with_another_parameter_is_none() {
    tensors.put("conv.weight", LiteralTensor.ofFloats(Shape.of(2, 1, 1, 1), new float[2]));
    tensors.put("conv.extra", LiteralTensor.ofFloats(Shape.of(3), new float[3]));
    norm();

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(this::listed)
        .withMessageContaining("a module of other parameters");
  }

  private ListedState listed() {
    return ListedState.of(
        StateDict.ofTensors(tensors),
        StateFusionRequest.eval(ModuleList.of(List.of(List.of("conv", "bn")))));
  }

  private void norm() {
    for (String local : List.of("weight", "bias", "running_mean", "running_var")) {
      tensors.put("bn." + local, LiteralTensor.ofFloats(Shape.of(2), new float[2]));
    }
  }
}
