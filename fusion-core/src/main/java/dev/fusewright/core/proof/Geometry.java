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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.tensor.Shape;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The attributes of an operator apart from its weights, as a canonical text: equal texts mean the
 * same operation.
 */
final class Geometry {
  private Geometry() {}

  /** A value with a Pad around it: found by padding ones and looking where they are. */
  static Field padded(Subgraph side, Node pad, Field field) {
    Shape shape = field.source().shape();
    int rank = shape.rank();
    if (rank < 2) {
      throw new UncertifiableException("'" + pad.label() + "' pads " + shape);
    }
    double[] ones = new double[field.source().size()];
    Arrays.fill(ones, 1);
    NdArray seen =
        Objects.requireNonNull(
            side.evaluate(
                    Map.of(pad.input(0), NdArray.of(field.source().type(), shape, ones)),
                    java.util.Set.of(pad.output()))
                .get(pad.output()));
    Long[] pads = new Long[2 * (rank - 2)];
    for (int axis = 0; axis < rank; axis++) {
      long[] extent = extent(seen, axis);
      long begin = extent[0];
      long end = seen.shape().dim(axis) - 1 - extent[1];
      if (extent[1] - extent[0] + 1 != shape.dim(axis) || (axis < 2 && begin + end != 0)) {
        throw new UncertifiableException("'" + pad.label() + "' does more than to pad with zeros");
      }
      if (axis >= 2) {
        pads[axis - 2] = begin + (field.padding().isEmpty() ? 0 : field.padding().get(axis - 2));
        pads[axis - 2 + rank - 2] =
            end + (field.padding().isEmpty() ? 0 : field.padding().get(axis - 2 + rank - 2));
      }
    }
    return new Field(
        field.source(), field.scale(), field.shift(), field.magnitude(), List.of(pads));
  }

  /**
   * The first and the last index of an axis at which there is a one; everything else must be zero.
   */
  private static long[] extent(NdArray values, int axis) {
    long run = values.shape().elementCount(axis + 1, values.rank());
    long size = values.shape().dim(axis);
    long first = size;
    long last = -1;
    for (int i = 0; i < values.size(); i++) {
      if (values.values()[i] == 1) {
        long index = i / run % size;
        first = Math.min(first, index);
        last = Math.max(last, index);
      } else if (values.values()[i] != 0) {
        throw new UncertifiableException("a Pad puts in " + values.values()[i]);
      }
    }
    return new long[] {first, last};
  }

  /**
   * The padding around a value behind an Unsqueeze or Squeeze: that of the other axes, in their new
   * places.
   *
   * @throws UncertifiableException if a padded axis would go, or come before the spatial ones
   */
  static List<Long> spreadPadding(Subgraph side, Node node, Field field) {
    int rank = field.source().rank();
    List<Long> begins = new ArrayList<>(List.of(0L, 0L));
    List<Long> ends = new ArrayList<>(List.of(0L, 0L));
    int spatial = rank - 2;
    begins.addAll(field.padding().subList(0, spatial));
    ends.addAll(field.padding().subList(spatial, 2 * spatial));
    List<Integer> axes = axes(side, node);
    boolean puts = node.op().type().equals("Unsqueeze");
    int full = puts ? rank + axes.size() : rank;
    List<Integer> places =
        axes.stream().map(axis -> axis < 0 ? axis + full : axis).distinct().sorted().toList();
    if (places.isEmpty() || places.get(0) < 0 || places.get(places.size() - 1) >= full) {
      throw onPadded(node);
    }
    for (int i = 0; i < places.size(); i++) {
      if (puts) {
        begins.add(places.get(i), 0L);
        ends.add(places.get(i), 0L);
      } else {
        int place = places.get(i) - i;
        if (begins.remove(place) != 0 || ends.remove(place) != 0) {
          throw onPadded(node);
        }
      }
    }
    if (begins.size() < 2 || begins.get(0) + begins.get(1) + ends.get(0) + ends.get(1) != 0) {
      throw onPadded(node);
    }
    List<Long> padding = new ArrayList<>(begins.subList(2, begins.size()));
    padding.addAll(ends.subList(2, ends.size()));
    return padding;
  }

  private static UncertifiableException onPadded(Node node) {
    return new UncertifiableException("'" + node.label() + "' works on a padded value");
  }

  private static List<Integer> axes(Subgraph side, Node node) {
    List<Long> axes = node.intsAttribute("axes");
    if (axes != null) {
      return axes.stream().map(Math::toIntExact).toList();
    }
    if (node.inputs().size() < 2 || node.input(1).isEmpty()) {
      throw onPadded(node);
    }
    return Arrays.stream(side.constant(node.input(1)).values())
        .mapToObj(axis -> (int) axis)
        .toList();
  }

  /** The pads of a node and those that a Pad before it left to it. */
  static List<Long> pads(Node node, int spatial, Field input) {
    List<Long> own = node.intsAttribute("pads");
    List<Long> sum = new ArrayList<>(own == null ? Collections.nCopies(2 * spatial, 0L) : own);
    for (int i = 0; i < input.padding().size(); i++) {
      sum.set(i, sum.get(i) + input.padding().get(i));
    }
    if (!input.padding().isEmpty() && !node.textAttribute("auto_pad", "NOTSET").equals("NOTSET")) {
      throw new UncertifiableException(
          "'" + node.label() + "' pads by itself what has been padded");
    }
    return sum;
  }

  /** Strides, dilations, groups and the like, defaults filled in. */
  static String ofLayer(Node node, int spatial, Field input) {
    return "%s strides %s dilations %s group %d auto_pad %s pads %s output_padding %s output_shape %s"
        .formatted(
            node.op().type(),
            ints(node, "strides", spatial, 1),
            ints(node, "dilations", spatial, 1),
            node.intAttribute("group", 1),
            node.textAttribute("auto_pad", "NOTSET"),
            pads(node, spatial, input),
            ints(node, "output_padding", spatial, 0),
            node.intsAttribute("output_shape"));
  }

  private static List<Long> ints(Node node, String attribute, int count, long absent) {
    List<Long> given = node.intsAttribute(attribute);
    return given == null ? Collections.nCopies(count, absent) : given;
  }

  /** An operator with its attributes and constant operands. */
  static String form(Subgraph side, Node node, List<Field> inputs, List<String> data) {
    if (node.op().type().equals("AveragePool")) {
      return averagePool(node, inputs.get(0));
    }
    StringBuilder form = new StringBuilder();
    if (node.op().type().equals("Conv") && data.get(0).equals(node.input(0))) {
      form.append(ofLayer(node, inputs.get(0).source().rank() - 2, inputs.get(0)));
    } else {
      form.append(node.op()).append(" of opset ").append(side.opsets().get(node.op().domain()));
      new TreeMap<>(node.attributes())
          .forEach((name, value) -> form.append(' ').append(name).append('=').append(text(value)));
    }
    for (String input : node.inputs()) {
      form.append(" | ");
      form.append(
          data.contains(input)
              ? "data"
              : input.isEmpty() ? "absent" : digest(side.constant(input)));
    }
    return form.toString();
  }

  private static String averagePool(Node node, Field input) {
    int spatial = input.source().rank() - 2;
    List<Long> pads = pads(node, spatial, input);
    boolean padded = pads.stream().anyMatch(pad -> pad != 0);
    boolean counted = !input.padding().isEmpty() || node.intAttribute("count_include_pad", 0) == 1;
    if (!input.padding().isEmpty()
        && node.intAttribute("count_include_pad", 0) == 0
        && node.intsAttribute("pads") != null
        && node.intsAttribute("pads").stream().anyMatch(pad -> pad != 0)) {
      throw new UncertifiableException("'" + node.label() + "' counts some of its pads");
    }
    return "AveragePool kernel %s strides %s dilations %s ceil %d auto_pad %s pads %s counted %s"
        .formatted(
            node.intsAttribute("kernel_shape"),
            ints(node, "strides", spatial, 1),
            ints(node, "dilations", spatial, 1),
            node.intAttribute("ceil_mode", 0),
            node.textAttribute("auto_pad", "NOTSET"),
            pads,
            padded ? counted : "nothing");
  }

  private static String text(Attribute value) {
    if (value instanceof Attribute.TensorValue tensor) {
      return digest(NdArray.of(tensor.value()));
    }
    return value.toString();
  }

  /** Two forms that are equal count as one operator: no shorter digest would do. */
  private static String digest(NdArray values) {
    MessageDigest sha256 = OperandDigests.newDigest();
    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES);
    for (double value : values.values()) {
      sha256.update(bytes.clear().putDouble(value).flip());
    }
    String hex = HexFormat.of().formatHex(sha256.digest());
    return "%s%s %s".formatted(values.type().text(), values.shape(), hex);
  }
}
