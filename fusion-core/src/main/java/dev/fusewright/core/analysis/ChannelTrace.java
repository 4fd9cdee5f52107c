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
package dev.fusewright.core.analysis;

import static dev.fusewright.core.graph.OpKind.FLATTEN;
import static dev.fusewright.core.graph.OpKind.RESHAPE;
import static dev.fusewright.core.graph.OpKind.SQUEEZE;
import static dev.fusewright.core.graph.OpKind.TRANSPOSE;
import static dev.fusewright.core.graph.OpKind.UNSQUEEZE;

import dev.fusewright.core.analysis.shape.Axes;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the axis that carries the channels through nodes that only rearrange a value, and proves
 * where it comes out.
 *
 * <p>Sizes that are not known are null. A Reshape keeps the axis if the target has an axis of that
 * size with provably the same number of elements behind it, or before it: since the whole has the
 * same number of elements, either is enough.
 */
public final class ChannelTrace {
  /** The operators through which an axis can be followed. */
  public static final Set<OpKind> LAYOUT = Set.of(RESHAPE, TRANSPOSE, UNSQUEEZE, SQUEEZE, FLATTEN);

  private static final int MAX_AXES = 64;

  private final GraphView graph;
  private List<@Nullable Long> dims;
  private int axis;

  private ChannelTrace(GraphView graph, List<@Nullable Long> dims, int axis) {
    this.graph = graph;
    this.dims = dims;
    this.axis = axis;
  }

  /**
   * The axis that carries the channels behind {@code path}, or −1 if that cannot be proven, of a
   * value of which no other size is known.
   *
   * @param path nodes of the kinds {@link #LAYOUT}, in data order
   * @param rank of the value that enters the path
   * @param channelAxis of that value
   * @param channels of that value
   */
  public static int follow(
      GraphView graph, List<Node> path, int rank, int channelAxis, long channels) {
    return follow(graph, path, rank, SymbolicShape.UNKNOWN, channelAxis, channels);
  }

  /**
   * As above, with the sizes that are known of the value that enters the path.
   *
   * @param known of that value, as far as it may be relied on
   */
  public static int follow(
      GraphView graph,
      List<Node> path,
      int rank,
      SymbolicShape known,
      int channelAxis,
      long channels) {
    if (channelAxis < 0 || channelAxis >= rank) {
      return -1;
    }
    List<@Nullable Long> dims = new ArrayList<>(Collections.nCopies(rank, null));
    if (known.rank() == rank) {
      for (int axis = 0; axis < rank; axis++) {
        long size = known.dim(axis).constant().orElse(-1);
        dims.set(axis, size < 0 ? null : (Long) size);
      }
    }
    dims.set(channelAxis, channels);
    ChannelTrace trace = new ChannelTrace(graph, dims, channelAxis);
    for (Node node : path) {
      if (!trace.pass(node)) {
        return -1;
      }
    }
    return trace.axis;
  }

  private boolean pass(Node node) {
    if (Constants.hasReferences(node)) {
      return false;
    }
    if (node.is(TRANSPOSE)) {
      return transpose(node);
    }
    if (node.is(FLATTEN)) {
      return flatten(node);
    }
    long @Nullable [] operand = operand(node);
    if (operand == null) {
      return false;
    }
    if (node.is(RESHAPE)) {
      return reshape(operand, node.intAttribute("allowzero", 0) == 1);
    }
    return node.is(UNSQUEEZE) ? unsqueeze(operand) : squeeze(operand);
  }

  private long @Nullable [] operand(Node node) {
    List<Long> attribute = node.intsAttribute(node.is(RESHAPE) ? "shape" : "axes");
    if (attribute != null) {
      return attribute.stream().mapToLong(Long::longValue).toArray();
    }
    return node.hasInput(1) ? graph.shapes().integers(node.input(1), MAX_AXES) : null;
  }

  private boolean transpose(Node node) {
    int rank = dims.size();
    List<Long> given = node.intsAttribute("perm");
    List<@Nullable Long> moved = new ArrayList<>();
    int to = -1;
    for (int i = 0; i < rank; i++) {
      int from = given == null ? rank - 1 - i : i < given.size() ? given.get(i).intValue() : -1;
      if (from < 0 || from >= rank || (given != null && given.size() != rank)) {
        return false;
      }
      moved.add(dims.get(from));
      to = from == axis ? i : to;
    }
    dims = moved;
    axis = to;
    return true;
  }

  private boolean unsqueeze(long[] axes) {
    int rank = dims.size() + axes.length;
    BitSet ones = Axes.normalized(axes, rank);
    if (ones == null) {
      return false;
    }
    List<@Nullable Long> grown = new ArrayList<>();
    int to = -1;
    int next = 0;
    for (int i = 0; i < rank; i++) {
      if (ones.get(i)) {
        grown.add(1L);
      } else {
        to = next == axis ? i : to;
        grown.add(dims.get(next++));
      }
    }
    dims = grown;
    axis = to;
    return true;
  }

  private boolean squeeze(long[] axes) {
    BitSet gone = Axes.normalized(axes, dims.size());
    if (gone == null || gone.get(axis)) {
      return false;
    }
    List<@Nullable Long> left = new ArrayList<>();
    int to = -1;
    for (int i = 0; i < dims.size(); i++) {
      if (!gone.get(i)) {
        to = i == axis ? left.size() : to;
        left.add(dims.get(i));
      }
    }
    dims = left;
    axis = to;
    return true;
  }

  private boolean flatten(Node node) {
    int rank = dims.size();
    long given = node.intAttribute("axis", 1);
    int at = (int) (given < 0 ? given + rank : given);
    if (at < 0 || at > rank) {
      return false;
    }
    Long before = product(dims, 0, at);
    Long behind = product(dims, at, rank);
    boolean first = axis == at - 1 && isOne(product(dims, 0, axis));
    boolean second = axis == at && isOne(product(dims, at + 1, rank));
    List<@Nullable Long> flat = new ArrayList<>();
    flat.add(before);
    flat.add(behind);
    dims = flat;
    axis = second ? 1 : 0;
    return first || second;
  }

  private boolean reshape(long[] target, boolean allowZero) {
    Long channels = dims.get(axis);
    List<@Nullable Long> shaped = new ArrayList<>();
    for (int i = 0; i < target.length; i++) {
      boolean copied = target[i] == 0 && !allowZero;
      if (copied && i >= dims.size()) {
        return false;
      }
      shaped.add(copied ? dims.get(i) : target[i] < 0 ? null : (Long) target[i]);
    }
    for (int i = 0; i < target.length; i++) {
      boolean isAnotherAxis = target[i] == 0 && !allowZero && i != axis;
      if (channels != null
          && !isAnotherAxis
          && channels.equals(shaped.get(i))
          && (sameBehind(target, shaped, i) || sameBefore(target, shaped, i))) {
        dims = shaped;
        axis = i;
        return true;
      }
    }
    return false;
  }

  private boolean sameBehind(long[] target, List<@Nullable Long> shaped, int at) {
    Long ours = product(dims, axis + 1, dims.size());
    Long theirs = product(shaped, at + 1, shaped.size());
    if (ours != null && ours.equals(theirs)) {
      return true;
    }
    // Not known, but copied one by one.
    return at == axis && target.length == dims.size() && copies(target, at + 1, target.length);
  }

  private boolean sameBefore(long[] target, List<@Nullable Long> shaped, int at) {
    Long ours = product(dims, 0, axis);
    Long theirs = product(shaped, 0, at);
    return (ours != null && ours.equals(theirs)) || (at == axis && copies(target, 0, at));
  }

  private static boolean copies(long[] target, int from, int to) {
    for (int i = from; i < to; i++) {
      if (target[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOne(@Nullable Long value) {
    return value != null && value == 1;
  }

  /** Null if one of the sizes is not known. */
  private static @Nullable Long product(List<@Nullable Long> dims, int from, int to) {
    long product = 1;
    for (Long dim : dims.subList(from, to)) {
      if (dim == null) {
        return null;
      }
      if (dim != 0 && product > Long.MAX_VALUE / dim) {
        return null;
      }
      product *= dim;
    }
    return product;
  }
}
