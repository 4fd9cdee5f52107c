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
package dev.fusewright.core.proof.structure;

import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TransposedTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model spelled in one way, bit for bit the same: what is computed from constants alone, exactly,
 * becomes an initializer, a Gemm's constant weight is stored as it is multiplied, and norms do not
 * share the layer before them.
 */
public final class ExactForm {
  private static final String TRANSPOSED = "/transposed";

  private ExactForm() {}

  /** The model in this form; functions stay as they are. */
  public static ModelGraph of(ModelGraph model) {
    boolean overridable = model.irVersion() >= ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE;
    Set<String> inputs = new HashSet<>();
    if (overridable) {
      model.graph().inputs().forEach(input -> inputs.add(input.name()));
    }
    ModelGraph spelled =
        model.withGraph(scope(model.graph(), model.opsets(), ShapeInference.of(model), inputs));
    return spelled.withGraph(SharedLayers.copied(spelled));
  }

  private static Graph scope(
      Graph graph,
      Map<String, Long> opsets,
      @Nullable ShapeInference shapes,
      Set<String> overridable) {
    Map<String, Tensor> constants = new HashMap<>();
    for (Initializer initializer : graph.initializers()) {
      if (!overridable.contains(initializer.name())) {
        constants.put(initializer.name(), initializer.tensor());
      }
    }
    new ConstantFolding(graph, opsets, shapes, constants).run();
    Set<String> outputs = new HashSet<>();
    graph.outputs().stream().map(ValueInfo::name).forEach(outputs::add);
    Map<String, Initializer> initializers = new LinkedHashMap<>();
    graph.initializers().forEach(it -> initializers.put(it.name(), it));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Tensor value = node.outputs().size() == 1 ? constants.get(node.output()) : null;
      if (value == null || outputs.contains(node.output())) {
        nodes.add(withBodies(asMultiplied(node, constants, initializers), opsets));
      } else {
        initializers.put(node.output(), new Initializer(node.output(), value));
      }
    }
    return graph.withNodes(nodes).withInitializers(List.copyOf(initializers.values()));
  }

  private static Node asMultiplied(
      Node node, Map<String, Tensor> constants, Map<String, Initializer> initializers) {
    Tensor weight = constants.get(node.input(1));
    if (!node.is(OpKind.GEMM)
        || node.intAttribute("transB", 0) == 0
        || weight == null
        || weight.shape().rank() != 2
        || weight.type().bits() < Byte.SIZE) {
      return node;
    }
    String name = node.input(1) + TRANSPOSED;
    Initializer known = initializers.get(name);
    if (known != null && !(known.tensor() instanceof TransposedTensor)) {
      return node; // Somebody else's name.
    }
    initializers.put(name, new Initializer(name, new TransposedTensor(weight, List.of(1, 0))));
    return node.withInput(1, name).withAttribute("transB", new Attribute.Int(0));
  }

  private static Node withBodies(Node node, Map<String, Long> opsets) {
    Node result = node;
    for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
      if (entry.getValue() instanceof Attribute.Body body) {
        result =
            result.withAttribute(
                entry.getKey(), new Attribute.Body(scope(body.value(), opsets, null, Set.of())));
      }
    }
    return result;
  }
}
