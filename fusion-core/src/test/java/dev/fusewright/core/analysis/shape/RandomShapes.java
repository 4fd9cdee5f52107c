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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A graph that is made up at random out of operators that change shapes, together with the inputs
 * that it is made for. Its inputs may be declared as something else than they are, and inner values
 * too.
 */
final class RandomShapes {
  private static final long[] OPSETS = {9, 11, 13, 18};
  private static final int MAX_ELEMENTS = 3000;

  private final Random random;
  private final long opset;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Initializer> initializers = new ArrayList<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> stated = new ArrayList<>();
  private final Map<String, NdArray> data = new LinkedHashMap<>();
  private final List<Value> values = new ArrayList<>();
  private int names;

  private record Value(String name, List<Long> dims) {
    int rank() {
      return dims.size();
    }

    long dim(int axis) {
      return dims.get(axis);
    }

    long count() {
      return dims.stream().reduce(1L, (a, b) -> a * b);
    }
  }

  /** What of a graph is declared truly. */
  enum Truth {
    ALL,
    NOT_INNER_VALUES,
    NOT_INPUTS
  }

  /** A graph and the inputs that it runs on. */
  record Sample(ModelGraph model, Map<String, NdArray> inputs) {}

  private RandomShapes(long seed) {
    this.random = new Random(seed);
    this.opset = OPSETS[random.nextInt(OPSETS.length)];
  }

  static Sample of(long seed, Truth truth) {
    RandomShapes graph = new RandomShapes(seed);
    Value value = graph.input(truth);
    graph.input(truth);
    for (int i = graph.between(3, 14); i > 0; i--) {
      value =
          graph.chance(0.8) ? value : graph.values.get(graph.random.nextInt(graph.values.size()));
      Value next = graph.step(value);
      graph.values.add(next);
      value = next;
      if (graph.chance(0.2)) {
        graph.state(next, truth);
      }
    }
    Graph main =
        new Graph(
            "g",
            graph.nodes,
            graph.initializers,
            graph.inputs,
            List.of(ValueInfo.untyped(value.name())),
            graph.stated,
            List.of(),
            List.of());
    return new Sample(new ModelGraph(8, Map.of("", graph.opset), main, List.of()), graph.data);
  }

  private boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  private int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  private Value input(Truth truth) {
    String name = "x" + inputs.size();
    long[] dims = LongStream.generate(() -> between(1, 7)).limit(between(1, 5)).toArray();
    List<Dim> declared = new ArrayList<>();
    for (long dim : dims) {
      long size = truth == Truth.NOT_INPUTS && chance(0.4) ? dim + between(1, 3) : dim;
      declared.add(
          switch (between(0, 3)) {
            case 0 -> new Dim.Symbolic("s" + size);
            case 1 -> new Dim.Unknown();
            default -> new Dim.Fixed(size);
          });
    }
    if (truth == Truth.NOT_INPUTS && chance(0.2)) {
      declared.add(new Dim.Fixed(2));
    }
    inputs.add(new ValueInfo(name, ElementType.DOUBLE, chance(0.1) ? null : declared));
    data.put(name, array(dims));
    Value value = new Value(name, LongStream.of(dims).boxed().toList());
    values.add(value);
    return value;
  }

  private NdArray array(long... dims) {
    Shape shape = Shape.of(dims);
    return NdArray.of(
        ElementType.DOUBLE, shape, random.doubles(shape.elementCount(), -1, 1).toArray());
  }

  private void state(Value value, Truth truth) {
    List<Dim> dims = new ArrayList<>();
    for (long dim : value.dims()) {
      boolean isTrue = truth != Truth.NOT_INNER_VALUES || chance(0.5);
      dims.add(chance(0.3) ? new Dim.Unknown() : new Dim.Fixed(isTrue ? dim : dim + 1));
    }
    stated.add(new ValueInfo(value.name(), ElementType.DOUBLE, dims));
  }

  private String constant(Tensor tensor) {
    String name = "c" + names++;
    if (chance(0.2)) {
      node("Constant", Map.of("value", new Attribute.TensorValue(tensor)), name);
    } else {
      initializers.add(new Initializer(name, tensor));
    }
    return name;
  }

  private String integers(long... values) {
    return constant(LiteralTensor.ofLongs(values));
  }

  private String reals(long... dims) {
    Shape shape = Shape.of(dims);
    double[] values = random.doubles(shape.elementCount(), -1, 1).toArray();
    return constant(LiteralTensor.ofDoubles(ElementType.DOUBLE, shape, values));
  }

  private void node(
      String type, Map<String, Attribute> attributes, String output, String... operands) {
    nodes.add(
        new Node(
            nodes.size(), "", OpKind.onnx(type), List.of(operands), List.of(output), attributes));
  }

  private String computed(String type, Map<String, Attribute> attributes, String... operands) {
    String name = "v" + names++;
    node(type, attributes, name, operands);
    return name;
  }

  private Value value(
      String type, Map<String, Attribute> attributes, List<Long> dims, String... operands) {
    return new Value(computed(type, attributes, operands), dims);
  }

  private static Attribute ints(long... values) {
    return new Attribute.Ints(Arrays.stream(values).boxed().toList());
  }

  private static Attribute integer(long value) {
    return new Attribute.Int(value);
  }

  private static long[] array(List<Long> dims) {
    return dims.stream().mapToLong(Long::longValue).toArray();
  }

  private static List<Long> with(List<Long> dims, int axis, long size) {
    List<Long> changed = new ArrayList<>(dims);
    changed.set(axis, size);
    return changed;
  }

  private Value step(Value x) {
    Value made =
        switch (between(0, 21)) {
          case 0 -> value("Sigmoid", Map.of(), x.dims(), x.name());
          case 1 -> broadcast(x);
          case 2 -> transpose(x);
          case 3 -> unsqueeze(x);
          case 4 -> squeeze(x);
          case 5 -> flatten(x);
          case 6 -> reshape(x);
          case 7 -> reshapeByShape(x);
          case 8 -> x.rank() >= 3 && x.rank() <= 5 ? convolution(x) : unsqueeze(x);
          case 9 -> x.rank() >= 3 && x.rank() <= 5 ? transposedConvolution(x) : unsqueeze(x);
          case 10 -> x.rank() >= 3 && x.rank() <= 5 ? pool(x) : unsqueeze(x);
          case 11 -> matMul(x);
          case 12 -> gemm(x);
          case 13 -> concat(x);
          case 14 -> slice(x);
          case 15 -> pad(x);
          case 16 -> expand(x);
          case 17 -> tile(x);
          case 18 -> gather(x);
          case 19 -> reduce(x);
          case 20 -> resize(x);
          default -> sliceByShape(x);
        };
    return made.count() > MAX_ELEMENTS ? value("Identity", Map.of(), x.dims(), x.name()) : made;
  }

  private Value broadcast(Value x) {
    List<Long> dims = new ArrayList<>();
    List<Long> result = new ArrayList<>(x.dims());
    for (int axis = between(0, x.rank()); axis < x.rank(); axis++) {
      boolean isEnlarged = x.dim(axis) == 1 && chance(0.5);
      dims.add(isEnlarged ? 3L : chance(0.5) ? 1L : x.dim(axis));
      result.set(axis, isEnlarged ? 3L : x.dim(axis));
    }
    if (dims.size() == x.rank() && chance(0.3)) {
      dims.add(0, 2L);
      result.add(0, 2L);
    }
    String type = List.of("Add", "Mul", "Sub", "Max").get(between(0, 3));
    String other = reals(array(dims));
    return chance(0.5)
        ? value(type, Map.of(), result, x.name(), other)
        : value(type, Map.of(), result, other, x.name());
  }

  private Value transpose(Value x) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    if (chance(0.2)) {
      Collections.reverse(order);
      return value("Transpose", Map.of(), order.stream().map(x::dim).toList(), x.name());
    }
    Collections.shuffle(order, random);
    long[] perm = order.stream().mapToLong(Integer::longValue).toArray();
    return value(
        "Transpose", Map.of("perm", ints(perm)), order.stream().map(x::dim).toList(), x.name());
  }

  private Value unsqueeze(Value x) {
    int axis = between(0, x.rank());
    List<Long> dims = new ArrayList<>(x.dims());
    dims.add(axis, 1L);
    long named = chance(0.5) ? axis : axis - dims.size();
    return opset < 13
        ? value("Unsqueeze", Map.of("axes", ints(named)), dims, x.name())
        : value("Unsqueeze", Map.of(), dims, x.name(), integers(named));
  }

  private Value squeeze(Value x) {
    List<Integer> ones =
        IntStream.range(0, x.rank()).filter(axis -> x.dim(axis) == 1).boxed().toList();
    if (ones.isEmpty() || chance(0.2)) {
      List<Long> dims = x.dims().stream().filter(dim -> dim != 1).toList();
      return value("Squeeze", Map.of(), dims, x.name());
    }
    int axis = ones.get(between(0, ones.size() - 1));
    List<Long> dims = new ArrayList<>(x.dims());
    dims.remove(axis);
    return opset < 13
        ? value("Squeeze", Map.of("axes", ints(axis)), dims, x.name())
        : value("Squeeze", Map.of(), dims, x.name(), integers(axis));
  }

  private Value flatten(Value x) {
    int axis = between(0, x.rank());
    long before = x.dims().subList(0, axis).stream().reduce(1L, (a, b) -> a * b);
    List<Long> dims = List.of(before, x.count() / before);
    long named = axis < x.rank() && chance(0.3) ? axis - x.rank() : axis;
    return value("Flatten", Map.of("axis", integer(named)), dims, x.name());
  }

  private List<Long> target(Value x) {
    List<Long> target = new ArrayList<>();
    long left = x.count();
    for (int i = between(0, 3); i > 0; i--) {
      long size = between(1, 6);
      if (left % size == 0) {
        target.add(size);
        left /= size;
      }
    }
    target.add(between(0, target.size()), left);
    return target;
  }

  private Value reshape(Value x) {
    List<Long> result = target(x);
    List<Long> stated = new ArrayList<>(result);
    if (chance(0.5)) {
      stated.set(between(0, stated.size() - 1), -1L);
    }
    for (int axis = 0; axis < Math.min(stated.size(), x.rank()); axis++) {
      if (x.dim(axis) == stated.get(axis) && chance(0.5)) {
        stated.set(axis, 0L);
      }
    }
    return value("Reshape", Map.of(), result, x.name(), integers(array(stated)));
  }

  /** As PyTorch exports {@code x.view(x.size(0), -1)}, and the like. */
  private Value reshapeByShape(Value x) {
    if (x.rank() == 0) {
      return x;
    }
    String shape = computed("Shape", Map.of(), x.name());
    int axis = between(0, x.rank() - 1);
    long size = x.dim(axis);
    long named = chance(0.3) ? axis - x.rank() : axis;
    String part =
        chance(0.5)
            ? computed("Gather", Map.of("axis", integer(0)), shape, integers(named))
            : computed("Cast", Map.of("to", integer(7)), sliced(shape, axis, axis + 1));
    if (chance(0.3)) {
      String doubled = computed("Mul", Map.of(), part, integers(6));
      part = computed("Div", Map.of(), doubled, integers(6));
    }
    String whole = computed("Concat", Map.of("axis", integer(0)), part, integers(-1));
    return value("Reshape", Map.of(), List.of(size, x.count() / size), x.name(), whole);
  }

  private String sliced(String value, long from, long to) {
    return opset < 10
        ? computed("Slice", Map.of("starts", ints(from), "ends", ints(to), "axes", ints(0)), value)
        : computed("Slice", Map.of(), value, integers(from), integers(to), integers(0));
  }

  private Value convolution(Value x) {
    int spatial = x.rank() - 2;
    int group = x.dim(1) % 2 == 0 && chance(0.5) ? 2 : 1;
    long[] weight = new long[x.rank()];
    weight[0] = 2L * between(1, 2);
    weight[1] = x.dim(1) / group;
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("group", integer(group));
    Sliding sliding = sliding(x, spatial, attributes, weight, chance(0.3));
    List<Long> dims = new ArrayList<>(List.of(x.dim(0), weight[0]));
    dims.addAll(sliding.places());
    return value("Conv", attributes, dims, x.name(), reals(weight));
  }

  private record Sliding(List<Long> places) {}

  private Sliding sliding(
      Value x, int spatial, Map<String, Attribute> attributes, long[] kernel, boolean isSame) {
    long[] strides = new long[spatial];
    long[] dilations = new long[spatial];
    long[] pads = new long[2 * spatial];
    List<Long> places = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      long size = x.dim(i + 2);
      strides[i] = between(1, 3);
      kernel[i + 2] = between(1, (int) Math.min(3, size));
      boolean mayDilate = (kernel[i + 2] - 1) * 2 + 1 <= size;
      dilations[i] = mayDilate && chance(0.3) ? 2 : 1;
      pads[i] = between(0, 1);
      pads[spatial + i] = between(0, 1);
      long extent = (kernel[i + 2] - 1) * dilations[i] + 1;
      long room = size + pads[i] + pads[spatial + i] - extent;
      places.add(isSame ? (size + strides[i] - 1) / strides[i] : room / strides[i] + 1);
    }
    attributes.put("strides", ints(strides));
    attributes.put("dilations", ints(dilations));
    if (isSame) {
      attributes.put("auto_pad", new Attribute.Text("SAME_UPPER"));
    } else {
      attributes.put("pads", ints(pads));
    }
    return new Sliding(places);
  }

  private Value transposedConvolution(Value x) {
    int spatial = x.rank() - 2;
    long[] weight = new long[x.rank()];
    weight[0] = x.dim(1);
    weight[1] = between(1, 3);
    long[] strides = new long[spatial];
    long[] extra = new long[spatial];
    List<Long> dims = new ArrayList<>(List.of(x.dim(0), weight[1]));
    for (int i = 0; i < spatial; i++) {
      strides[i] = between(1, 2);
      extra[i] = between(0, (int) strides[i] - 1);
      weight[i + 2] = between(1, 3);
      dims.add(strides[i] * (x.dim(i + 2) - 1) + extra[i] + weight[i + 2]);
    }
    return value(
        "ConvTranspose",
        Map.of("strides", ints(strides), "output_padding", ints(extra)),
        dims,
        x.name(),
        reals(weight));
  }

  private Value pool(Value x) {
    if (chance(0.2)) {
      List<Long> dims = new ArrayList<>(x.dims());
      Collections.fill(dims.subList(2, dims.size()), 1L);
      return value("GlobalAveragePool", Map.of(), dims, x.name());
    }
    int spatial = x.rank() - 2;
    long[] kernel = new long[spatial];
    long[] strides = new long[spatial];
    boolean isCeiling = opset >= 10 && chance(0.5);
    List<Long> dims = new ArrayList<>(List.of(x.dim(0), x.dim(1)));
    for (int i = 0; i < spatial; i++) {
      kernel[i] = between(1, (int) Math.min(3, x.dim(i + 2)));
      strides[i] = between(1, 3);
      long room = x.dim(i + 2) - kernel[i];
      long places = room / strides[i] + 1;
      boolean isMore = isCeiling && room % strides[i] != 0 && places * strides[i] < x.dim(i + 2);
      dims.add(isMore ? places + 1 : places);
    }
    return value(
        chance(0.5) ? "MaxPool" : "AveragePool",
        isCeiling
            ? Map.of(
                "kernel_shape", ints(kernel), "strides", ints(strides), "ceil_mode", integer(1))
            : Map.of("kernel_shape", ints(kernel), "strides", ints(strides)),
        dims,
        x.name());
  }

  private Value matMul(Value x) {
    if (x.rank() == 0) {
      return x;
    }
    long inner = x.dim(x.rank() - 1);
    List<Long> dims = new ArrayList<>(x.dims().subList(0, x.rank() - 1));
    if (chance(0.2)) {
      return value("MatMul", Map.of(), dims, x.name(), reals(inner));
    }
    long columns = between(1, 4);
    dims.add(columns);
    return value("MatMul", Map.of(), dims, x.name(), reals(inner, columns));
  }

  private Value gemm(Value x) {
    if (x.rank() != 2) {
      return flatten(x);
    }
    boolean isFirstTransposed = chance(0.5);
    boolean isSecondTransposed = chance(0.5);
    long inner = x.dim(isFirstTransposed ? 0 : 1);
    long columns = between(1, 4);
    return value(
        "Gemm",
        Map.of(
            "transA", integer(isFirstTransposed ? 1 : 0),
            "transB", integer(isSecondTransposed ? 1 : 0)),
        List.of(x.dim(isFirstTransposed ? 1 : 0), columns),
        x.name(),
        isSecondTransposed ? reals(columns, inner) : reals(inner, columns),
        reals(columns));
  }

  private Value concat(Value x) {
    if (x.rank() == 0) {
      return x;
    }
    int axis = between(0, x.rank() - 1);
    long more = between(1, 3);
    String other = reals(array(with(x.dims(), axis, more)));
    return value(
        "Concat",
        Map.of("axis", integer(chance(0.5) ? axis : axis - x.rank())),
        with(x.dims(), axis, x.dim(axis) + more),
        x.name(),
        other);
  }

  private Value slice(Value x) {
    if (x.rank() == 0) {
      return x;
    }
    int axis = between(0, x.rank() - 1);
    int size = (int) x.dim(axis);
    int start = between(0, size - 1);
    int end = between(start + 1, size);
    long namedStart = chance(0.3) ? start - size : start;
    long namedEnd =
        end == size ? (chance(0.5) ? Long.MAX_VALUE : size + 3) : chance(0.3) ? end - size : end;
    if (opset < 10) {
      return value(
          "Slice",
          Map.of("starts", ints(namedStart), "ends", ints(namedEnd), "axes", ints(axis)),
          with(x.dims(), axis, end - start),
          x.name());
    }
    if (chance(0.2)) {
      return value(
          "Slice",
          Map.of(),
          x.dims(),
          x.name(),
          integers(-1),
          integers(Integer.MIN_VALUE),
          integers(axis),
          integers(-1));
    }
    long step = between(1, 2);
    return value(
        "Slice",
        Map.of(),
        with(x.dims(), axis, (end - start + step - 1) / step),
        x.name(),
        integers(namedStart),
        integers(Math.min(namedEnd, Integer.MAX_VALUE)),
        integers(axis),
        integers(step));
  }

  /** All but the last element, by the size of the axis. */
  private Value sliceByShape(Value x) {
    if (x.rank() == 0 || x.dim(0) < 2 || opset < 10) {
      return x.rank() == 0 ? x : concat(x);
    }
    String shape = computed("Shape", Map.of(), x.name());
    String size = computed("Gather", Map.of("axis", integer(0)), shape, integers(0));
    String end = computed("Sub", Map.of(), size, integers(1));
    return value(
        "Slice",
        Map.of(),
        with(x.dims(), 0, x.dim(0) - 1),
        x.name(),
        integers(0),
        end,
        integers(0));
  }

  private Value pad(Value x) {
    if (x.rank() == 0) {
      return x;
    }
    long[] pads = LongStream.generate(() -> between(0, 1)).limit(2L * x.rank()).toArray();
    List<Long> dims =
        IntStream.range(0, x.rank())
            .mapToObj(axis -> x.dim(axis) + pads[axis] + pads[x.rank() + axis])
            .toList();
    return opset < 11
        ? value("Pad", Map.of("pads", ints(pads)), dims, x.name())
        : value("Pad", Map.of(), dims, x.name(), integers(pads));
  }

  private Value expand(Value x) {
    List<Long> target = new ArrayList<>();
    List<Long> dims = new ArrayList<>();
    for (long dim : x.dims()) {
      dims.add(dim == 1 ? 2L : dim);
      target.add(dim != 1 && chance(0.5) ? 1L : dims.get(dims.size() - 1));
    }
    if (chance(0.3)) {
      dims.add(0, 2L);
      target.add(0, 2L);
    }
    return value("Expand", Map.of(), dims, x.name(), integers(array(target)));
  }

  private Value tile(Value x) {
    if (x.rank() == 0) {
      return x;
    }
    int axis = between(0, x.rank() - 1);
    long[] repeats = new long[x.rank()];
    Arrays.fill(repeats, 1);
    repeats[axis] = 2;
    return value(
        "Tile", Map.of(), with(x.dims(), axis, 2 * x.dim(axis)), x.name(), integers(repeats));
  }

  private Value gather(Value x) {
    if (x.rank() == 0) {
      return x;
    }
    int axis = between(0, x.rank() - 1);
    List<Long> dims = new ArrayList<>(x.dims());
    dims.remove(axis);
    if (chance(0.5)) {
      String index = constant(LiteralTensor.ofLongs(Shape.SCALAR, 0));
      return value("Gather", Map.of("axis", integer(axis)), dims, x.name(), index);
    }
    dims.add(axis, 2L);
    return value("Gather", Map.of("axis", integer(axis)), dims, x.name(), integers(0, -1));
  }

  private Value reduce(Value x) {
    if (x.rank() == 0) {
      return x;
    }
    int axis = between(0, x.rank() - 1);
    boolean isKept = chance(0.5);
    List<Long> dims = new ArrayList<>(x.dims());
    if (isKept) {
      dims.set(axis, 1L);
    } else {
      dims.remove(axis);
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("keepdims", integer(isKept ? 1 : 0));
    if (chance(0.2)) {
      attributes.put("axis", integer(axis - x.rank()));
      String index = computed("ArgMax", attributes, x.name());
      return value("Cast", Map.of("to", integer(ElementType.DOUBLE.number())), dims, index);
    }
    if (opset < 18) {
      attributes.put("axes", ints(axis));
      return value("ReduceMean", attributes, dims, x.name());
    }
    return value("ReduceMean", attributes, dims, x.name(), integers(axis));
  }

  private Value resize(Value x) {
    if (x.rank() != 4) {
      return tile(x);
    }
    float scale = List.of(2f, 1.5f, 0.5f, 0.7f).get(between(0, 3));
    long height = (long) Math.floor(x.dim(2) * (double) scale);
    long width = (long) Math.floor(x.dim(3) * (double) scale);
    if (height < 1 || width < 1) {
      return tile(x);
    }
    List<Long> dims = List.of(x.dim(0), x.dim(1), height, width);
    Map<String, Attribute> nearest = Map.of("mode", new Attribute.Text("nearest"));
    String scales = constant(LiteralTensor.ofFloats(Shape.of(4), 1, 1, scale, scale));
    if (opset < 11) {
      return value(opset < 10 ? "Upsample" : "Resize", nearest, dims, x.name(), scales);
    }
    return chance(0.5)
        ? value("Resize", nearest, dims, x.name(), "", scales)
        : value("Resize", nearest, dims, x.name(), "", "", integers(array(dims)));
  }
}
