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

import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a list leaves unfused is said: copies behind another prefix, BatchNorms in no group. */
final class UnfusedCopiesTest {
  private static final String LIST = "[\"conv\", \"bn\"]";

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private void tensor(String name, long... dims) {
    tensors.put(name, new FilledTensor(ElementType.FLOAT, Shape.of(dims), 0.5));
  }

  private void pair(String prefix, long channels) {
    tensor(prefix + "conv.weight", channels, 3, 3, 3);
    norm(prefix + "bn", channels);
  }

  private void norm(String name, long channels) {
    for (String local : List.of("weight", "bias", "running_mean", "running_var")) {
      tensor(name + "." + local, channels);
    }
  }

  private ListedState listed(String list, String prefix) {
    return ListedState.of(
        StateDict.ofTensors(tensors),
        StateFusionRequest.eval(ModuleList.parse(list)).behind(prefix));
  }

  private static String copies(String prefix) {
    return "behind '%s' there are modules of the same names and shapes as the listed ones, and they stay as they are"
        .formatted(prefix);
  }

  @Test
  void copies_behind_other_prefixes_are_said() {
    pair("model.", 4);
    pair("ema.", 4);
    pair("teacher.model.", 4);

    assertThat(listed(LIST, "model.").notes())
        .containsExactly(copies("ema."), copies("teacher.model."));
    assertThat(listed("[\"model.conv\", \"model.bn\"]", "").notes())
        .containsExactly(copies("ema."), copies("teacher.model."));
  }

  @Test
  void copies_without_dots_in_their_names_are_said() {
    pair("model.", 4);
    tensor("model_ema.convweight", 4, 3, 3, 3);
    tensor("model_ema.convbias", 4);
    tensor("model_ema.bnweight", 4);
    tensor("model_ema.bnbias", 4);

    assertThat(listed(LIST, "model.").notes()).containsExactly(copies("model_ema."));
  }

  @Test
  void modules_of_other_shapes_or_with_some_of_the_names_are_no_copies() {
    pair("model.", 4);
    pair("wide.", 8);
    tensor("mask.conv.weight", 4, 3, 3, 3);
    tensor("flat.convweight", 4, 3, 3, 3);

    assertThat(listed(LIST, "model.").notes()).isEmpty();
  }

  @Test
  void copies_that_the_list_names_too_are_fused_and_not_said() {
    pair("model.", 4);
    pair("ema.", 4);

    assertThat(listed("[[\"*.conv\", \"*.bn\"]]", "").notes()).isEmpty();
  }

  @Test
  void batch_norms_in_no_group_are_counted_and_named() {
    pair("", 4);
    norm("other", 4);
    norm("last", 4);

    assertThat(listed(LIST, "").leftNorms())
        .contains("2 BatchNorms are in no group and stay: 'other', 'last'");
    tensors.keySet().removeIf(name -> name.startsWith("other") || name.startsWith("last"));
    assertThat(listed(LIST, "").leftNorms()).isEqualTo(Optional.empty());
  }
}
