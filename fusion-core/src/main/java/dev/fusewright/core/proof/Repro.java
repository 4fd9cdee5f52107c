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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.tensor.LiteralTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The smallest models that show a fault: both sides of a site, and inputs on which they can be
 * compared.
 *
 * @param rule that made the fusion
 * @param nodes of the original that it replaced
 * @param inputs a model without inputs whose outputs are the inputs of the others
 */
public record Repro(
    String rule, List<String> nodes, ModelGraph before, ModelGraph after, ModelGraph inputs) {
  /** Copies the list. */
  public Repro {
    nodes = List.copyOf(nodes);
  }

  static Repro of(Site site, Subgraph after, long irVersion, Map<String, NdArray> inputs) {
    return new Repro(
        site.rule(),
        site.nodes(),
        model(site.before(), irVersion, inputs),
        model(after, irVersion, inputs),
        inputs(site.before(), irVersion, inputs));
  }

  private static ModelGraph model(Subgraph side, long irVersion, Map<String, NdArray> inputs) {
    Graph graph = side.graph();
    return new ModelGraph(
        irVersion,
        side.opsets(),
        new Graph(
            graph.name(),
            graph.nodes(),
            graph.initializers(),
            inputs.entrySet().stream()
                .map(input -> info(input.getKey(), input.getValue()))
                .toList(),
            graph.outputs().stream()
                .map(output -> new ValueInfo(output.name(), SubgraphTypes.of(side), null))
                .toList()),
        side.functions());
  }

  private static ValueInfo info(String name, NdArray value) {
    return new ValueInfo(name, value.type(), value.shape().dims().stream().map(Dim::of).toList());
  }

  private static ModelGraph inputs(Subgraph side, long irVersion, Map<String, NdArray> inputs) {
    List<Node> nodes = new ArrayList<>();
    List<Initializer> values = new ArrayList<>();
    inputs.forEach(
        (name, value) -> {
          String held = name + ".value";
          values.add(
              new Initializer(
                  held, LiteralTensor.ofDoubles(value.type(), value.shape(), value.values())));
          nodes.add(
              new Node(nodes.size(), "", OpKind.IDENTITY, List.of(held), List.of(name), Map.of()));
        });
    List<ValueInfo> outputs =
        inputs.entrySet().stream().map(input -> info(input.getKey(), input.getValue())).toList();
    return new ModelGraph(
        irVersion,
        side.opsets(),
        new Graph("inputs", nodes, values, List.of(), outputs),
        List.of());
  }
}
