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
package dev.fusewright.core.verify.inputs;

import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the layers of a graph ask of its inputs: whatever rank and extents a model leaves open, it
 * runs on those only that its stored weights take.
 */
public final class AskedShapes {
  /** Axes of pictures and signals are counted from the first, those of a MatMul from the last. */
  private static final int LAST = -1;

  private AskedShapes() {}

  /**
   * What is asked of one input.
   *
   * @param rank number of axes; 0 where any will do
   * @param axis of which the extent is asked; counted from the end if negative
   * @param extent of that axis
   */
  public record Asked(int rank, int axis, long extent) {
    /** The axis of a value of so many axes; null where it has none such. */
    private @Nullable Integer axisOf(int axes) {
      int counted = axis < 0 ? axes + axis : axis;
      return (rank == 0 || rank == axes) && counted >= 0 && counted < axes ? counted : null;
    }
  }

  /** By input of a graph, what the first layer that takes it asks. */
  static Map<String, Asked> of(Graph graph, Map<String, Tensor> constants) {
    Map<String, String> origins = new HashMap<>();
    graph.inputs().forEach(input -> origins.put(input.name(), input.name()));
    Map<String, Asked> asked = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      String origin = node.inputs().isEmpty() ? null : origins.get(node.input(0));
      if (origin == null || !node.op().domain().isEmpty()) {
        continue;
      }
      Asked asks = asks(node, constants);
      if (asks != null) {
        asked.putIfAbsent(origin, asks);
      }
      if (ShapeInference.keepsShape(node.op())) {
        origins.putIfAbsent(node.output(), origin);
      }
    }
    return asked;
  }

  private static @Nullable Asked asks(Node node, Map<String, Tensor> constants) {
    Tensor weight = node.hasInput(1) ? constants.get(node.input(1)) : null;
    if (weight == null) {
      return null;
    }
    int rank = weight.shape().rank();
    return switch (node.op().type()) {
      case "Conv" ->
          rank < 3
              ? null
              : new Asked(rank, 1, weight.shape().dim(1) * node.intAttribute("group", 1));
      case "ConvTranspose" -> rank < 3 ? null : new Asked(rank, 1, weight.shape().dim(0));
      case "Gemm" -> rank == 2 ? gemm(node, weight) : null;
      case "MatMul" -> rank < 2 ? null : new Asked(0, LAST, weight.shape().dim(rank - 2));
      case "BatchNormalization" -> rank == 1 ? new Asked(0, 1, weight.shape().dim(0)) : null;
      default -> null;
    };
  }

  private static Asked gemm(Node node, Tensor weight) {
    int rows = node.intAttribute("transB", 0) == 0 ? 0 : 1;
    int axis = node.intAttribute("transA", 0) == 0 ? 1 : 0;
    return new Asked(2, axis, weight.shape().dim(rows));
  }

  /**
   * The inputs where what is open is what is asked. What a model declares stays; a name that stands
   * for an asked extent stands for it in all inputs.
   */
  public static List<ValueInfo> fill(List<ValueInfo> inputs, Map<String, Asked> asked) {
    Map<String, Dim> named = new HashMap<>();
    List<ValueInfo> filled = new ArrayList<>();
    for (ValueInfo input : inputs) {
      Asked asks = asked.get(input.name());
      filled.add(asks == null ? input : filled(input, asks, named));
    }
    return filled.stream().map(input -> HintedInputs.withSizes(input, named)).toList();
  }

  private static ValueInfo filled(ValueInfo input, Asked asks, Map<String, Dim> named) {
    List<Dim> dims = input.dims();
    if (dims == null && asks.rank() == 0) {
      return input;
    }
    List<Dim> known =
        new ArrayList<>(dims == null ? Collections.nCopies(asks.rank(), new Dim.Unknown()) : dims);
    Integer axis = asks.axisOf(known.size());
    if (axis != null && !(known.get(axis) instanceof Dim.Fixed)) {
      Dim extent = Dim.of(asks.extent());
      if (known.get(axis) instanceof Dim.Symbolic symbolic) {
        named.put(symbolic.name(), extent);
      }
      known.set(axis, extent);
    }
    return new ValueInfo(input.name(), input.type(), known);
  }
}
