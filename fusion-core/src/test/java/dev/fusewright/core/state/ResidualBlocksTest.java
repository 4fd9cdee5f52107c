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

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Neighbours between which a sum may stand are no suggestion. */
final class ResidualBlocksTest {
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private void tensor(String name, long... dims) {
    tensors.put(name, new FilledTensor(ElementType.FLOAT, Shape.of(dims), 0.5));
  }

  private void conv(String name, long out, long in) {
    tensor(name + ".weight", out, in, 3, 3);
  }

  private void norm(String name, long channels) {
    for (String local : List.of("weight", "bias", "running_mean", "running_var")) {
      tensor(name + "." + local, channels);
    }
  }

  private List<List<String>> suggested() {
    return PairSuggestions.of(StateDict.ofTensors(tensors));
  }

  private List<List<String>> leftOut() {
    return PairSuggestions.acrossSums(StateDict.ofTensors(tensors));
  }

  private void block(String name, long in, long out) {
    norm(name + ".bn1", in);
    conv(name + ".conv1", out, in);
    norm(name + ".bn2", out);
    conv(name + ".conv2", out, out);
  }

  @Test
  void blocks_with_pre_activation_give_the_pairs_inside_and_none_between_them() {
    conv("conv", 4, 3);
    block("layer.0", 4, 4);
    block("layer.1", 4, 4);
    norm("bn", 4);

    assertThat(suggested())
        .containsExactly(
            List.of("layer.0.conv1", "layer.0.bn2"), List.of("layer.1.conv1", "layer.1.bn2"));
    assertThat(leftOut())
        .containsExactly(
            List.of("conv", "layer.0.bn1"),
            List.of("layer.0.conv2", "layer.1.bn1"),
            List.of("layer.1.conv2", "bn"));
  }

  @Test
  void a_way_around_by_its_name_speaks_for_a_sum_behind_the_block() {
    conv("block.conv1", 8, 3);
    norm("block.bn1", 8);
    conv("block.shortcut.0", 4, 3);
    conv("block.conv2", 4, 8);
    norm("bn", 4);

    assertThat(suggested()).containsExactly(List.of("block.conv1", "block.bn1"));
    assertThat(leftOut()).containsExactly(List.of("block.conv2", "bn"));
  }

  @Test
  void a_stem_that_widens_and_wrappers_of_one_module_are_no_blocks() {
    conv("stem.0", 4, 3);
    norm("stem.1", 4);
    conv("stem.3", 8, 4);
    norm("bn1", 8);
    conv("a.conv.conv", 8, 8);
    norm("a.norm.bn", 8);
    conv("b", 8, 8);
    norm("b.norm", 8);

    assertThat(suggested())
        .containsExactly(
            List.of("stem.0", "stem.1"),
            List.of("stem.3", "bn1"),
            List.of("a.conv.conv", "a.norm.bn"),
            List.of("b", "b.norm"));
    assertThat(leftOut()).isEmpty();
  }

  @Test
  void a_layer_that_is_the_way_around_takes_no_batch_norm_of_the_main_path() {
    conv("conv1", 4, 4);
    norm("bn1", 4);
    conv("shortcut", 4, 4);
    norm("bn2", 4);
    conv("downsample.0", 4, 4);
    norm("downsample.1", 4);

    assertThat(suggested())
        .containsExactly(List.of("conv1", "bn1"), List.of("downsample.0", "downsample.1"));
    assertThat(leftOut()).containsExactly(List.of("shortcut", "bn2"));
  }
}
