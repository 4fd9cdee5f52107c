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

import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.analysis.shape.SymInt;
import dev.fusewright.core.analysis.shape.SymbolicDim;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what the nodes of a side ask of the extents of its values. */
final class ExtentRelations {
  private static final Set<String> BROADCASTING =
      Set.of("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "PRelu", "Where");
  private static final int MAX_AXES = 64;
  private static final int LEGACY_BROADCAST_BEFORE = 7;

  private final Subgraph side;
  private final ShapeInference shapes;
  private final List<ExtentRelation> relations = new ArrayList<>();
  private boolean isPossible = true;

  private ExtentRelations(Subgraph side, ShapeInference shapes) {
    this.side = side;
    this.shapes = shapes;
  }

  /**
   * All relations of a side.
   *
   * @param relations empty also where there is no shape that could fit
   * @param isPossible whether the ranks fit the operators
   */
  record Found(List<ExtentRelation> relations, boolean isPossible) {}

  static Found of(Subgraph side, ShapeInference shapes) {
    ExtentRelations found = new ExtentRelations(side, shapes);
    for (Node node : side.nodes()) {
      if (node.op().domain().isEmpty()) {
        found.ask(node);
      }
      node.outputs().stream().filter(output -> !output.isEmpty()).forEach(found::askNotEmpty);
    }
    return new Found(found.relations, found.isPossible);
  }

  private void ask(Node node) {
    SymbolicShape x = shapes.of(node.input(0));
    switch (node.op().type()) {
      case "Conv" -> {
        SymbolicShape weight = weight(node);
        askRank(x, weight.rank());
        askEqual(x.dim(1), times(weight.dim(1), node.intAttribute("group", 1)));
        askEqual(weight.dim(0), shapes.of(node.input(2)).dim(0));
        SymInt group = SymInt.of(node.intAttribute("group", 1));
        add(ExtentRelation.Kind.MULTIPLE, weight.dim(0).size(), group);
      }
      case "ConvTranspose" -> {
        SymbolicShape weight = weight(node);
        askRank(x, weight.rank());
        askEqual(x.dim(1), weight.dim(0));
      }
      case "Gemm" -> gemm(node, x, shapes.of(node.input(1)));
      case "MatMul" -> matMul(x, shapes.of(node.input(1)));
      case "BatchNormalization" -> {
        for (String parameter : node.inputs().subList(1, node.inputs().size())) {
          askRank(shapes.of(parameter), 1);
          askEqual(x.dim(1), shapes.of(parameter).dim(0));
        }
      }
      case "Concat" -> concat(node);
      case "Squeeze" -> squeeze(node, x);
      case "Reshape", "Flatten" ->
          askEqual(x.elementCount(), shapes.of(node.output()).elementCount());
      case "Transpose" -> {
        List<Long> order = node.intsAttribute("perm");
        askRank(x, order == null ? x.rank() : order.size());
      }
      default -> {
        if (BROADCASTING.contains(node.op().type())) {
          broadcast(node);
        }
      }
    }
  }

  /** A weight that the graph computes may have a shape that inference cannot tell. */
  private SymbolicShape weight(Node node) {
    SymbolicShape inferred = shapes.of(node.input(1));
    return inferred.hasRank() || !side.isConstant(node.input(1))
        ? inferred
        : SymbolicShape.of(LinearLayers.weightShape(side, node));
  }

  private void gemm(Node node, SymbolicShape a, SymbolicShape b) {
    askRank(a, 2);
    askRank(b, 2);
    askEqual(
        a.dim(node.intAttribute("transA", 0) != 0 ? 0 : 1),
        b.dim(node.intAttribute("transB", 0) != 0 ? 1 : 0));
    broadcast(shapes.of(node.output()), shapes.of(node.input(2)));
  }

  private void matMul(SymbolicShape a, SymbolicShape b) {
    if (a.hasRank() && b.hasRank() && a.rank() > 0 && b.rank() > 0) {
      askEqual(a.dim(a.rank() - 1), b.dim(Math.max(0, b.rank() - 2)));
      for (int back = 3; back <= Math.min(a.rank(), b.rank()); back++) {
        askBroadcast(a.dim(a.rank() - back), b.dim(b.rank() - back));
      }
    }
  }

  private void concat(Node node) {
    SymbolicShape first = shapes.of(node.input(0));
    long given = node.intAttribute("axis", 1);
    long joined = given < 0 ? given + first.rank() : given;
    for (String input : node.inputs()) {
      SymbolicShape other = shapes.of(input);
      askRank(other, first.rank());
      for (int axis = 0; axis < first.rank(); axis++) {
        if (axis != joined) {
          askEqual(first.dim(axis), other.dim(axis));
        }
      }
    }
  }

  private void squeeze(Node node, SymbolicShape x) {
    List<Long> attribute = node.intsAttribute("axes");
    long[] axes =
        attribute != null
            ? attribute.stream().mapToLong(Long::longValue).toArray()
            : shapes.integers(node.input(1), MAX_AXES);
    if (axes != null && x.hasRank()) {
      for (long axis : axes) {
        askEqual(x.dim((int) (axis < 0 ? axis + x.rank() : axis)), SymInt.of(1));
      }
    }
  }

  private void broadcast(Node node) {
    boolean isLegacy = side.opsets().getOrDefault("", 1L) < LEGACY_BROADCAST_BEFORE;
    long axis = node.intAttribute("axis", -1);
    SymbolicShape x = shapes.of(node.input(0));
    for (String input : node.inputs()) {
      if (isLegacy && axis >= 0) {
        SymbolicShape other = shapes.of(node.input(1));
        for (int i = 0; i < other.rank(); i++) {
          askBroadcast(x.dim((int) axis + i), other.dim(i));
        }
      } else {
        broadcast(x, shapes.of(input));
      }
    }
  }

  private void broadcast(SymbolicShape a, SymbolicShape b) {
    for (int back = 1; back <= Math.min(a.rank(), b.rank()); back++) {
      askBroadcast(a.dim(a.rank() - back), b.dim(b.rank() - back));
    }
  }

  private void askNotEmpty(String value) {
    SymbolicShape shape = shapes.of(value);
    for (int axis = 0; axis < shape.rank(); axis++) {
      SymInt size = shape.dim(axis).size();
      if (size != null && size.constant().isEmpty()) { // A constant may well be empty.
        relations.add(ExtentRelation.atLeast(size, 1));
      }
    }
  }

  private void askRank(SymbolicShape shape, int rank) {
    isPossible &= !shape.hasRank() || rank == SymbolicShape.UNKNOWN_RANK || shape.rank() == rank;
  }

  private void askEqual(SymbolicDim a, SymbolicDim b) {
    askEqual(a, b.size());
  }

  private void askEqual(SymbolicDim a, @Nullable SymInt b) {
    add(ExtentRelation.Kind.EQUAL, a.size(), b);
  }

  private void askBroadcast(SymbolicDim a, SymbolicDim b) {
    if (a.constant().orElse(0) != 1 && b.constant().orElse(0) != 1) {
      add(ExtentRelation.Kind.BROADCAST, a.size(), b.size());
    }
  }

  private void add(ExtentRelation.Kind kind, @Nullable SymInt a, @Nullable SymInt b) {
    if (a != null && b != null && !a.equals(b)) {
      relations.add(new ExtentRelation(kind, a, b));
    }
  }

  private static @Nullable SymInt times(SymbolicDim dim, long number) {
    SymInt size = dim.size();
    return size == null ? null : size.times(SymInt.of(number));
  }
}
