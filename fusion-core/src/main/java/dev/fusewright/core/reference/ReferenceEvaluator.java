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
package dev.fusewright.core.reference;

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Evaluates graphs in float64, one node at a time.
 *
 * <p>Only nodes that the wanted values depend on are evaluated, and a value is dropped after its
 * last reader, so that memory is that of the values alive at once. The weights of convolutions and
 * matrix products are read where they are stored, a block at a time. Nodes may be in any order.
 */
public final class ReferenceEvaluator {
  /** How many operations an evaluation may take unless told otherwise: a minute or two. */
  public static final long DEFAULT_OPERATIONS = 1L << 36;

  private final Map<String, Long> opsets;
  private final Map<OpKind, Function> functions;
  private final long operations;
  private final DerivedConstants derived;

  /**
   * An evaluator of graphs that use these operator sets, with {@link #DEFAULT_OPERATIONS}.
   *
   * @param opsets version by domain; ONNX's own domain is empty
   * @param functions that nodes may call
   */
  public ReferenceEvaluator(Map<String, Long> opsets, Collection<Function> functions) {
    this(opsets, byKind(functions), DEFAULT_OPERATIONS, DerivedConstants.EXACT);
  }

  private ReferenceEvaluator(
      Map<String, Long> opsets,
      Map<OpKind, Function> functions,
      long operations,
      DerivedConstants derived) {
    this.opsets = opsets;
    this.functions = functions;
    this.operations = operations;
    this.derived = derived;
  }

  private static Map<OpKind, Function> byKind(Collection<Function> functions) {
    Map<OpKind, Function> byKind = new HashMap<>();
    functions.forEach(function -> byKind.put(function.op(), function));
    return byKind;
  }

  /**
   * This evaluator with another budget for each evaluation. Counted are multiply-adds and elements
   * made, not time, so that what fits fits always and everywhere.
   */
  public ReferenceEvaluator withOperations(long limit) {
    return new ReferenceEvaluator(opsets, functions, limit, derived);
  }

  /**
   * This evaluator, to which a value that nodes compute from constants alone is what a runtime
   * holds of it: rounded into its type after each node. A parameter {@code b − μ·s} whose terms
   * nearly cancel is far from what it would be in float64, and just as far in every runtime.
   */
  public ReferenceEvaluator withStoredConstants() {
    return new ReferenceEvaluator(opsets, functions, operations, DerivedConstants.STORED);
  }

  /**
   * The outputs of a model.
   *
   * @param inputs by name; an initializer stands in for an input that is not given
   * @throws UnsupportedOperatorException if a needed node is not supported
   * @throws EvaluationBudgetException if it takes too many operations
   * @throws EvaluationMemoryException if its values do not fit into the heap
   * @throws ReferenceException if a needed node cannot be evaluated
   * @throws GraphException if a value is missing, or depends on itself
   */
  public static Map<String, NdArray> evaluate(ModelGraph model, Map<String, NdArray> inputs) {
    return new ReferenceEvaluator(model.opsets(), model.functions()).outputs(model.graph(), inputs);
  }

  /** The outputs of a scope, by name and in order; otherwise as {@link #values}. */
  public Map<String, NdArray> outputs(Graph graph, Map<String, NdArray> given) {
    List<String> names = graph.outputs().stream().map(ValueInfo::name).toList();
    return values(graph, given, new LinkedHashSet<>(names));
  }

  /**
   * Any values of a scope, by name and in the order in which they are wanted.
   *
   * @param given values that are known: inputs, values of the scopes around this one, and inner
   *     values, whose producers are then not evaluated
   * @throws UnsupportedOperatorException if a needed node is not supported
   * @throws EvaluationBudgetException if it takes too many operations
   * @throws EvaluationMemoryException if its values do not fit into the heap
   * @throws ReferenceException if a needed node cannot be evaluated
   * @throws GraphException if a value is missing, or depends on itself
   */
  public Map<String, NdArray> values(Graph graph, Map<String, NdArray> given, Set<String> wanted) {
    try (HeldMemory memory = new HeldMemory()) {
      return new Scope(
              opsets,
              functions,
              Map.of(),
              Set.of(),
              new EvaluationBudget(operations),
              memory,
              derived)
          .evaluate(graph, given, null, wanted);
    }
  }
}
