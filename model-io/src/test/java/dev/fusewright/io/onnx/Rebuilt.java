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
package dev.fusewright.io.onnx;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Graphs of which every part is another instance than in the one they were made from. */
final class Rebuilt {
  private Rebuilt() {}

  static ModelGraph copyOf(ModelGraph model) {
    return model.withGraph(copyOf(model.graph(), UnaryOperator.identity()));
  }

  /** A copy in which each list of nodes, innermost first, is changed by {@code edit}. */
  static Graph copyOf(Graph graph, UnaryOperator<List<Node>> edit) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Map<String, Attribute> attributes = new LinkedHashMap<>();
      node.attributes()
          .forEach(
              (name, value) ->
                  attributes.put(
                      name,
                      value instanceof Attribute.Body body
                          ? new Attribute.Body(copyOf(body.value(), edit))
                          : value));
      nodes.add(
          new Node(
              node.id(),
              node.name(),
              node.op(),
              node.inputs(),
              node.outputs(),
              attributes,
              node.docString(),
              node.metadata()));
    }
    List<Initializer> initializers =
        graph.initializers().stream()
            .map(initializer -> new Initializer(initializer.name(), initializer.tensor()))
            .toList();
    return new Graph(
        graph.name(),
        edit.apply(nodes),
        initializers,
        graph.inputs(),
        graph.outputs(),
        graph.valueInfos(),
        graph.annotations(),
        graph.sparseInitializers());
  }

  static UnaryOperator<List<Node>> reversed() {
    return nodes -> {
      List<Node> reversed = new ArrayList<>(nodes);
      Collections.reverse(reversed);
      return reversed;
    };
  }
}
