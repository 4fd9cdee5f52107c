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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shapes to give the inputs of a site: the channels that its layers take, and small numbers,
 * different on each axis, wherever the site leaves them open.
 */
final class InputShapes {
  private static final Set<String> PASSING =
      Set.of("Pad", "Identity", "Dropout", "Mul", "Add", "Sub", "Div", "BatchNormalization");
  private static final int[] BATCHES = {4, 1, 2, 3, 8};

  private final Subgraph side;

  private InputShapes(Subgraph side) {
    this.side = side;
  }

  /** Sets of shapes that may fit, the likeliest first. */
  static List<Map<String, Shape>> candidates(Subgraph side) {
    InputShapes shapes = new InputShapes(side);
    List<Map<String, Shape>> candidates = new ArrayList<>();
    for (int rank = 0; rank < 4; rank++) {
      for (int batch : BATCHES) {
        Map<String, Shape> candidate = new LinkedHashMap<>();
        for (ValueInfo input : side.graph().inputs()) {
          candidate.put(input.name(), shapes.shape(input, batch, rank));
        }
        if (!candidates.contains(candidate)) {
          candidates.add(candidate);
        }
      }
    }
    return candidates;
  }

  private Shape shape(ValueInfo input, int batch, int variant) {
    Node reader = layerBehind(input.name(), 0);
    List<Dim> known = input.dims();
    if (reader != null && isConvolution(reader)) {
      Shape weight = LinearLayers.weightShape(side, reader);
      long channels =
          reader.op().type().equals("Conv")
              ? weight.dim(1) * reader.intAttribute("group", 1)
              : weight.dim(0);
      return forConvolution(batch, channels, weight, reader);
    }
    if (reader != null && reader.op().type().equals("Gemm")) {
      boolean direct = reader.input(0).equals(input.name());
      Shape weight = LinearLayers.weightShape(side, reader);
      long rows = weight.dim(reader.intAttribute("transB", 0) != 0 ? 1 : 0);
      if (direct) {
        return reader.intAttribute("transA", 0) != 0
            ? Shape.of(rows, batch)
            : Shape.of(batch, rows);
      }
    }
    if (reader != null && reader.op().type().equals("MatMul")) {
      long rows = LinearLayers.weightShape(side, reader).dim(0);
      int rank = known != null ? known.size() : new int[] {3, 2, 4, 3}[variant];
      List<Long> dims = new ArrayList<>();
      for (int axis = 0; axis < rank - 1; axis++) {
        dims.add(
            known != null && known.get(axis) instanceof Dim.Fixed fixed
                ? fixed.size()
                : axis == 0 ? (long) batch : 3L);
      }
      dims.add(rows);
      return new Shape(dims);
    }
    if (known != null) {
      return ofType(known, batch);
    }
    long channels = normChannels(input.name());
    int rank = new int[] {4, 3, 5, 2}[variant];
    return small(batch, channels, rank);
  }

  private static Shape ofType(List<Dim> known, int batch) {
    List<Long> dims = new ArrayList<>();
    for (int axis = 0; axis < known.size(); axis++) {
      long open = axis == 0 ? batch : axis + 2L;
      boolean spatial = axis >= 2;
      dims.add(
          known.get(axis) instanceof Dim.Fixed fixed
              ? (spatial ? Math.min(fixed.size(), 8) : fixed.size())
              : open);
    }
    return new Shape(dims);
  }

  private static Shape small(int batch, long channels, int rank) {
    List<Long> dims = new ArrayList<>();
    dims.add((long) batch);
    for (int axis = 1; axis < rank; axis++) {
      dims.add(axis == 1 ? channels : axis + 1L);
    }
    return new Shape(dims);
  }

  /** Just large enough for two results along the first spatial axis and one along the others. */
  private static Shape forConvolution(int batch, long channels, Shape weight, Node node) {
    List<Long> dims = new ArrayList<>(List.of((long) batch, channels));
    List<Long> dilations = node.intsAttribute("dilations");
    List<Long> pads = node.intsAttribute("pads");
    List<Long> strides = node.intsAttribute("strides");
    int spatial = weight.rank() - 2;
    for (int axis = 0; axis < spatial; axis++) {
      long dilation = dilations == null ? 1 : dilations.get(axis);
      long padded = pads == null ? 0 : pads.get(axis) + pads.get(axis + spatial);
      long stride = strides == null ? 1 : strides.get(axis);
      long extent = dilation * (weight.dim(axis + 2) - 1) + 1;
      boolean transposed = node.op().type().equals("ConvTranspose");
      long needed = transposed ? 2 : Math.max(1, extent - padded) + (axis == 0 ? stride : 0);
      dims.add(needed);
    }
    return new Shape(dims);
  }

  private static boolean isConvolution(Node node) {
    return node.op().type().equals("Conv") || node.op().type().equals("ConvTranspose");
  }

  /** The layer that a value reaches through nodes that keep its shape, or null. */
  private @org.jspecify.annotations.Nullable Node layerBehind(String value, int depth) {
    for (Node node : side.nodes()) {
      if (LinearLayers.isOne(node) && node.input(0).equals(value)) {
        return node;
      }
      if (depth < 8 && PASSING.contains(node.op().type()) && node.inputs().contains(value)) {
        Node found = layerBehind(node.output(), depth + 1);
        if (found != null && isConvolution(found)) {
          return found;
        }
      }
    }
    return null;
  }

  private long normChannels(String value) {
    for (Node node : side.nodes()) {
      if (node.op().type().equals("BatchNormalization") && node.input(0).equals(value)) {
        return side.constant(node.input(1)).size();
      }
    }
    return 3;
  }
}
