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

import static dev.fusewright.core.rule.fold.RandomGraph.ints;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.rule.fold.RandomGraph.Value;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Makes up models out of the operators that rules know, in the forms of many opsets, valid but with
 * no regard to whether anything can be folded. Sizes are small and often equal, so that an axis
 * that is mistaken for another does not show in a shape.
 */
public final class RandomModels {
  private final RandomGraph graph;

  private RandomModels(RandomGraph graph) {
    this.graph = graph;
  }

  /** A model and inputs for it, except strings. */
  public record Sample(ModelGraph model, Map<String, NdArray> inputs) {}

  /** The model of a seed. */
  public static Sample of(long seed) {
    RandomGraph graph = new RandomGraph(new Random(seed));
    new RandomModels(graph).fill();
    return new Sample(graph.model(), graph.data());
  }

  private void fill() {
    Value value = beginning();
    int steps = graph.between(2, 7);
    for (int i = 0; i < steps; i++) {
      Value next = step(value);
      if (graph.chance(0.06)) {
        graph.output(value);
      }
      if (graph.chance(0.06)) {
        graph.output(graph.node("Sigmoid", Map.of(), value.shape(), value.name()));
      }
      value = next;
    }
    graph.output(value);
    if (graph.chance(0.1)) {
      constantBranch();
    }
    if (graph.chance(0.1)) {
      graph.strings();
    }
  }

  /** An input, or a constant in a model that has none. */
  private Value beginning() {
    long[] dims = someDims(graph.oneOf(0, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5));
    return graph.chance(0.97) ? graph.input(dims) : constant(dims);
  }

  private long[] someDims(int rank) {
    long[] dims = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      dims[axis] = axis < 2 ? graph.between(1, 4) : graph.between(3, rank == 5 ? 4 : 6);
    }
    return dims;
  }

  private Value constant(long[] dims) {
    return new Value(graph.parameter(-1, 2, dims), Shape.of(dims));
  }

  /** An output that depends on no input. */
  private void constantBranch() {
    Value value = constant(someDims(graph.between(2, 4)));
    value = graph.chance(0.5) ? norm(steps(value)) : steps(value);
    graph.output(graph.node("Sigmoid", Map.of(), value.shape(), value.name()));
  }

  private Value steps(Value x) {
    Value value = x;
    int steps = graph.between(1, 3);
    for (int i = 0; i < steps; i++) {
      value = step(value);
    }
    return value;
  }

  private Value step(Value x) {
    return x.rank() < 2 ? narrow(x) : wide(x);
  }

  /** Values of rank 0 and 1, which no layer takes. */
  private Value narrow(Value x) {
    return switch (graph.between(0, 9)) {
      case 0, 1, 2 -> elementwise(x);
      case 3 -> activation(x);
      case 4 -> passThrough(x);
      case 5 -> withoutEffect(x);
      default -> unsqueeze(x);
    };
  }

  private Value wide(Value x) {
    return switch (graph.between(0, 20)) {
      case 0, 1, 2, 3 -> x.rank() == 2 ? gemm(x) : conv(x);
      case 4 -> x.rank() == 2 ? matMul(x) : convTranspose(x);
      case 5 -> matMul(x);
      case 6, 7, 8, 9 -> norm(x);
      case 10, 11, 12 -> elementwise(x);
      case 13 -> x.rank() == 2 ? norm(x) : padAndConsumer(x);
      case 14 -> x.rank() == 2 ? elementwise(x) : concat(x);
      case 15 -> passThrough(x);
      case 16 -> layout(x);
      case 17 -> withoutEffect(x);
      case 18 -> graph.isMain() ? graph.call(x, this::steps) : norm(x);
      case 19 -> graph.isMain() ? graph.branch(x, this::steps) : norm(x);
      default -> activation(x);
    };
  }

  private Value conv(Value x) {
    long in = x.dim(1);
    long group = graph.chance(0.3) ? in : 1;
    long out = group * graph.between(1, group > 1 ? 2 : 4);
    return conv(x, out, group, graph.chance(0.3));
  }

  private Value conv(Value x, long out, long group, boolean padded) {
    int spatial = x.rank() - 2;
    long[] weight = new long[x.rank()];
    long[] result = new long[x.rank()];
    long[] pads = new long[2 * spatial];
    weight[0] = out;
    weight[1] = x.dim(1) / group;
    result[0] = x.dim(0);
    result[1] = out;
    for (int i = 0; i < spatial; i++) {
      long kernel = Math.min(graph.between(1, 3), x.dim(i + 2));
      weight[i + 2] = kernel;
      pads[i] = padded ? graph.between(0, 1) : 0;
      pads[i + spatial] = padded ? graph.between(0, 1) : 0;
      result[i + 2] = x.dim(i + 2) + pads[i] + pads[i + spatial] - kernel + 1;
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    if (group > 1) {
      attributes.put("group", new Attribute.Int(group));
    }
    if (padded) {
      attributes.put("pads", ints(pads));
    } else if (graph.chance(0.1)) {
      attributes.put("auto_pad", new Attribute.Text("VALID"));
    }
    return withBias("Conv", attributes, Shape.of(result), x, weight, out);
  }

  private Value withBias(
      String operator,
      Map<String, Attribute> attributes,
      Shape shape,
      Value x,
      long[] weight,
      long out) {
    String w = graph.parameter(-1, 1, weight);
    return graph.chance(0.5)
        ? graph.node(operator, attributes, shape, x.name(), w)
        : graph.node(operator, attributes, shape, x.name(), w, graph.parameter(-1, 1, out));
  }

  private Value convTranspose(Value x) {
    int spatial = x.rank() - 2;
    long in = x.dim(1);
    long group = graph.chance(0.4) ? in : 1;
    long perGroup = graph.between(1, 3);
    long[] weight = new long[x.rank()];
    long[] result = new long[x.rank()];
    weight[0] = in;
    weight[1] = perGroup;
    result[0] = x.dim(0);
    result[1] = perGroup * group;
    for (int i = 0; i < spatial; i++) {
      weight[i + 2] = graph.between(1, 2);
      result[i + 2] = x.dim(i + 2) + weight[i + 2] - 1;
    }
    Map<String, Attribute> attributes =
        group > 1 ? Map.of("group", new Attribute.Int(group)) : Map.of();
    return withBias("ConvTranspose", attributes, Shape.of(result), x, weight, result[1]);
  }

  private Value gemm(Value x) {
    long columns = graph.between(1, 4);
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    boolean transA = graph.chance(0.1);
    boolean transB = graph.chance(0.5);
    long rows = x.dim(transA ? 1 : 0);
    long inner = x.dim(transA ? 0 : 1);
    if (transA) {
      attributes.put("transA", new Attribute.Int(1));
    }
    if (transB) {
      attributes.put("transB", new Attribute.Int(1));
    }
    if (graph.chance(0.3)) {
      attributes.put("alpha", new Attribute.Real(graph.between(1, 4) / 2f));
    }
    if (graph.chance(0.3)) {
      attributes.put("beta", new Attribute.Real(graph.between(-2, 4) / 2f));
    }
    List<String> operands = new ArrayList<>();
    operands.add(x.name());
    operands.add(
        transB ? graph.parameter(-1, 1, columns, inner) : graph.parameter(-1, 1, inner, columns));
    if (graph.opset < 11 || graph.chance(0.7)) {
      long[] bias =
          switch (graph.between(0, 5)) {
            case 0 -> new long[] {};
            case 1 -> new long[] {1, columns};
            case 2 -> new long[] {rows, columns};
            case 3 -> new long[] {rows, 1};
            default -> new long[] {columns};
          };
      operands.add(graph.parameter(-1, 1, bias));
      if (graph.opset < 7) {
        attributes.put("broadcast", new Attribute.Int(1));
      }
    }
    return graph.node("Gemm", attributes, Shape.of(rows, columns), operands.toArray(String[]::new));
  }

  private Value matMul(Value x) {
    int last = x.rank() - 1;
    long columns = graph.between(1, 4);
    long[] result = dims(x);
    result[last] = columns;
    String weight = graph.parameter(-1, 1, x.dim(last), columns);
    Value product = graph.node("MatMul", Map.of(), Shape.of(result), x.name(), weight);
    if (graph.chance(0.5)) {
      return product;
    }
    String bias = graph.parameter(-1, 1, columns);
    return graph.opset >= 7 && graph.chance(0.3)
        ? graph.node("Add", Map.of(), product.shape(), bias, product.name())
        : graph.node("Add", broadcast(), product.shape(), product.name(), bias);
  }

  private Map<String, Attribute> broadcast() {
    return graph.opset < 7 ? Map.of("broadcast", new Attribute.Int(1)) : Map.of();
  }

  private Value norm(Value x) {
    long channels = x.dim(1);
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    if (graph.opset < 7) {
      attributes.put("is_test", new Attribute.Int(1));
    }
    if (graph.chance(0.3)) {
      attributes.put("epsilon", new Attribute.Real(0.01f));
    }
    // A shift of exactly zero lets a norm be folded into a Conv that pads.
    boolean onlyScales = graph.chance(0.1);
    String zero = onlyScales ? graph.parameter(0, Double.MIN_NORMAL, channels) : "";
    return graph.node(
        "BatchNormalization",
        attributes,
        x.shape(),
        x.name(),
        graph.parameter(-1, 2, channels),
        onlyScales ? zero : graph.parameter(-1, 1, channels),
        onlyScales ? zero : graph.parameter(-1, 1, channels),
        graph.parameter(0.1, 2, channels));
  }

  private Value elementwise(Value x) {
    String operator = graph.oneOf("Add", "Sub", "Mul", "Div");
    if (graph.opset < 7) {
      return legacyElementwise(operator, x);
    }
    long[] shape = constantShape(x);
    boolean first = graph.chance(0.4);
    boolean divides = operator.equals("Div");
    String constant = graph.parameter(divides ? 0.5 : -1, 2, shape);
    // A value that is divided by may come near zero, which says nothing about rules.
    boolean isFirst = first && !divides;
    Shape result = broadcast(x.shape(), Shape.of(shape));
    return isFirst
        ? graph.node(operator, Map.of(), result, constant, x.name())
        : graph.node(operator, Map.of(), result, x.name(), constant);
  }

  private Value legacyElementwise(String operator, Value x) {
    boolean divides = operator.equals("Div");
    if (x.rank() == 0) {
      String scalar = graph.parameter(divides ? 0.5 : -1, 2);
      return graph.node(operator, broadcast(), x.shape(), x.name(), scalar);
    }
    int axis = graph.between(0, x.rank() - 1);
    long[] shape = graph.chance(0.3) ? new long[] {1} : new long[] {x.dim(axis)};
    Map<String, Attribute> attributes = new LinkedHashMap<>(broadcast());
    if (shape[0] != 1 || graph.chance(0.5)) {
      attributes.put("axis", new Attribute.Int(axis));
    }
    String constant = graph.parameter(divides ? 0.5 : -1, 2, shape);
    return graph.node(operator, attributes, x.shape(), x.name(), constant);
  }

  /** Of all ranks and alignments, some of which enlarge the result. */
  private long[] constantShape(Value x) {
    int rank = graph.between(0, x.rank() + (x.rank() < 5 && graph.chance(0.1) ? 1 : 0));
    long[] shape = new long[rank];
    boolean perChannel = graph.chance(0.6);
    for (int i = 0; i < rank; i++) {
      int axis = x.rank() - rank + i;
      long size = axis < 0 ? 1 : x.dim(axis);
      boolean whole = perChannel ? axis == 1 : graph.chance(0.4);
      boolean enlarges = size == 1 && axis <= 0 && graph.chance(0.1);
      shape[i] = enlarges ? 2 : whole ? size : 1;
    }
    return shape;
  }

  private static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      int ia = i - rank + a.rank();
      int ib = i - rank + b.rank();
      dims[i] = Math.max(ia < 0 ? 1 : a.dim(ia), ib < 0 ? 1 : b.dim(ib));
    }
    return Shape.of(dims);
  }

  private Value padAndConsumer(Value x) {
    Value padded = pad(x);
    return switch (graph.between(0, 3)) {
      case 0 -> pool("MaxPool", padded);
      case 1 -> pool("AveragePool", padded);
      default -> conv(padded, graph.between(1, 4), 1, graph.chance(0.3));
    };
  }

  private Value pad(Value x) {
    int rank = x.rank();
    long[] pads = new long[2 * rank];
    long[] result = dims(x);
    boolean odd = graph.chance(0.1);
    for (int axis = 0; axis < rank; axis++) {
      if (axis > 1 || odd) {
        pads[axis] = graph.between(0, 1);
        boolean mayCrop = odd && axis > 1 && x.dim(axis) > 1;
        pads[axis + rank] = graph.between(mayCrop ? -1 : 0, 1);
        result[axis] += pads[axis] + pads[axis + rank];
      }
    }
    boolean zero = graph.chance(0.8);
    if (graph.opset < 11) {
      Map<String, Attribute> attributes = new LinkedHashMap<>();
      attributes.put("pads", ints(pads));
      if (!zero) {
        attributes.put("value", new Attribute.Real(0.5f));
      }
      return graph.node("Pad", attributes, Shape.of(result), x.name());
    }
    List<String> operands = new ArrayList<>(List.of(x.name()));
    boolean axes = graph.opset >= 18 && !odd && graph.chance(0.5);
    int spatial = rank - 2;
    if (axes) {
      long[] chosen = new long[spatial];
      long[] some = new long[2 * spatial];
      for (int i = 0; i < spatial; i++) {
        chosen[i] = graph.chance(0.5) ? i + 2 : i - spatial;
        some[i] = pads[i + 2];
        some[i + spatial] = pads[rank + i + 2];
      }
      operands.addAll(List.of(graph.integers(some), "", graph.integers(chosen)));
    } else {
      operands.add(graph.integers(pads));
    }
    if (!zero) {
      while (operands.size() < 3) {
        operands.add("");
      }
      operands.set(2, graph.parameter(0.4, 0.6));
    }
    return graph.node("Pad", Map.of(), Shape.of(result), operands.toArray(String[]::new));
  }

  private Value pool(String operator, Value x) {
    int spatial = x.rank() - 2;
    long[] kernel = new long[spatial];
    long[] pads = new long[2 * spatial];
    long[] result = dims(x);
    boolean padded = graph.chance(0.3);
    for (int i = 0; i < spatial; i++) {
      kernel[i] = Math.min(2, x.dim(i + 2));
      pads[i] = padded && kernel[i] > 1 ? 1 : 0;
      result[i + 2] += pads[i] - kernel[i] + 1;
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", ints(kernel));
    if (padded) {
      attributes.put("pads", ints(pads));
    }
    if (operator.equals("AveragePool") && graph.opset >= 7 && graph.chance(0.5)) {
      attributes.put("count_include_pad", new Attribute.Int(1));
    }
    return graph.node(operator, attributes, Shape.of(result), x.name());
  }

  private Value concat(Value x) {
    int branches = graph.between(1, 3);
    List<String> names = new ArrayList<>();
    long channels = 0;
    Value last = x;
    for (int i = 0; i < branches; i++) {
      long out = graph.between(1, 3);
      Shape weight = new Shape(ones(x, out, x.dim(1)));
      long[] dims = weight.dims().stream().mapToLong(Long::longValue).toArray();
      long[] result = dims(x);
      result[1] = out;
      last = withBias("Conv", Map.of(), Shape.of(result), x, dims, out);
      names.add(last.name());
      channels += out;
    }
    if (graph.chance(0.2)) {
      names.add(graph.chance(0.5) ? last.name() : x.name());
      channels += names.get(branches).equals(x.name()) ? x.dim(1) : last.dim(1);
    }
    long[] result = dims(x);
    result[1] = channels;
    long axis = graph.opset >= 11 && graph.chance(0.3) ? 1 - x.rank() : 1;
    Value joint =
        graph.node(
            "Concat",
            Map.of("axis", new Attribute.Int(axis)),
            Shape.of(result),
            names.toArray(String[]::new));
    return graph.chance(0.7) ? norm(joint) : joint;
  }

  private static List<Long> ones(Value x, long out, long in) {
    List<Long> dims = new ArrayList<>(List.of(out, in));
    while (dims.size() < x.rank()) {
      dims.add(1L);
    }
    return dims;
  }

  private Value passThrough(Value x) {
    if (graph.chance(0.5)) {
      return graph.node("Identity", Map.of(), x.shape(), x.name());
    }
    Map<String, Attribute> attributes =
        graph.opset < 7 ? Map.of("is_test", new Attribute.Int(1)) : Map.of();
    return graph.node("Dropout", attributes, x.shape(), x.name());
  }

  /** Nodes that give back what they get, or whose effect another one has too. */
  private Value withoutEffect(Value x) {
    return switch (graph.between(0, 4)) {
      case 0 -> graph.node("Mul", broadcast(), x.shape(), x.name(), graph.number(1));
      case 1 -> graph.node("Add", broadcast(), x.shape(), x.name(), graph.number(0));
      case 2 -> clipped(graph.node("Relu", Map.of(), x.shape(), x.name()));
      case 3 -> x.rank() < 2 ? widenedAndBack(x) : thereAndBack(x);
      default -> widenedAndBack(x);
    };
  }

  /** Two Transposes, of which the second undoes the first. */
  private Value thereAndBack(Value x) {
    List<Integer> order = graph.permutation(x.rank());
    List<Integer> back = new ArrayList<>(order);
    for (int i = 0; i < order.size(); i++) {
      back.set(order.get(i), i);
    }
    Value turned =
        graph.node(
            "Transpose",
            Map.of("perm", RandomGraph.permutationOf(order)),
            new Shape(order.stream().map(x::dim).toList()),
            x.name());
    Map<String, Attribute> undone = Map.of("perm", RandomGraph.permutationOf(back));
    return graph.node("Transpose", undone, x.shape(), turned.name());
  }

  private Value clipped(Value x) {
    double low = graph.between(-1, 1);
    if (graph.opset >= 11) {
      String min = graph.number(low);
      return graph.node("Clip", Map.of(), x.shape(), x.name(), min, graph.number(2));
    }
    return graph.node(
        "Clip",
        Map.of("min", new Attribute.Real(low), "max", new Attribute.Real(2)),
        x.shape(),
        x.name());
  }

  private Value widenedAndBack(Value x) {
    long[] wide = new long[x.rank() + 1];
    for (int axis = 0; axis < x.rank(); axis++) {
      wide[axis] = x.dim(axis);
    }
    wide[x.rank()] = 1;
    if (graph.opset < 13) {
      Map<String, Attribute> axes = Map.of("axes", ints(x.rank()));
      Value widened = graph.node("Unsqueeze", axes, Shape.of(wide), x.name());
      return graph.node("Squeeze", axes, x.shape(), widened.name());
    }
    String axes = graph.integers(x.rank());
    Value widened = graph.node("Unsqueeze", Map.of(), Shape.of(wide), x.name(), axes);
    return graph.node("Squeeze", Map.of(), x.shape(), widened.name(), axes);
  }

  private Value activation(Value x) {
    return graph.node(graph.oneOf("Relu", "Relu", "Sigmoid"), Map.of(), x.shape(), x.name());
  }

  private Value layout(Value x) {
    return switch (graph.between(0, 4)) {
      case 0 -> transpose(x);
      case 1 -> flatten(x);
      case 2 -> x.rank() < 5 ? unsqueeze(x) : transpose(x);
      case 3 -> reshape(x);
      default -> squeeze(x);
    };
  }

  private Value transpose(Value x) {
    List<Integer> order = graph.permutation(x.rank());
    return graph.node(
        "Transpose",
        Map.of("perm", RandomGraph.permutationOf(order)),
        new Shape(order.stream().map(x::dim).toList()),
        x.name());
  }

  private Value flatten(Value x) {
    int axis = graph.chance(0.7) ? 1 : graph.between(0, x.rank());
    Shape flat = Shape.of(x.shape().elementCount(0, axis), x.shape().elementCount(axis, x.rank()));
    if (axis == 1 && graph.chance(0.4)) {
      return graph.reshape(
          x.name(), flat, graph.chance(0.5) ? 0 : x.dim(0), graph.chance(0.5) ? -1 : flat.dim(1));
    }
    return graph.node("Flatten", Map.of("axis", new Attribute.Int(axis)), flat, x.name());
  }

  private Value unsqueeze(Value x) {
    int at = graph.between(0, x.rank());
    List<Long> dims = new ArrayList<>(x.shape().dims());
    dims.add(at, 1L);
    long axis = graph.opset >= 11 && graph.chance(0.3) ? at - x.rank() - 1 : at;
    return axes("Unsqueeze", x, new Shape(dims), axis);
  }

  private Value squeeze(Value x) {
    for (int axis = 0; axis < x.rank() && x.rank() > 2; axis++) {
      if (x.dim(axis) == 1) {
        List<Long> dims = new ArrayList<>(x.shape().dims());
        dims.remove(axis);
        return axes("Squeeze", x, new Shape(dims), axis);
      }
    }
    return transpose(x);
  }

  private Value axes(String operator, Value x, Shape shape, long axis) {
    return graph.opset < 13
        ? graph.node(operator, Map.of("axes", ints(axis)), shape, x.name())
        : graph.node(operator, Map.of(), shape, x.name(), graph.integers(axis));
  }

  /** Splits an axis, or joins two neighbours, or only writes the shape anew. */
  private Value reshape(Value x) {
    long[] dims = dims(x);
    int axis = graph.between(0, x.rank() - 1);
    if (axis + 1 < x.rank() && x.rank() > 2 && graph.chance(0.5)) {
      List<Long> joined = new ArrayList<>(x.shape().dims());
      joined.set(axis, joined.get(axis) * joined.remove(axis + 1));
      return graph.reshape(
          x.name(), new Shape(joined), joined.stream().mapToLong(Long::longValue).toArray());
    }
    if (dims[axis] % 2 == 0 && x.rank() < 5) {
      List<Long> split = new ArrayList<>(x.shape().dims());
      split.set(axis, dims[axis] / 2);
      split.add(axis + 1, 2L);
      return graph.reshape(
          x.name(), new Shape(split), split.stream().mapToLong(Long::longValue).toArray());
    }
    Shape same = x.shape();
    dims[axis] = graph.oneOf(-1L, 0L);
    return graph.reshape(x.name(), same, dims);
  }

  private static long[] dims(Value x) {
    return x.shape().dims().stream().mapToLong(Long::longValue).toArray();
  }
}
