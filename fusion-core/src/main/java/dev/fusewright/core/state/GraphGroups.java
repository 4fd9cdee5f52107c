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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a companion graph says of a state dict: which layers its BatchNorms follow, their eps, and
 * which layers are transposed. Parameters are matched by name: the initializer {@code
 * layer1.0.conv1.weight} is that of the state dict.
 *
 * <p>Only a BatchNorm that alone reads the layer's output is listed, so that nothing between the
 * two is overlooked.
 *
 * @param groups pairs of a layer and its BatchNorm, in graph order
 * @param epsilons of the BatchNorms among them
 * @param transposed the layers among them that are ConvTranspose
 */
public record GraphGroups(List<List<String>> groups, Epsilons epsilons, Set<String> transposed) {
  private static final String WEIGHT = ".weight";
  private static final float DEFAULT_EPSILON = 1e-5f;
  private static final int WEIGHT_INPUT = 1;
  private static final int MEAN_INPUT = 3;

  /** Copies. */
  public GraphGroups {
    groups = List.copyOf(groups);
    transposed = Set.copyOf(transposed);
  }

  /** The pairs of a graph whose parameters have the names of modules. */
  public static GraphGroups of(ModelGraph model) {
    Map<String, Node> producers = new HashMap<>();
    Map<String, Integer> uses = new HashMap<>();
    Set<String> initializers = new HashSet<>();
    for (Initializer initializer : model.graph().initializers()) {
      initializers.add(initializer.name());
    }
    for (ValueInfo output : model.graph().outputs()) {
      uses.merge(output.name(), 1, Integer::sum);
    }
    for (Node node : model.graph().nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
      node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum));
      node.bodies().forEach(body -> countCaptures(body, uses));
    }
    List<List<String>> groups = new ArrayList<>();
    Map<String, Double> epsilons = new HashMap<>();
    Set<String> transposed = new HashSet<>();
    for (Node norm : model.graph().nodes()) {
      if (!isEvalNorm(norm)) {
        continue;
      }
      Node layer = producers.get(norm.input(0));
      Optional<String> normName = normName(norm, initializers);
      Optional<String> layerName =
          layer == null ? Optional.empty() : layerName(layer, initializers);
      if (layer != null
          && normName.isPresent()
          && layerName.isPresent()
          && uses.getOrDefault(norm.input(0), 0) == 1) {
        groups.add(List.of(layerName.get(), normName.get()));
        epsilons.put(normName.get(), (double) norm.realAttribute("epsilon", DEFAULT_EPSILON));
        if (layer.is(OpKind.CONV_TRANSPOSE)) {
          transposed.add(layerName.get());
        }
      }
    }
    return new GraphGroups(groups, new Epsilons(Epsilons.DEFAULT.standard(), epsilons), transposed);
  }

  /** A body may read any value around it. */
  private static void countCaptures(Graph body, Map<String, Integer> uses) {
    for (Node node : body.nodes()) {
      node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum));
      node.bodies().forEach(inner -> countCaptures(inner, uses));
    }
    body.outputs().forEach(output -> uses.merge(output.name(), 1, Integer::sum));
  }

  private static boolean isEvalNorm(Node node) {
    return node.is(OpKind.BATCH_NORMALIZATION)
        && node.intAttribute("training_mode", 0) == 0
        && node.intAttribute("spatial", 1) == 1
        && !node.hasFurtherOutputs();
  }

  /** By the mean, since a BatchNorm without affine has constants for the rest. */
  private static Optional<String> normName(Node norm, Set<String> initializers) {
    String suffix = ".running_mean";
    String mean = norm.hasInput(MEAN_INPUT) ? norm.input(MEAN_INPUT) : "";
    return initializers.contains(mean) && mean.endsWith(suffix)
        ? Optional.of(mean.substring(0, mean.length() - suffix.length()))
        : Optional.empty();
  }

  /** A Gemm is a Linear only where it has the Linear's layout. */
  private static Optional<String> layerName(Node layer, Set<String> initializers) {
    boolean linear =
        layer.is(OpKind.GEMM)
            && layer.intAttribute("transB", 0) == 1
            && layer.intAttribute("transA", 0) == 0
            && layer.realAttribute("alpha", 1) == 1
            && layer.realAttribute("beta", 1) == 1;
    String weight = layer.hasInput(WEIGHT_INPUT) ? layer.input(WEIGHT_INPUT) : "";
    boolean convolution = layer.is(OpKind.CONV) || layer.is(OpKind.CONV_TRANSPOSE);
    return (linear || convolution) && initializers.contains(weight) && weight.endsWith(WEIGHT)
        ? Optional.of(weight.substring(0, weight.length() - WEIGHT.length()))
        : Optional.empty();
  }
}
