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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A graph while it is made up at random: a chain of values of known shapes, and constants that come
 * in all the ways in which files hold them.
 */
final class RandomGraph {
  private static final long[] OPSETS = {6, 7, 9, 11, 13, 14, 15, 18, 21};

  final Random random;
  final long opset;
  private final ElementType type;
  private final boolean mayOverride;
  private Scope scope = new Scope(Holding.INITIALIZERS, null);
  private final List<Function> functions = new ArrayList<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();
  private final Map<String, NdArray> data = new LinkedHashMap<>();
  private int names;
  private int nodes;

  /** A value of the graph. */
  record Value(String name, Shape shape) {
    int rank() {
      return shape.rank();
    }

    long dim(int axis) {
      return shape.dim(axis);
    }
  }

  /** Where a scope has its constants from. */
  private enum Holding {
    INITIALIZERS,
    /** Its own initializers, those of the scope around it, and what that one computes. */
    BODY,
    /** Constant nodes, and arguments of the call. */
    FUNCTION
  }

  /** What has been made of a scope so far. */
  private static final class Scope {
    final Holding holding;
    final @Nullable Scope around;
    final List<Node> nodes = new ArrayList<>();
    final List<Initializer> initializers = new ArrayList<>();
    final Map<Shape, List<String>> reusable = new LinkedHashMap<>();

    /** Parameters of a function, and what the first call passes for each. */
    final Map<String, Tensor> parameters = new LinkedHashMap<>();

    Scope(Holding holding, @Nullable Scope around) {
      this.holding = holding;
      this.around = around;
      if (around != null && holding == Holding.BODY) {
        around.reusable.forEach((shape, names) -> reusable.put(shape, new ArrayList<>(names)));
      }
    }
  }

  RandomGraph(Random random) {
    this.random = random;
    this.opset = OPSETS[random.nextInt(OPSETS.length)];
    this.type = chance(0.7) ? ElementType.DOUBLE : ElementType.FLOAT;
    this.mayOverride = chance(0.1);
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** From {@code low} to {@code high}, both included. */
  int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  @SafeVarargs
  final <T> T oneOf(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  String fresh(String hint) {
    return hint + names++;
  }

  Value input(long... dims) {
    String name = fresh("x");
    List<Dim> declared = new ArrayList<>(Arrays.stream(dims).mapToObj(Dim::of).toList());
    if (dims.length > 0 && chance(0.5)) {
      declared.set(0, new Dim.Symbolic("N"));
    }
    inputs.add(new ValueInfo(name, type, chance(0.05) ? null : declared));
    data.put(name, FoldProof.array(type, Shape.of(dims), random));
    return new Value(name, Shape.of(dims));
  }

  void output(Value value) {
    if (outputs.stream().noneMatch(output -> output.name().equals(value.name()))) {
      outputs.add(new ValueInfo(value.name(), type, null));
    }
  }

  Value node(String operator, Map<String, Attribute> attributes, Shape shape, String... operands) {
    String name = fresh(operator.toLowerCase(java.util.Locale.ROOT));
    String label = chance(0.5) ? "" : "n" + name;
    add(label, OpKind.onnx(operator), List.of(operands), name, attributes);
    return new Value(name, shape);
  }

  private void add(
      String label,
      OpKind operator,
      List<String> operands,
      String output,
      Map<String, Attribute> attributes) {
    scope.nodes.add(new Node(nodes++, label, operator, operands, List.of(output), attributes));
  }

  /** Whether nodes are being added to the main graph. */
  boolean isMain() {
    return scope.around == null;
  }

  /**
   * A call of a new function, whose body some steps make, and sometimes a second call of it with
   * the same or with other parameters, in a sum with the first.
   */
  Value call(Value x, UnaryOperator<Value> steps) {
    Scope body = new Scope(Holding.FUNCTION, scope);
    scope = body;
    Value inner = new Value(fresh("given"), x.shape());
    Value result = steps.apply(inner);
    scope = body.around;
    OpKind operator = new OpKind("made.up", fresh("Function"));
    List<ValueInfo> formal = new ArrayList<>(List.of(ValueInfo.untyped(inner.name())));
    body.parameters.keySet().forEach(name -> formal.add(ValueInfo.untyped(name)));
    functions.add(
        new Function(
            operator,
            "",
            List.of(),
            Map.of("", opset),
            new Graph("", order(body), List.of(), formal, List.of(ValueInfo.untyped(result.name())))));
    List<String> arguments =
        new ArrayList<>(body.parameters.values().stream().map(this::held).toList());
    Value first = call(operator, x, arguments, result.shape());
    if (chance(0.6)) {
      return node("Sigmoid", Map.of(), result.shape(), first.name());
    }
    if (chance(0.5)) {
      int at = 0;
      for (Tensor tensor : body.parameters.values()) {
        if (tensor.type() == type) {
          arguments.set(at, held(tensor.shape(), 0.1, 2));
        }
        at++;
      }
    }
    Value y = node("Sigmoid", Map.of(), x.shape(), x.name());
    Value second = call(operator, y, arguments, result.shape());
    return node("Add", Map.of(), result.shape(), first.name(), second.name());
  }

  private Value call(OpKind operator, Value x, List<String> arguments, Shape shape) {
    List<String> operands = new ArrayList<>(List.of(x.name()));
    operands.addAll(arguments);
    String name = fresh("called");
    add(chance(0.5) ? "" : "n" + name, operator, operands, name, Map.of());
    return new Value(name, shape);
  }

  /** An If, of whose bodies one is made by some steps and the other is a constant. */
  Value branch(Value x, UnaryOperator<Value> steps) {
    String condition = held(LiteralTensor.ofDoubles(ElementType.BOOL, Shape.of(), between(0, 1)));
    if (isMain() && chance(0.5)) {
      condition = fresh("condition");
      inputs.add(new ValueInfo(condition, ElementType.BOOL, List.of()));
      data.put(condition, NdArray.of(ElementType.BOOL, Shape.of(), new double[] {between(0, 1)}));
    }
    Scope computed = new Scope(Holding.BODY, scope);
    scope = computed;
    Value last = steps.apply(x);
    // What a body puts out, it has to compute.
    Value result = node("Identity", Map.of(), last.shape(), last.name());
    scope = new Scope(Holding.BODY, computed.around);
    Value constant =
        node("Identity", Map.of(), result.shape(), held(result.shape(), -1, 1));
    Scope other = scope;
    scope = computed.around;
    boolean swapped = chance(0.5);
    Attribute a = new Attribute.Body(body(computed, result));
    Attribute b = new Attribute.Body(body(other, constant));
    Map<String, Attribute> branches =
        Map.of("then_branch", swapped ? b : a, "else_branch", swapped ? a : b);
    return node("If", branches, result.shape(), condition);
  }

  private Graph body(Scope body, Value result) {
    return new Graph(
        fresh("body"),
        order(body),
        body.initializers,
        List.of(),
        List.of(new ValueInfo(result.name(), type, null)));
  }

  static Attribute ints(long... values) {
    return new Attribute.Ints(Arrays.stream(values).boxed().toList());
  }

  /** Integers as an operand. */
  String integers(long... values) {
    return held(LiteralTensor.ofLongs(values));
  }

  /** A number of the graph's type as an operand. */
  String number(double value) {
    return held(LiteralTensor.ofDoubles(type, Shape.of(), value));
  }

  /** A parameter of this shape, with values in a range; sometimes one that is in use already. */
  String parameter(double low, double high, long... dims) {
    Shape shape = Shape.of(dims);
    List<String> others = scope.reusable.computeIfAbsent(shape, key -> new ArrayList<>());
    if (low < 0 && !others.isEmpty() && chance(0.3)) {
      return others.get(random.nextInt(others.size()));
    }
    String name = derived(shape, low, high);
    if (low < 0) {
      others.add(name);
    }
    return name;
  }

  private String derived(Shape shape, double low, double high) {
    return switch (between(0, 11)) {
      case 0 -> node("Identity", Map.of(), shape, held(shape, low, high)).name();
      case 1 -> shape.rank() < 2 ? held(shape, low, high) : transposed(shape, low, high);
      case 2 -> reshaped(shape, low, high);
      default -> held(shape, low, high);
    };
  }

  private String transposed(Shape shape, double low, double high) {
    List<Integer> order = permutation(shape.rank());
    Long[] source = new Long[shape.rank()];
    for (int i = 0; i < source.length; i++) {
      source[order.get(i)] = shape.dim(i);
    }
    String held = held(new Shape(Arrays.asList(source)), low, high);
    return node("Transpose", Map.of("perm", permutationOf(order)), shape, held).name();
  }

  private String reshaped(Shape shape, double low, double high) {
    String held = held(Shape.of(shape.elementCount()), low, high);
    return reshape(held, shape, shape.dims().stream().mapToLong(Long::longValue).toArray()).name();
  }

  Value reshape(String value, Shape shape, long... target) {
    return opset < 5
        ? node("Reshape", Map.of("shape", ints(target)), shape, value)
        : node("Reshape", Map.of(), shape, value, integers(target));
  }

  List<Integer> permutation(int rank) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      order.add(i);
    }
    java.util.Collections.shuffle(order, random);
    return order;
  }

  static Attribute permutationOf(List<Integer> order) {
    return ints(order.stream().mapToLong(Integer::longValue).toArray());
  }

  private String held(Shape shape, double low, double high) {
    double[] values = random.doubles(shape.elementCount(), low, high).toArray();
    return held(LiteralTensor.ofDoubles(type, shape, values));
  }

  private String held(Tensor tensor) {
    boolean isFunction = scope.holding == Holding.FUNCTION;
    if (isFunction && chance(0.6)) {
      String name = fresh("p");
      scope.parameters.put(name, tensor);
      return name;
    }
    if (isFunction || chance(0.15)) {
      return node("Constant", Map.of("value", new Attribute.TensorValue(tensor)), tensor.shape())
          .name();
    }
    String name = fresh("c");
    owner().initializers.add(new Initializer(name, tensor));
    if (mayOverride && isMain() && chance(0.1)) {
      List<Dim> dims = tensor.shape().dims().stream().map(Dim::of).toList();
      inputs.add(new ValueInfo(name, tensor.type(), dims));
    }
    return name;
  }

  /** The scope that a new initializer is in: this one, or one around a body. */
  private Scope owner() {
    boolean captured = scope.around != null && scope.around.holding != Holding.FUNCTION;
    return captured && chance(0.5) ? scope.around : scope;
  }

  /** A string that goes through the graph beside the numbers. */
  void strings() {
    String text = fresh("text");
    String copied = fresh("copied");
    inputs.add(new ValueInfo(text, ElementType.STRING, List.of(Dim.of(2))));
    add("", OpKind.IDENTITY, List.of(text), copied, Map.of());
    outputs.add(new ValueInfo(copied, ElementType.STRING, List.of(Dim.of(2))));
  }

  /** What it is to be evaluated on. */
  Map<String, NdArray> data() {
    return data;
  }

  ModelGraph model() {
    Map<String, Long> opsets = new LinkedHashMap<>(Map.of("", opset));
    if (!functions.isEmpty()) {
      opsets.put("made.up", 1L);
    }
    return new ModelGraph(
        functions.isEmpty() ? oneOf(4L, 8L) : 8L,
        opsets,
        new Graph("random", order(scope), scope.initializers, inputs, outputs),
        functions);
  }

  /** Files need not be in topological order. */
  private List<Node> order(Scope made) {
    List<Node> order = new ArrayList<>(made.nodes);
    if (chance(0.15)) {
      java.util.Collections.shuffle(order, random);
    }
    return order;
  }
}
