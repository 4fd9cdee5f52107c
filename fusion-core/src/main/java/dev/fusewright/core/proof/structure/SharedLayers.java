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

import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Layers that several norms read, copied for each of them: where two layers had the same weight,
 * somebody may have kept one. A copy computes the same, and each of them can take its norm in.
 */
final class SharedLayers {
  private static final Set<OpKind> LAYERS =
      Set.of(OpKind.CONV, OpKind.CONV_TRANSPOSE, OpKind.GEMM, OpKind.MAT_MUL);

  private final ModelGraph model;
  private final Set<String> names = new HashSet<>();
  private int nextId;

  private SharedLayers(ModelGraph model) {
    this.model = model;
  }

  /** The main graph with such layers copied. */
  static Graph copied(ModelGraph model) {
    return new SharedLayers(model).copied();
  }

  private Graph copied() {
    Graph graph = model.graph();
    Map<String, Integer> reads = new HashMap<>();
    Set<String> kept = new HashSet<>();
    graph.outputs().stream().map(ValueInfo::name).forEach(kept::add);
    for (Node node : graph.nodes()) {
      kept.addAll(Captures.of(node));
      names.addAll(node.inputs());
      names.addAll(node.outputs());
      node.inputs().stream().distinct().forEach(input -> reads.merge(input, 1, Integer::sum));
    }
    graph.initializers().forEach(initializer -> names.add(initializer.name()));
    Map<String, Node> shared = new HashMap<>();
    for (Node node : graph.nodes()) {
      boolean isShared = reads.getOrDefault(node.output(), 0) > 1 || kept.contains(node.output());
      if (LAYERS.contains(node.op()) && isShared) {
        shared.put(node.output(), node);
      }
    }
    if (shared.isEmpty()) {
      return graph;
    }
    nextId = firstFreeId();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Node layer = node.is(OpKind.BATCH_NORMALIZATION) ? shared.get(node.input(0)) : null;
      if (layer == null) {
        nodes.add(node);
      } else {
        String output = fresh(layer.output());
        nodes.add(layer.withId(nextId++).withOutputs(List.of(output)));
        nodes.add(node.withInput(0, output));
      }
    }
    return graph.withNodes(nodes);
  }

  private int firstFreeId() {
    int last = last(model.graph());
    for (var function : model.functions()) {
      last = Math.max(last, last(function.body()));
    }
    return last + 1;
  }

  private static int last(Graph graph) {
    int last = -1;
    for (Node node : graph.nodes()) {
      last = Math.max(last, node.id());
      for (Graph body : node.bodies()) {
        last = Math.max(last, last(body));
      }
    }
    return last;
  }

  private String fresh(String value) {
    int copy = 1;
    while (!names.add(value + "/copy" + copy)) {
      copy++;
    }
    return value + "/copy" + copy;
  }
}
