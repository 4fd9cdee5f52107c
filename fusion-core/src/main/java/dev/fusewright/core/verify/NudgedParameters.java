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
package dev.fusewright.core.verify;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A model whose floating-point parameters are moved by one ulp each, up or down: as far from the
 * original as storing its parameters once more may bring it.
 *
 * <p>What decides about shapes or about levels of a quantizer is no parameter, and stays.
 */
final class NudgedParameters {
  /** Operators whose constants are settings: an ulp there is another operation. */
  private static final Set<String> READERS_OF_SETTINGS =
      Set.of(
          "Resize",
          "Upsample",
          "Range",
          "Clip",
          "Pad",
          "OneHot",
          "ConstantOfShape",
          "NonMaxSuppression",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "Equal",
          "Less",
          "Greater",
          "LessOrEqual",
          "GreaterOrEqual",
          "Mod",
          "Cast");

  private final Set<String> settings = new HashSet<>();
  private final SplittableRandom random;

  private NudgedParameters(Graph graph, long seed) {
    this.random = new SplittableRandom(seed);
    for (Node node : graph.nodes()) {
      if (READERS_OF_SETTINGS.contains(node.op().type())) {
        settings.addAll(node.inputs());
      }
    }
  }

  /**
   * The model with other parameters; empty if they would take more than {@code mostBytes}.
   *
   * @param seed of the directions
   */
  static Optional<ModelGraph> of(ModelGraph model, long seed, long mostBytes) {
    Graph graph = model.graph();
    long bytes =
        graph.initializers().stream()
            .filter(constant -> constant.tensor().type().isFoldable())
            .mapToLong(constant -> constant.tensor().byteCount())
            .sum();
    if (bytes > mostBytes) {
      return Optional.empty();
    }
    NudgedParameters nudged = new NudgedParameters(graph, seed);
    List<Initializer> initializers =
        graph.initializers().stream()
            .map(constant -> new Initializer(constant.name(), nudged.moved(constant)))
            .toList();
    List<Node> nodes = graph.nodes().stream().map(nudged::moved).toList();
    return Optional.of(model.withGraph(graph.withInitializers(initializers).withNodes(nodes)));
  }

  private Tensor moved(Initializer constant) {
    return settings.contains(constant.name()) ? constant.tensor() : moved(constant.tensor());
  }

  private Node moved(Node node) {
    Tensor constant = node.is(OpKind.CONSTANT) ? node.tensorAttribute("value") : null;
    if (constant == null || settings.contains(node.output())) {
      return node;
    }
    return node.withAttribute("value", new Attribute.TensorValue(moved(constant)));
  }

  private Tensor moved(Tensor tensor) {
    if (!tensor.type().isFoldable()) {
      return tensor;
    }
    FloatFormat format = FloatFormat.of(tensor.type());
    double[] values = Tensors.doubles(tensor, Integer.MAX_VALUE);
    // A zero stays: it is a hole in a weight, and has no ulp that would mean anything.
    Arrays.setAll(
        values, i -> values[i] == 0 ? 0 : format.next(values[i], random.nextBoolean() ? 1 : -1));
    return LiteralTensor.ofDoubles(tensor.type(), tensor.shape(), values);
  }
}
