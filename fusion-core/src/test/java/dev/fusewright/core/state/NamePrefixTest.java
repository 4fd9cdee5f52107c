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
import org.junit.jupiter.params.provider.ValueSource;

/** A list works behind what wrappers put before its names, and is never guessed into one of two. */
final class NamePrefixTest {
  private static final String PAIR = "[[\"conv1\", \"bn1\"]]";

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  @ParameterizedTest
  @ValueSource(
      strings = {"", "module.", "module.module.", "_orig_mod.", "model.", "net.", "a.b.backbone."})
  void a_list_fits_behind_what_all_names_begin_with(String prefix) {
    block(prefix);
    block(prefix + "layer1.0.");

    assertThat(prefix(PAIR)).isEqualTo(prefix);
    assertThat(prefix("[[\"layer1.0.conv1\", \"layer1.0.bn1\"]]")).isEqualTo(prefix);
  }

  @Test
  void a_list_of_full_names_fits_as_it_is() {
    block("model.");

    assertThat(prefix("[[\"model.conv1\", \"model.bn1\"]]")).isEmpty();
    assertThat(prefix("[[\"**.conv{n}\", \"**.bn{n}\"]]")).isEqualTo("model.");
  }

  @Test
  void the_counter_of_an_averaged_model_lies_beside_the_prefix() {
    tensors.put("n_averaged", LiteralTensor.ofLongs(Shape.SCALAR, 7));
    block("module.");

    assertThat(prefix(PAIR)).isEqualTo("module.");
  }

  @Test
  void a_loss_beside_the_model_does_not_hide_its_prefix() {
    block("model.");
    block("model.layer1.0.");
    vector("criterion.weight", 3);

    assertThat(prefix(PAIR)).isEqualTo("model.");
  }

  @Test
  void a_list_that_fits_in_two_models_is_refused_with_both_names() {
    block("student.");
    block("teacher.");

    assertRefused(PAIR, Reason.AMBIGUOUS_PREFIX, "behind 'student.' and behind 'teacher.'");
    assertThat(prefix("[[\"student.conv1\", \"student.bn1\"]]")).isEmpty();
  }

  @Test
  void a_pattern_that_means_other_modules_with_a_prefix_than_without_is_refused() {
    block("encoder.");
    block("encoder.encoder.");

    assertRefused(
        "[[\"*.conv1\", \"*.bn1\"]]",
        Reason.AMBIGUOUS_PREFIX,
        "behind no prefix and behind 'encoder.'");
    assertThat(prefix("[[\"encoder.conv1\", \"encoder.bn1\"]]")).isEmpty();
    assertThat(prefix("[[\"encoder.encoder.conv1\", \"encoder.encoder.bn1\"]]")).isEmpty();
  }

  @Test
  void a_pattern_behind_pytorchs_own_wrapper_means_the_wrapped_model() {
    block("module.");
    block("module.layer1.");

    assertThat(prefix("[[\"*.conv1\", \"*.bn1\"]]")).isEqualTo("module.");
  }

  @Test
  void a_small_part_of_a_model_is_not_taken_for_the_model() {
    for (int i = 0; i < 3; i++) {
      layer("stage" + i + ".conv");
    }
    block("head.");
    layer("tail.conv");
    layer("last.conv");
    layer("more.conv");
    layer("other.conv");

    assertRefused(PAIR, Reason.NO_SUCH_MODULE, "no module 'conv1'");
  }

  @Test
  void the_longest_common_prefix_comes_first() {
    block("a.b.");

    assertThat(NamePrefix.common(state())).isEqualTo(List.of("a.b.", "a.", ""));
    assertThat(NamePrefix.common(StateDict.ofTensors(Map.of()))).isEqualTo(List.of(""));
  }

  @Test
  void only_pytorchs_own_words_are_a_wrapper() {
    block("module._orig_mod.net.");

    assertThat(NamePrefix.wrapper(state())).isEqualTo("module._orig_mod.");
  }

  private String prefix(String list) {
    return NamePrefix.of(state(), StateFusionRequest.eval(ModuleList.parse(list)));
  }

  private void assertRefused(String list, Reason reason, String message) {
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> prefix(list))
        .withMessageContaining(message)
        .satisfies(refusal -> assertThat(refusal.refusals().get(0).reason()).isEqualTo(reason));
  }

  private StateDict state() {
    return StateDict.ofTensors(tensors);
  }

  private void block(String prefix) {
    layer(prefix + "conv1");
    for (String local : List.of("weight", "bias", "running_mean", "running_var")) {
      vector(prefix + "bn1." + local, 2);
    }
  }

  private void layer(String name) {
    tensors.put(name + ".weight", LiteralTensor.ofFloats(Shape.of(2, 1, 1, 1), new float[2]));
  }

  private void vector(String name, int length) {
    tensors.put(name, LiteralTensor.ofFloats(Shape.of(length), new float[length]));
  }
}
