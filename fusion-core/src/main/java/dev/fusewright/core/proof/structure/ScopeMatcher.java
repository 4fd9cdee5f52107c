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

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.analysis.shape.SymInt;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares the values of a scope of one model with those of its counterpart in the other, from
 * where they are asked for backwards.
 *
 * <p>Each pair of nodes is decided once, and without recursion, however deep the graphs are; bodies
 * and functions are scopes of their own.
 */
final class ScopeMatcher {
  /** How many pairs may be looked at for each node: exchangeable operands ask for more than one. */
  private static final long PAIRS_PER_NODE = 16;

  private static final int MAX_NESTING = 64;
  private static final int MAX_INTEGERS = 1 << 10;

  private final ScopeSide first;
  private final ScopeSide second;
  private final @Nullable ScopeMatcher outer;
  private final Shared shared;
  private final Map<NodePair, Outcome> nodes = new HashMap<>();
  private final Map<ValuePair, ParameterComparison> parameters = new HashMap<>();
  private final List<ValuePair> captured = new ArrayList<>();

  /** Two values that are to be the same. */
  record ValuePair(String first, String second) {}

  /** Ids of two nodes. */
  private record NodePair(int first, int second) {}

  /** What all scopes of the two models have in common. */
  private static final class Shared {
    private final Map<List<Function>, Difference> functions = new HashMap<>();
    private long pairsLeft;
    private int nesting;
    private boolean restsOnPromise;

    Shared(long pairs) {
      pairsLeft = pairs;
    }
  }

  /**
   * Result for a pair of nodes.
   *
   * @param operands which input of the second is that of the first
   * @param captured pairs of values that bodies read from this scope
   */
  @SuppressWarnings("ArrayRecordComponent") // Read only, and never compared.
  private record Outcome(Difference difference, int[] operands, List<ValuePair> captured) {}

  private ScopeMatcher(
      ScopeSide first, ScopeSide second, @Nullable ScopeMatcher outer, Shared shared) {
    this.first = first;
    this.second = second;
    this.outer = outer;
    this.shared = shared;
  }

  /**
   * For the main graphs of two models.
   *
   * @param size number of nodes of both models
   */
  static ScopeMatcher main(ScopeSide first, ScopeSide second, long size) {
    return new ScopeMatcher(first, second, null, new Shared((1 << 10) + PAIRS_PER_NODE * size));
  }

  /** Whether anything that was compared rests on the declared types of the models' inputs. */
  boolean restsOnPromise() {
    return shared.restsOnPromise;
  }

  /** Compares two values of these scopes. */
  Difference compare(String a, String b) {
    if (shared.nesting >= MAX_NESTING) {
      return Difference.of("scopes are nested too deeply to be compared");
    }
    shared.nesting++;
    try {
      return compare(new ValuePair(a, b));
    } finally {
      shared.nesting--;
    }
  }

  private Difference compare(ValuePair asked) {
    Deque<Frame> open = new ArrayDeque<>();
    Difference result = decide(asked, open);
    while (!open.isEmpty()) {
      Frame frame = open.peek();
      Outcome outcome = frame.advance(open);
      if (outcome != null) {
        open.pop();
        nodes.put(frame.key(), outcome);
      }
    }
    return result != null ? result : decided(asked);
  }

  /** What was found, after everything has been compared that it depends on. */
  private Difference decided(ValuePair pair) {
    Difference result = decide(pair, new ArrayDeque<>());
    return result != null
        ? result
        : Difference.of("'%s' and '%s' depend on themselves", pair.first(), pair.second());
  }

  /** Decides a pair; null, with a frame put on the stack, if its nodes are to be compared first. */
  private @Nullable Difference decide(ValuePair pair, Deque<Frame> open) {
    Origin a = first.origin(pair.first());
    Origin b = second.origin(pair.second());
    if (a instanceof Origin.Result one && b instanceof Origin.Result other) {
      if (one.output() != other.output()) {
        return unlessSameIntegers(
            pair,
            Difference.of(
                "%s is result %d of its node, %s is result %d",
                describe(a), one.output(), describe(b), other.output()));
      }
      Outcome known = nodes.get(key(one.node(), other.node()));
      if (known != null) {
        return known.difference().isNone()
            ? known.difference()
            : unlessSameIntegers(pair, known.difference());
      }
      if (shared.pairsLeft-- <= 0) {
        return Difference.of("too many operands can be exchanged to compare all orders");
      }
      open.push(new Frame(one.node(), other.node()));
      return null;
    }
    return leaf(pair, a, b);
  }

  private Difference leaf(ValuePair pair, Origin a, Origin b) {
    if (a instanceof Origin.Absent && b instanceof Origin.Absent) {
      return Difference.NONE;
    }
    if (a instanceof Origin.Input one && b instanceof Origin.Input other) {
      boolean same = outer == null ? sameMainInput(one, other) : one.index() == other.index();
      return same ? Difference.NONE : unlike(a, b);
    }
    if (a instanceof Origin.Outer one && b instanceof Origin.Outer other && outer != null) {
      captured.add(new ValuePair(one.name(), other.name()));
      return outer.compare(one.name(), other.name());
    }
    if (a instanceof Origin.Constant one && b instanceof Origin.Constant other) {
      ParameterComparison found =
          parameters.computeIfAbsent(
              new ValuePair(one.name(), other.name()),
              key -> ParameterComparison.of(one.tensor(), other.tensor()));
      boolean isUsable =
          found.likeness() == ParameterComparison.Likeness.SAME
              || (found.likeness() == ParameterComparison.Likeness.NEAR && isMain());
      return isUsable
          ? Difference.NONE
          : Difference.of(
              "'%s' of the first is not '%s' of the second: %s",
              one.name(), other.name(), found.difference());
    }
    return unlessSameIntegers(pair, unlike(a, b));
  }

  private boolean isMain() {
    return first.graph() == first.model().graph();
  }

  private boolean sameMainInput(Origin.Input a, Origin.Input b) {
    return isMain() ? a.name().equals(b.name()) : a.index() == b.index();
  }

  private static Difference unlike(Origin a, Origin b) {
    return Difference.of("where the first has %s, the second has %s", describe(a), describe(b));
  }

  private static String describe(Origin origin) {
    if (origin instanceof Origin.Result result) {
      return "%s '%s'".formatted(result.node().op(), result.node().label());
    } else if (origin instanceof Origin.Constant constant) {
      return "the constant '%s'".formatted(constant.name());
    } else if (origin instanceof Origin.Input input) {
      return "the input '%s'".formatted(input.name());
    } else if (origin instanceof Origin.Outer value) {
      return "'%s' of the scope around it".formatted(value.name());
    } else if (origin instanceof Origin.Unreadable value) {
      return "'%s', which cannot be compared".formatted(value.name());
    }
    return "nothing";
  }

  /** Two spellings of the same integers: a peer computed a shape that this model computes anew. */
  private Difference unlessSameIntegers(ValuePair pair, Difference otherwise) {
    for (Basis basis : List.of(Basis.PROVEN, Basis.PROMISED)) {
      KnownIntegers a = KnownIntegers.of(first, pair.first(), basis, MAX_INTEGERS);
      KnownIntegers b = KnownIntegers.of(second, pair.second(), basis, MAX_INTEGERS);
      if (a != null && b != null) {
        if (!a.equals(b)) {
          return otherwise;
        }
        shared.restsOnPromise |= basis == Basis.PROMISED;
        return Difference.NONE;
      }
    }
    return otherwise;
  }

  /** Whether two values have the same shape, whatever the inputs' open extents are. */
  private boolean sameExtents(String a, String b) {
    ShapeInference one = first.shapes();
    ShapeInference other = second.shapes();
    if (one == null || other == null || !sameSymbols(one, other)) {
      return false;
    }
    boolean same = sameExtents(one.of(a), other.of(b));
    shared.restsOnPromise |= same;
    return same;
  }

  /** Whether the names of open extents mean the same in both models. */
  private boolean sameSymbols(ShapeInference one, ShapeInference other) {
    return first.graph().inputs().stream()
        .map(ValueInfo::name)
        .filter(name -> first.origin(name) instanceof Origin.Input)
        .allMatch(name -> sameExtents(one.of(name), other.of(name)));
  }

  private static boolean sameExtents(SymbolicShape a, SymbolicShape b) {
    SymbolicShape one = a.restingOn(Basis.PROMISED);
    SymbolicShape other = b.restingOn(Basis.PROMISED);
    if (!one.hasRank() || one.rank() != other.rank()) {
      return false;
    }
    for (int axis = 0; axis < one.rank(); axis++) {
      SymInt extent = one.dim(axis).size();
      if (extent == null || !extent.equals(other.dim(axis).size())) {
        return false;
      }
    }
    return true;
  }

  private static NodePair key(Node a, Node b) {
    return new NodePair(a.id(), b.id());
  }

  /** A pair of nodes while what they read is being compared. */
  private final class Frame {
    private final Node a;
    private final Node b;
    private final List<String> inputsA;
    private final List<String> inputsB;
    private final List<int[]> orders;
    private boolean formIsSame;

    /** Of the operands, only the second, or one behind it, is another. */
    private boolean input1Differs;

    private int order;
    private int input;
    private @Nullable Difference firstFound;

    Frame(Node a, Node b) {
      this.a = a;
      this.b = b;
      this.inputsA = OperatorForm.inputs(a);
      this.inputsB = OperatorForm.inputs(b);
      int[] asGiven = new int[inputsA.size()];
      Arrays.setAll(asGiven, i -> i);
      this.orders =
          OperatorForm.isCommutative(a, first)
              ? List.of(asGiven, new int[] {1, 0})
              : List.of(asGiven);
    }

    NodePair key() {
      return ScopeMatcher.key(a, b);
    }

    /** Goes on until the pair is decided, or another has to be decided first (null). */
    @Nullable Outcome advance(Deque<Frame> open) {
      if (!formIsSame) {
        Difference form = sameForm(a, b);
        if (!form.isNone()) {
          return new Outcome(form, new int[0], List.of());
        }
        formIsSame = true;
      }
      while (order < orders.size()) {
        int[] operands = orders.get(order);
        while (input < operands.length) {
          Difference found =
              decide(new ValuePair(inputsA.get(input), inputsB.get(operands[input])), open);
          if (found == null) {
            return null;
          }
          if (!found.isNone()) {
            firstFound = firstFound == null ? found : firstFound;
            input1Differs = input == 1;
            break;
          }
          input++;
        }
        if (input == operands.length) {
          List<ValuePair> read = new ArrayList<>();
          return new Outcome(sameBodies(a, b, read), operands, read);
        }
        order++;
        input = 0;
      }
      if (a.is(OpKind.RESHAPE) && input1Differs && sameExtents(a.output(), b.output())) {
        return new Outcome(Difference.NONE, new int[] {0}, List.of());
      }
      return new Outcome(firstFound == null ? Difference.NONE : firstFound, new int[0], List.of());
    }
  }

  private Difference sameForm(Node a, Node b) {
    String which = "%s '%s' and %s '%s'".formatted(a.op(), a.label(), b.op(), b.label());
    if (!a.op().equals(b.op())) {
      return unlike(new Origin.Result(a, 0), new Origin.Result(b, 0));
    }
    if (first.calls(a.op()) || second.calls(b.op())) {
      Difference functions = sameFunctions(a, b);
      if (!functions.isNone()) {
        return functions;
      }
    } else if (first.opset(a.op().domain()) != second.opset(b.op().domain())) {
      return Difference.of(
          "%s are of versions %d and %d of their operator set",
          which, first.opset(a.op().domain()), second.opset(b.op().domain()));
    }
    if (OperatorForm.inputs(a).size() != OperatorForm.inputs(b).size()) {
      return Difference.of(
          "%s read %d and %d values",
          which, OperatorForm.inputs(a).size(), OperatorForm.inputs(b).size());
    }
    if (!OperatorForm.sameResults(a, b)) {
      return Difference.of("%s have another number of results", which);
    }
    Map<String, Attribute> one = OperatorForm.attributes(a, first);
    Map<String, Attribute> other = OperatorForm.attributes(b, second);
    for (String name : union(one.keySet(), other.keySet())) {
      if (!sameAttribute(one.get(name), other.get(name))) {
        return Difference.of(
            "%s differ in %s: %s and %s", which, name, text(one.get(name)), text(other.get(name)));
      }
    }
    return Difference.NONE;
  }

  private static Set<String> union(Set<String> a, Set<String> b) {
    Set<String> all = new java.util.TreeSet<>(a);
    all.addAll(b);
    return all;
  }

  private static String text(@Nullable Attribute value) {
    return value == null ? "not given" : value.toString();
  }

  private static boolean sameAttribute(@Nullable Attribute a, @Nullable Attribute b) {
    if (a instanceof Attribute.TensorValue one && b instanceof Attribute.TensorValue other) {
      return ParameterComparison.of(one.value(), other.value()).likeness()
          == ParameterComparison.Likeness.SAME;
    }
    return a != null && !(a instanceof Attribute.Opaque) && a.equals(b);
  }

  private Difference sameBodies(Node a, Node b, List<ValuePair> read) {
    if (a.bodies().isEmpty() && b.bodies().isEmpty()) {
      return Difference.NONE;
    }
    for (String name : union(a.attributes().keySet(), b.attributes().keySet())) {
      List<Graph> one = bodies(a.attributes().get(name));
      List<Graph> other = bodies(b.attributes().get(name));
      if (one.size() != other.size()) {
        return Difference.of("'%s' and '%s' have other bodies", a.label(), b.label());
      }
      for (int i = 0; i < one.size(); i++) {
        ScopeMatcher inner =
            new ScopeMatcher(first.body(one.get(i)), second.body(other.get(i)), this, shared);
        Difference found = inner.compareScopes();
        if (!found.isNone()) {
          return found.within("in %s of '%s'".formatted(name, a.label()));
        }
        read.addAll(inner.captured);
      }
    }
    return Difference.NONE;
  }

  private static List<Graph> bodies(@Nullable Attribute value) {
    if (value instanceof Attribute.Body body) {
      return List.of(body.value());
    }
    return value instanceof Attribute.Bodies bodies ? bodies.values() : List.of();
  }

  private Difference sameFunctions(Node a, Node b) {
    Function one = first.function(a.op());
    Function other = second.function(b.op());
    if (one == null || other == null) {
      return Difference.of("%s is no function, or several, in one of the models", a.op());
    }
    List<Function> pair = List.of(one, other);
    Difference known =
        shared.functions.putIfAbsent(pair, Difference.of("function %s calls itself", a.op()));
    if (known != null) {
      return known;
    }
    Difference defaults = sameDefaults(one, other);
    Difference found =
        defaults.isNone()
            ? new ScopeMatcher(
                    ScopeSide.function(first.model(), one),
                    ScopeSide.function(second.model(), other),
                    null,
                    shared)
                .compareScopes()
            : defaults;
    shared.functions.put(pair, found);
    return found;
  }

  /** What no call shows: what the body gets where a call leaves an attribute out. */
  private static Difference sameDefaults(Function one, Function other) {
    for (String name : union(one.defaults().keySet(), other.defaults().keySet())) {
      if (!sameAttribute(one.defaults().get(name), other.defaults().get(name))) {
        return Difference.of(
            "the attribute '%s' of function %s is by default %s and %s",
            name, one.op(), text(one.defaults().get(name)), text(other.defaults().get(name)));
      }
    }
    return Difference.NONE;
  }

  /** Compares all outputs, for scopes whose inputs are known by their position. */
  private Difference compareScopes() {
    List<ValueInfo> one = first.graph().outputs();
    List<ValueInfo> other = second.graph().outputs();
    if (one.size() != other.size()
        || first.graph().inputs().size() != second.graph().inputs().size()) {
      return Difference.of("another number of inputs or outputs");
    }
    List<ValuePair> outputs = new ArrayList<>();
    for (int i = 0; i < one.size(); i++) {
      Difference found = compare(one.get(i).name(), other.get(i).name());
      if (!found.isNone()) {
        return found;
      }
      outputs.add(new ValuePair(one.get(i).name(), other.get(i).name()));
    }
    return correspondence(outputs).difference();
  }

  /** What stands for what, once all outputs are known to be the same. */
  Correspondence correspondence(List<ValuePair> outputs) {
    Correspondence result = new Correspondence();
    Deque<Read> open = new ArrayDeque<>();
    outputs.forEach(pair -> open.push(new Read(pair, -1, -1)));
    Set<ValuePair> seen = new java.util.HashSet<>();
    while (!open.isEmpty()) {
      Read read = open.pop();
      ValuePair pair = read.pair();
      Origin a = first.origin(pair.first());
      Origin b = second.origin(pair.second());
      if (a instanceof Origin.Constant one && b instanceof Origin.Constant other) {
        ParameterComparison found = parameters.get(new ValuePair(one.name(), other.name()));
        result.parameter(one.name());
        if (found != null && found.likeness() == ParameterComparison.Likeness.NEAR) {
          result.near(
              new NearParameters(
                  one.name(),
                  other.name(),
                  read.firstNode(),
                  read.secondNode(),
                  "'%s' of the first, '%s' of the second: %s"
                      .formatted(one.name(), other.name(), found.difference())));
        }
      } else if (a instanceof Origin.Result one && b instanceof Origin.Result other) {
        Outcome outcome = nodes.get(key(one.node(), other.node()));
        if (outcome != null && outcome.difference().isNone() && seen.add(pair)) {
          result.nodes(one.node(), other.node());
          follow(one.node(), other.node(), outcome, open);
        }
      }
    }
    return result;
  }

  /** A pair of values, and the nodes that read them; -1 where none does. */
  private record Read(ValuePair pair, int firstNode, int secondNode) {}

  private static void follow(Node a, Node b, Outcome outcome, Deque<Read> open) {
    List<String> one = OperatorForm.inputs(a);
    List<String> other = OperatorForm.inputs(b);
    for (int i = 0; i < outcome.operands().length; i++) {
      open.push(
          new Read(new ValuePair(one.get(i), other.get(outcome.operands()[i])), a.id(), b.id()));
    }
    outcome.captured().forEach(pair -> open.push(new Read(pair, -1, -1)));
  }
}
