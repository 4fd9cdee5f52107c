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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PairPatternsTest {
  private final Map<String, FilledTensor> tensors = new LinkedHashMap<>();

  private void pair(String layer, String norm) {
    tensors.put(layer + ".weight", new FilledTensor(ElementType.FLOAT, Shape.of(4, 4, 3, 3), 1));
    for (String local : List.of("weight", "bias", "running_mean", "running_var")) {
      tensors.put(norm + "." + local, new FilledTensor(ElementType.FLOAT, Shape.of(4), 1));
    }
  }

  private List<List<String>> patterns(List<List<String>> pairs) {
    return PairPatterns.of(pairs, StateDict.ofTensors(tensors), "");
  }

  @Test
  void pairs_that_differ_in_numbers_only_are_one_pattern() {
    pair("conv1", "bn1");
    pair("layer1.0.conv1", "layer1.0.bn1");
    pair("layer1.0.conv2", "layer1.0.bn2");
    pair("layer2.0.conv1", "layer2.0.bn1");

    assertThat(patterns(PairSuggestions.of(StateDict.ofTensors(tensors))))
        .containsExactly(List.of("conv1", "bn1"), List.of("layer*.*.conv{n}", "layer*.*.bn{n}"));
  }

  @Test
  void a_pattern_that_would_fit_other_modules_too_is_none() {
    pair("layer1.conv1", "layer1.bn1");
    pair("layer2.conv1", "layer2.bn1");
    pair("layer3.conv1", "layer3.bn1");
    List<List<String>> some =
        List.of(List.of("layer1.conv1", "layer1.bn1"), List.of("layer2.conv1", "layer2.bn1"));

    assertThat(patterns(some)).isEqualTo(some);
  }

  @Test
  void children_of_a_sequential_keep_their_own_numbers() {
    pair("features.0.0", "features.0.1");
    pair("features.1.0", "features.1.1");

    assertThat(patterns(PairSuggestions.of(StateDict.ofTensors(tensors))))
        .containsExactly(List.of("features.*.0", "features.*.1"));
  }
}
