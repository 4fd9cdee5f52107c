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
package dev.fusewright.core.verify.inputs;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Facts of a model's graph that its inputs and its tolerances depend on.
 *
 * @param integerBounds by input: the first value that is too large for what the input indexes
 * @param coarsest by output: the coarsest floating-point type in which something that reaches it is
 *     computed; an output in a finer type is no more exact
 * @param asked by input: the rank and the extent that the first layer which takes it asks for
 * @param constant outputs that depend on no input
 */
public record ModelFacts(
    Map<String, Long> integerBounds,
    Map<String, ElementType> coarsest,
    Map<String, AskedShapes.Asked> asked,
    Set<String> constant) {
  /** Nothing is known: no bounds, and no type coarser than the outputs' own. */
  public static final ModelFacts NONE = new ModelFacts(Map.of(), Map.of(), Map.of(), Set.of());

  private static final Set<String> LOOKUPS = Set.of("Gather", "GatherElements");

  /** Copies the maps. */
  public ModelFacts {
    integerBounds = Map.copyOf(integerBounds);
    coarsest = Map.copyOf(coarsest);
    asked = Map.copyOf(asked);
    constant = Set.copyOf(constant);
  }

  /** The facts of a model. */
  public static ModelFacts of(ModelGraph model) {
    Graph graph = model.graph();
    Map<String, Tensor> constants = constants(graph);
    return new ModelFacts(
        integerBounds(graph, constants),
        CoarsestTypes.of(graph),
        AskedShapes.of(graph, constants),
        ConstantOutputs.of(graph));
  }

  private static Map<String, Tensor> constants(Graph graph) {
    Map<String, Tensor> constants = new HashMap<>();
    graph
        .initializers()
        .forEach(initializer -> constants.put(initializer.name(), initializer.tensor()));
    for (Node node : graph.nodes()) {
      Tensor constant = node.is(OpKind.CONSTANT) ? node.tensorAttribute("value") : null;
      if (constant != null) {
        constants.put(node.output(), constant);
      }
    }
    return constants;
  }

  private static Map<String, Long> integerBounds(Graph graph, Map<String, Tensor> constants) {
    Map<String, Tensor> tables = new HashMap<>(constants);
    Map<String, List<Node>> readers = new HashMap<>();
    for (Node node : graph.nodes()) {
      // What a ConstantOfShape repeats says nothing of its size: the first row is there.
      Tensor repeated = node.tensorAttribute("value");
      if (repeated != null) {
        tables.putIfAbsent(node.output(), repeated);
      }
      for (String input : new HashSet<>(node.inputs())) {
        readers.computeIfAbsent(input, name -> new java.util.ArrayList<>()).add(node);
      }
    }
    Map<String, Long> bounds = new HashMap<>();
    for (ValueInfo input : graph.inputs()) {
      if (!input.type().isFoldable() && !constants.containsKey(input.name())) {
        long bound = bound(input.name(), readers, tables);
        if (bound < Long.MAX_VALUE) {
          bounds.put(input.name(), bound);
        }
      }
    }
    return bounds;
  }

  /**
   * The smallest table that {@code input} indexes, {@code Long.MAX_VALUE} if it indexes none of
   * known size.
   */
  private static long bound(
      String input, Map<String, List<Node>> readers, Map<String, Tensor> constants) {
    long bound = Long.MAX_VALUE;
    Set<String> seen = new HashSet<>(Set.of(input));
    Deque<String> values = new ArrayDeque<>(seen);
    while (!values.isEmpty()) {
      String value = values.remove();
      for (Node reader : readers.getOrDefault(value, List.of())) {
        Tensor table = constants.get(reader.input(0));
        if (LOOKUPS.contains(reader.op().type())
            && reader.input(1).equals(value)
            && table != null) {
          int axis =
              Math.floorMod(
                  (int) reader.intAttribute("axis", 0), Math.max(1, table.shape().rank()));
          bound = Math.min(bound, table.shape().rank() == 0 ? 1 : table.shape().dim(axis));
        } else if ((Carriers.isOne(reader) || reader.op().type().equals("Cast"))
            && reader.input(0).equals(value)
            && seen.add(reader.output())) {
          values.add(reader.output());
        }
      }
    }
    return bound;
  }
}
