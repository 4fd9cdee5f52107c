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
package dev.fusewright.core.companion;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a companion graph says of a state dict: which layers its BatchNorms follow, their eps, and
 * which layers are transposed. Parameters are matched by name: the initializer {@code
 * layer1.0.conv1.weight} is that of the state dict.
 *
 * <p>Only a BatchNorm is listed that at each of its calls alone reads the output of a layer, and
 * only if every call of that layer goes to it: nothing that stands between the two, and no second
 * use, is overlooked.
 *
 * @param groups pairs of a layer and its BatchNorm, in graph order
 * @param epsilons of all BatchNorms that have a name
 * @param transposed the layers that are ConvTranspose
 */
public record GraphGroups(
    List<List<String>> groups, Map<String, Double> epsilons, Set<String> transposed) {
  private static final float DEFAULT_EPSILON = 1e-5f;

  /** Copies. */
  public GraphGroups {
    groups = List.copyOf(groups);
    epsilons = Map.copyOf(epsilons);
    transposed = Set.copyOf(transposed);
  }

  /** The pairs of a graph whose parameters have the names of modules. */
  public static GraphGroups of(ModelGraph model) {
    ParameterNodes parameters = new ParameterNodes(model);
    ValueFlow flow = ValueFlow.of(model.graph());
    Map<String, Integer> layerCalls = new HashMap<>();
    Set<String> transposed = new HashSet<>();
    for (Node node : model.graph().nodes()) {
      Optional<String> layer = parameters.layer(node);
      layer.ifPresent(name -> layerCalls.merge(name, 1, Integer::sum));
      if (layer.isPresent() && node.is(OpKind.CONV_TRANSPOSE)) {
        transposed.add(layer.get());
      }
    }
    // Of each BatchNorm, how many calls of which layers it alone follows; of none, if it ever
    // follows something else.
    Map<String, Map<String, Integer>> followed = new LinkedHashMap<>();
    Set<String> elsewhere = new HashSet<>();
    Map<String, Double> epsilons = new HashMap<>();
    for (Node node : model.graph().nodes()) {
      Optional<String> norm = parameters.norm(node);
      if (norm.isPresent()) {
        epsilons.put(norm.get(), node.realAttribute("epsilon", DEFAULT_EPSILON));
        Optional<String> layer =
            Optional.ofNullable(flow.producer(node.input(0)))
                .flatMap(parameters::layer)
                .filter(name -> flow.isReadOnce(node.input(0)));
        if (layer.isPresent()) {
          followed
              .computeIfAbsent(norm.get(), absent -> new LinkedHashMap<>())
              .merge(layer.get(), 1, Integer::sum);
        } else {
          elsewhere.add(norm.get());
        }
      }
    }
    followed
        .entrySet()
        .removeIf(
            norm ->
                elsewhere.contains(norm.getKey())
                    || !layerCalls.entrySet().containsAll(norm.getValue().entrySet()));
    List<List<String>> groups = new ArrayList<>();
    followed.forEach(
        (norm, layers) -> layers.keySet().forEach(layer -> groups.add(List.of(layer, norm))));
    return new GraphGroups(groups, epsilons, transposed);
  }
}
