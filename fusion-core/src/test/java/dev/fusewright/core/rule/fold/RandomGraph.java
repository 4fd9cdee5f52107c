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
  private final List<Node> nodes = new ArrayList<>();
  private final List<Initializer> initializers = new ArrayList<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();
  private final Map<String, NdArray> data = new LinkedHashMap<>();
  private final Map<Shape, List<String>> reusable = new LinkedHashMap<>();
  private int names;

  /** A value of the graph. */
  record Value(String name, Shape shape) {
    int rank() {
      return shape.rank();
    }

    long dim(int axis) {
      return shape.dim(axis);
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
    if (chance(0.5)) {
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
    nodes.add(
        new Node(
            nodes.size(),
            label,
            OpKind.onnx(operator),
            List.of(operands),
            List.of(name),
            attributes));
    return new Value(name, shape);
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
    List<String> others = reusable.computeIfAbsent(shape, key -> new ArrayList<>());
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
    if (chance(0.15)) {
      return node("Constant", Map.of("value", new Attribute.TensorValue(tensor)), tensor.shape())
          .name();
    }
    String name = fresh("c");
    initializers.add(new Initializer(name, tensor));
    if (mayOverride && chance(0.1)) {
      List<Dim> dims = tensor.shape().dims().stream().map(Dim::of).toList();
      inputs.add(new ValueInfo(name, tensor.type(), dims));
    }
    return name;
  }

  /** What it is to be evaluated on. */
  Map<String, NdArray> data() {
    return data;
  }

  ModelGraph model() {
    List<Node> order = new ArrayList<>(nodes);
    if (chance(0.1)) {
      java.util.Collections.shuffle(order, random); // Files need not be in topological order.
    }
    return new ModelGraph(
        oneOf(4L, 8L),
        Map.of("", opset),
        new Graph("random", order, initializers, inputs, outputs),
        List.of());
  }
}
