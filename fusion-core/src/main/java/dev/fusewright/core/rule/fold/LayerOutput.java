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

import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;

import dev.fusewright.core.analysis.ChannelTrace;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The axes of what a layer computes, and where they are behind nodes that rearrange it. */
final class LayerOutput {
  private LayerOutput() {}

  /**
   * The axis that carries the layer's channels; the last one of a product of unknown rank is −1.
   */
  static int channelAxis(Layer layer, int rank) {
    return !layer.node().is(MAT_MUL) ? 1 : rank == SymbolicShape.UNKNOWN_RANK ? -1 : rank - 1;
  }

  /**
   * The rank of the layer's output, or {@link SymbolicShape#UNKNOWN_RANK}; a Transpose that names
   * its axes tells it too.
   *
   * @param path the nodes behind the layer
   */
  static int rank(GraphView graph, Layer layer, List<Node> path) {
    if (layer.kind() == LayerKind.CONV) {
      return layer.weight().shape().rank();
    }
    if (layer.node().is(GEMM)) {
      return 2;
    }
    int rank = graph.shapes().rank(layer.node().input(0));
    List<Long> permutation = path.isEmpty() ? null : path.get(0).intsAttribute("perm");
    return rank == SymbolicShape.UNKNOWN_RANK && permutation != null ? permutation.size() : rank;
  }

  /**
   * Where the channels arrive.
   *
   * @param basis what that rests on, beside the rank
   */
  record Arrival(int axis, Basis basis) {}

  /** The axis on which the layer's channels provably arrive behind a path. */
  static Decision<Arrival> arrival(GraphView graph, Layer layer, List<Node> path) {
    int rank = rank(graph, layer, path);
    if (rank == SymbolicShape.UNKNOWN_RANK) {
      return Decision.refuse(
          Reason.UNKNOWN_RANK, "the rank of '%s' is not known", layer.last().output());
    }
    SymbolicShape shape = graph.shapes().of(layer.last().output());
    for (Basis basis : List.of(Basis.PROVEN, Basis.PROMISED)) {
      int axis =
          ChannelTrace.follow(
              graph,
              path,
              rank,
              shape.restingOn(basis),
              channelAxis(layer, rank),
              layer.channels());
      if (axis >= 0) {
        return Decision.sound(new Arrival(axis, basis));
      }
    }
    return Decision.refuse(
        Reason.AXIS_UNPROVEN,
        "it cannot be proven on which axis the channels of '%s' arrive behind %s",
        layer.node().label(),
        path.stream().map(node -> "'" + node.label() + "'").toList());
  }

  /** Says so where the arrival of the channels rests on what the graph declares of its inputs. */
  static void noteArrival(Rewrite.Builder rewrite, GraphView graph, Layer layer, List<Node> path) {
    if (arrival(graph, layer, path) instanceof Decision.Sound<Arrival> sound
        && sound.facts().basis() != Basis.PROVEN) {
      rewrite.note(restsOnExtents(graph, layer.last().output()));
    }
  }

  /** What a person is told of a fold that needs the extents of {@code value}. */
  static String restsOnExtents(GraphView graph, String value) {
    SymbolicShape shape = graph.shapes().of(value).restingOn(Basis.PROMISED);
    String extents =
        IntStream.range(0, shape.rank())
            .mapToObj(axis -> shape.dim(axis).constant())
            .map(size -> size.isPresent() ? String.valueOf(size.getAsLong()) : "?")
            .collect(Collectors.joining(",", "[", "]"));
    return "it rests on the declared extents of the graph's inputs, by which '%s' is %s"
        .formatted(value, extents);
  }
}
