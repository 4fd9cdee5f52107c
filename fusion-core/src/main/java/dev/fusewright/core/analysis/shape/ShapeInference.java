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
package dev.fusewright.core.analysis.shape;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shapes of the values of one scope, inferred when they are asked for and remembered until they
 * are forgotten.
 *
 * <p>Whoever edits the scope says which values to {@link #forget}: those that the edit concerns,
 * and whatever is computed from them.
 */
public final class ShapeInference {
  /** How often each node may be looked at on average, edits and calls included. */
  private static final long STEPS_PER_NODE = 64;

  private static final long MIN_STEPS = 1 << 16;
  private static final int MAX_NESTING = 16;

  private final ValueScope scope;
  private final Map<String, ValueFacts> given;
  private final Budget budget;
  private final int nesting;
  private final Map<String, ValueFacts> known = new HashMap<>();

  /** How many nodes and declarations may still be looked at. */
  private static final class Budget {
    private long left;

    Budget(long left) {
      this.left = left;
    }

    boolean spend(long nodes) {
      left = Math.max(-1, left - nodes);
      return left >= 0;
    }
  }

  /** What a scope within another one begins with. */
  record Nested(Map<String, ValueFacts> given, ShapeInference outer) {
    ShapeInference within(ValueScope scope, long size) {
      outer.budget.spend(size);
      return new ShapeInference(scope, given, outer.budget, outer.nesting + 1);
    }
  }

  /**
   * Of a scope.
   *
   * @param size by which the work is bounded: of its {@link GraphSize}
   */
  public ShapeInference(ValueScope scope, long size) {
    this(scope, Map.of(), new Budget(MIN_STEPS + STEPS_PER_NODE * size), 0);
  }

  private ShapeInference(
      ValueScope scope, Map<String, ValueFacts> given, Budget budget, int nesting) {
    this.scope = scope;
    this.given = given;
    this.budget = budget;
    this.nesting = nesting;
  }

  /** Of the main graph of a model. */
  public static ShapeInference of(ModelGraph model) {
    return GraphScope.main(model).shapes();
  }

  /** Whether the first output of an operator has the shape of its first input, whatever that is. */
  public static boolean keepsShape(OpKind op) {
    return op.domain().isEmpty() && ElementwiseShapes.keepsShape(op.type());
  }

  /** The shape of {@code value}, whatever it rests on. */
  public SymbolicShape of(String value) {
    return facts(value).shape();
  }

  /**
   * The number of axes of {@code value} as far as it is proven, or promised by the types of inputs;
   * {@link SymbolicShape#UNKNOWN_RANK} otherwise.
   */
  public int rank(String value) {
    return of(value).restingOn(Basis.PROMISED).rank();
  }

  /**
   * Whether anything that is known of the shape of {@code value} rests on the declared types of
   * inputs, or on less.
   */
  public boolean restsOnPromise(String value) {
    return of(value).weakestBasis() != Basis.PROVEN;
  }

  /**
   * The integers that {@code value} holds in every run, row-major; null if they are not proven, or
   * more than {@code limit}.
   */
  public long @Nullable [] integers(String value, int limit) {
    return integers(value, limit, Basis.PROVEN);
  }

  /**
   * The integers that {@code value} holds, row-major, as far as {@code least} can be relied on;
   * null if they are not known, rest on less, or are more than {@code limit}.
   */
  public long @Nullable [] integers(String value, int limit, Basis least) {
    ValueFacts facts = facts(value);
    SymbolicTensor integers = facts.integers();
    boolean areKnown =
        integers != null
            && integers.basis().isAtLeast(least)
            && facts.shape().weakestBasis().isAtLeast(least);
    return integers != null && areKnown && integers.size() <= limit ? integers.constants() : null;
  }

  /**
   * Forgets what is known of one value.
   *
   * @return whether anything was; only then may anything be known that follows from it
   */
  public boolean forget(String value) {
    return known.remove(value) != null;
  }

  /** Forgets all that is known. */
  public void forgetAll() {
    known.clear();
  }

  Nested nested(Map<String, ValueFacts> facts) {
    return new Nested(facts, this);
  }

  /** All that is known of a value. Works through the graph without recursion, however deep. */
  ValueFacts facts(String value) {
    if (value.isEmpty() || nesting > MAX_NESTING) {
      return ValueFacts.UNKNOWN;
    }
    ValueFacts before = known.get(value);
    if (before != null) {
      return before;
    }
    Deque<String> open = new ArrayDeque<>(List.of(value));
    Set<String> entered = new HashSet<>();
    while (!open.isEmpty()) {
      String top = open.peek();
      if (known.containsKey(top)) {
        open.pop();
        continue;
      }
      Node producer = isDefinedHere(top) ? null : scope.producer(top);
      if (producer == null) {
        known.put(top, leaf(top));
      } else if (!entered.add(top) || !pushUnknown(producer, open)) {
        // Whatever is still not known now depends on itself.
        evaluate(producer, top);
      }
    }
    return known.getOrDefault(value, ValueFacts.UNKNOWN);
  }

  private boolean isDefinedHere(String value) {
    return given.containsKey(value) || scope.isInput(value) || scope.initializer(value) != null;
  }

  /** Puts what a node reads before it, and says whether there was anything. */
  private boolean pushUnknown(Node node, Deque<String> open) {
    int before = open.size();
    for (String input : node.inputs()) {
      push(input, open);
    }
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.Body) {
        Captures.of(node).forEach(captured -> push(captured, open));
      }
    }
    return open.size() > before;
  }

  private void push(String value, Deque<String> open) {
    if (!value.isEmpty() && !known.containsKey(value)) {
      open.push(value);
    }
  }

  private void evaluate(Node node, String asked) {
    if (!budget.spend(1)) {
      known.put(asked, ValueFacts.UNKNOWN);
      return;
    }
    List<ValueFacts> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      inputs.add(known.getOrDefault(input, ValueFacts.UNKNOWN));
    }
    List<ValueFacts> results = ShapeFunctions.infer(new InferenceCall(node, inputs, scope));
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      ValueFacts result = i < results.size() ? results.get(i) : ValueFacts.UNKNOWN;
      known.put(output, filledIn(result, scope.info(output)));
    }
  }

  /** What is not inferred is taken from what the model says, unless that contradicts. */
  private static ValueFacts filledIn(ValueFacts inferred, @Nullable ValueInfo info) {
    return info == null || info.dims() == null
        ? inferred
        : inferred.withShape(inferred.shape().filledIn(declared(info, Basis.STATED)));
  }

  /** What no node of this scope computes. */
  private ValueFacts leaf(String value) {
    ValueFacts argument = given.get(value);
    if (argument != null) {
      return argument;
    }
    Initializer initializer = scope.initializer(value);
    if (initializer != null && !scope.isOverridable(value)) {
      return ValueFacts.of(initializer.tensor());
    }
    if (scope.isInput(value)) {
      Tensor constant = initializer == null ? scope.constantArgument(value) : null;
      return constant != null ? ValueFacts.of(constant) : input(value);
    }
    ValueScope outer = scope.outer();
    return outer != null ? outer.shapes().facts(value) : stated(value);
  }

  private ValueFacts input(String value) {
    boolean isCallers = scope.outer() == null && !scope.isFunctionBody();
    ValueInfo info = scope.info(value);
    return isCallers && info != null
        ? ValueFacts.of(declared(info, Basis.PROMISED))
        : stated(value);
  }

  private ValueFacts stated(String value) {
    ValueInfo info = scope.info(value);
    return info == null ? ValueFacts.UNKNOWN : ValueFacts.of(declared(info, Basis.STATED));
  }

  /** The shape that a model declares; the caller's inputs get a symbol for each open axis. */
  private static SymbolicShape declared(ValueInfo info, Basis basis) {
    if (info.dims() == null) {
      return SymbolicShape.UNKNOWN;
    }
    List<SymbolicDim> dims = new ArrayList<>();
    for (Dim dim : info.dims()) {
      String own = basis == Basis.PROMISED ? info.name() + "#" + dims.size() : "";
      SymInt size = null;
      if (dim instanceof Dim.Fixed fixed) {
        size = SymInt.of(fixed.size());
      } else if (dim instanceof Dim.Symbolic symbolic && isName(symbolic.name())) {
        size = SymInt.symbol(symbolic.name());
      } else if (!own.isEmpty()) {
        size = SymInt.symbol(own);
      }
      dims.add(new SymbolicDim(size, basis));
    }
    return new SymbolicShape(dims, basis);
  }

  /** Whether anything may still be looked at. */
  boolean mayGoOn() {
    return nesting < MAX_NESTING && budget.spend(1);
  }

  /**
   * Whether a graph within this scope may still be looked into. All that it holds is paid for
   * beforehand, since that is copied and indexed before anything is asked of it.
   */
  boolean mayEnter(Graph graph) {
    return mayGoOn() && budget.spend(GraphSize.of(graph));
  }

  /** Some exporters write one placeholder for all sizes that they do not know. */
  private static boolean isName(String name) {
    return !name.equals("None")
        && !name.contains("#")
        && name.codePoints().anyMatch(Character::isLetter);
  }

  /**
   * The body of the function that a node calls, with what the call passes; null if it is none, or
   * too much has been looked at.
   */
  static @Nullable GraphScope called(ValueScope caller, Node call, List<ValueFacts> arguments) {
    Function function = caller.function(call.op());
    if (function == null || !caller.shapes().mayEnter(function.body())) {
      return null;
    }
    Map<String, ValueFacts> given = new HashMap<>();
    for (int i = 0; i < function.body().inputs().size(); i++) {
      given.put(
          function.body().inputs().get(i).name(),
          i < arguments.size() ? arguments.get(i) : ValueFacts.UNKNOWN);
    }
    return GraphScope.called(caller, function, call, given);
  }
}
