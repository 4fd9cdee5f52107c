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
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Models whose attributes, parameters and inputs are not what their operators ask for. */
final class OddModels {
  private static final Map<String, List<String>> NAMES =
      Map.ofEntries(
          Map.entry("Conv", window("group", "dilations")),
          Map.entry(
              "ConvTranspose", window("group", "dilations", "output_padding", "output_shape")),
          Map.entry("MaxPool", window("dilations", "ceil_mode", "storage_order")),
          Map.entry("AveragePool", window("dilations", "ceil_mode", "count_include_pad")),
          Map.entry("Gemm", List.of("alpha", "beta", "transA", "transB", "broadcast")),
          Map.entry(
              "BatchNormalization",
              List.of("epsilon", "momentum", "spatial", "is_test", "training_mode")),
          Map.entry("InstanceNormalization", List.of("epsilon")),
          Map.entry("LayerNormalization", List.of("epsilon", "axis", "stash_type")),
          Map.entry("GroupNormalization", List.of("epsilon", "num_groups")),
          Map.entry("LRN", List.of("alpha", "beta", "bias", "size")),
          Map.entry("Pad", List.of("pads", "paddings", "mode", "value")),
          Map.entry("Clip", List.of("min", "max")),
          Map.entry("Transpose", List.of("perm")),
          Map.entry("Reshape", List.of("shape", "allowzero")),
          Map.entry("Split", List.of("axis", "split", "num_outputs")),
          Map.entry("Slice", List.of("axes", "starts", "ends")),
          Map.entry("Dropout", List.of("ratio", "is_test", "seed")),
          Map.entry("Add", List.of("axis", "broadcast")),
          Map.entry("Mul", List.of("axis", "broadcast")),
          Map.entry("Sub", List.of("axis", "broadcast")),
          Map.entry("Div", List.of("axis", "broadcast")));

  private static final List<String> OTHERS =
      List.of("axis", "axes", "perm", "split", "keepdims", "shape", "blocksize", "value", "to");

  private static final List<Attribute> VALUES =
      List.of(
          new Attribute.Int(0),
          new Attribute.Int(1),
          new Attribute.Int(-1),
          new Attribute.Int(2),
          new Attribute.Int(7),
          new Attribute.Int(-9),
          new Attribute.Int(1L << 31),
          new Attribute.Int(1L << 32),
          new Attribute.Int(Long.MAX_VALUE),
          new Attribute.Int(Long.MIN_VALUE),
          new Attribute.Real(0),
          new Attribute.Real(-1),
          new Attribute.Real(Double.NaN),
          new Attribute.Real(Double.POSITIVE_INFINITY),
          new Attribute.Real(Float.MAX_VALUE),
          new Attribute.Text(""),
          new Attribute.Text("SAME_UPPER"),
          new Attribute.Text("SAME_LOWER"),
          new Attribute.Text("VALID"),
          new Attribute.Text("reflect"),
          new Attribute.Text("\u0000?"),
          new Attribute.Ints(List.of()),
          new Attribute.Reals(List.of(1f, Float.NaN)),
          new Attribute.Texts(List.of("a", "b")),
          new Attribute.TensorValue(LiteralTensor.ofLongs()),
          new Attribute.TensorValue(LiteralTensor.ofFloats(Shape.of(), 1f)),
          new Attribute.Reference("elsewhere", "ints"),
          new Attribute.Opaque("SPARSE_TENSOR"));

  private static final List<Long> NUMBERS =
      List.of(0L, 1L, 1L, 1L, 2L, 3L, -1L, -2L, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE);

  private static final List<Shape> SHAPES =
      List.of(
          Shape.of(),
          Shape.of(0),
          Shape.of(1),
          Shape.of(3),
          Shape.of(1, 1),
          Shape.of(0, 3, 1, 1),
          Shape.of(2, 0, 3, 3),
          Shape.of(1, 1, 1, 1),
          Shape.of(2, 3, 1),
          Shape.of(2, 3, 1, 1),
          Shape.of(1, 1, 1, 1, 1, 1, 1));

  private final Random random;

  private OddModels(Random random) {
    this.random = random;
  }

  private static List<String> window(String... further) {
    List<String> names = new ArrayList<>(List.of("auto_pad", "kernel_shape", "pads", "strides"));
    Collections.addAll(names, further);
    return List.copyOf(names);
  }

  /** The model with one to three things changed. */
  static ModelGraph of(ModelGraph model, Random random) {
    OddModels odd = new OddModels(random);
    Graph graph = model.graph();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      graph = odd.changed(graph);
    }
    return model.withGraph(graph);
  }

  private Graph changed(Graph graph) {
    int kind = random.nextInt(10);
    if (kind == 0 && !graph.initializers().isEmpty()) {
      List<Initializer> changed = new ArrayList<>(graph.initializers());
      changed.replaceAll(it -> it);
      int at = random.nextInt(changed.size());
      changed.set(at, reshaped(changed.get(at)));
      return graph.withInitializers(changed);
    }
    if (kind == 1 && !graph.inputs().isEmpty()) {
      List<ValueInfo> changed = new ArrayList<>(graph.inputs());
      int at = random.nextInt(changed.size());
      changed.set(at, new ValueInfo(changed.get(at).name(), changed.get(at).type(), dims()));
      return graph.withInputs(changed);
    }
    List<Node> nodes = new ArrayList<>(graph.nodes());
    int at = random.nextInt(nodes.size());
    nodes.set(at, kind == 2 ? rewired(nodes.get(at)) : changed(nodes.get(at)));
    return graph.withNodes(nodes);
  }

  private Initializer reshaped(Initializer old) {
    ElementType type = old.tensor().type();
    Shape shape = oneOf(SHAPES);
    if (type == ElementType.INT64) {
      long[] values = new long[(int) shape.elementCount()];
      for (int i = 0; i < values.length; i++) {
        values[i] = oneOf(NUMBERS);
      }
      return new Initializer(old.name(), LiteralTensor.ofLongs(shape, values));
    }
    byte[] bytes =
        new byte
            [(int)
                LiteralTensor.ofDoubles(
                        ElementType.FLOAT, shape, new double[(int) shape.elementCount()])
                    .byteCount()];
    return new Initializer(old.name(), LiteralTensor.ofBytes(ElementType.FLOAT, shape, bytes));
  }

  private List<Dim> dims() {
    List<Dim> dims = new ArrayList<>();
    for (int rank = random.nextInt(7); rank > 0; rank--) {
      dims.add(Dim.of(oneOf(List.of(0L, 1L, 2L, 3L, 1L << 31, Long.MAX_VALUE))));
    }
    return dims;
  }

  /** Reads one input less, or one twice. */
  private Node rewired(Node node) {
    if (node.inputs().isEmpty()) {
      return node;
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    if (random.nextBoolean()) {
      inputs.remove(inputs.size() - 1);
    } else {
      inputs.set(random.nextInt(inputs.size()), oneOf(node.inputs()));
    }
    return new Node(node.id(), node.name(), node.op(), inputs, node.outputs(), node.attributes());
  }

  private Node changed(Node node) {
    Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
    List<String> names = new ArrayList<>(NAMES.getOrDefault(node.op().type(), OTHERS));
    names.addAll(attributes.keySet());
    String name = oneOf(names);
    if (random.nextInt(8) == 0) {
      attributes.remove(name);
    } else {
      attributes.put(name, value());
    }
    return new Node(node.id(), node.name(), node.op(), node.inputs(), node.outputs(), attributes);
  }

  private Attribute value() {
    if (random.nextBoolean()) {
      return oneOf(VALUES);
    }
    List<Long> numbers = new ArrayList<>();
    for (int size = random.nextInt(9); size > 0; size--) {
      numbers.add(oneOf(NUMBERS));
    }
    return new Attribute.Ints(numbers);
  }

  private <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
