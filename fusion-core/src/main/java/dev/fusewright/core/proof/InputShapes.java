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

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.SymInt;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Shapes to give the inputs of a site: what its nodes ask for, and small numbers wherever they
 * leave it open. What the model says of its values is a help: a rank that inputs promise is kept, a
 * rank that is only stated is tried first, and extents are tried where small ones do not fit.
 */
final class InputShapes {
  private static final int[] RANKS = {4, 3, 2, 5, 1, 0};
  private static final long[] BATCHES = {4, 1, 2, 3, 8};
  private static final int MAX_REPEATED = 8;
  private static final int BIAS = 2;

  private final Subgraph side;
  private final ExtentSolver.Spread spread;

  private InputShapes(Subgraph side, ExtentSolver.Spread spread) {
    this.side = side;
    this.spread = spread;
  }

  /** Sets of shapes that may fit, the likeliest first, each found when it is asked for. */
  static Iterable<Map<String, Shape>> candidates(Subgraph side, ExtentSolver.Spread spread) {
    InputShapes shapes = new InputShapes(side, spread);
    return () -> shapes.all().distinct().iterator();
  }

  /**
   * The shape that the inputs of the graph promise, wherever they promise any; empty if they do
   * not, or it does not fit.
   */
  static List<Map<String, Shape>> promised(Subgraph side) {
    InputShapes shapes = new InputShapes(side, ExtentSolver.Spread.NARROW);
    Map<String, Long> pinned = shapes.extents(Basis.PROMISED);
    return pinned.isEmpty()
        ? List.of()
        : shapes.solve(shapes.ranks(RANKS[0], Basis.STATED), pinned, BATCHES[0]).limit(1).toList();
  }

  /**
   * Shapes with which a constant repeats a value of the site along an axis.
   *
   * @param isRuledOut whether the inputs of the graph promise that this axis is not 1
   */
  record Repeating(Map<String, Shape> shapes, boolean isRuledOut) {
    Repeating {
      shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
    }
  }

  /** All that the site may be run on as well as on what {@link #candidates} gives. */
  static List<Repeating> repeating(Subgraph side) {
    InputShapes shapes = new InputShapes(side, ExtentSolver.Spread.NARROW);
    List<Integer> ranks = shapes.ranks(RANKS[0], Basis.STATED);
    Map<String, Long> promised = shapes.extents(Basis.PROMISED);
    List<Repeating> found = new ArrayList<>();
    for (SymInt extent : ExtentSolver.repeatable(side, shapes.question(ranks, List.of()))) {
      ExtentRelation isOne = new ExtentRelation(ExtentRelation.Kind.EQUAL, extent, SymInt.of(1));
      if (found.size() < MAX_REPEATED) {
        ExtentSolver.solve(side, shapes.question(ranks, List.of(extent)))
            .map(it -> new Repeating(it, Boolean.FALSE.equals(isOne.holds(promised))))
            .ifPresent(found::add);
      }
    }
    return found;
  }

  private ExtentSolver.Question question(List<Integer> ranks, List<SymInt> ones) {
    return question(ranks, extents(Basis.PROVEN), BATCHES[0], ExtentSolver.Strictness.VALID, ones);
  }

  private Stream<Map<String, Shape>> all() {
    Set<List<Integer>> ranks = new LinkedHashSet<>();
    for (Basis basis : List.of(Basis.STATED, Basis.PROMISED)) {
      for (int rank : RANKS) {
        ranks.add(ranks(rank, basis));
      }
    }
    Stream<Map<String, Shape>> small =
        ranks.stream()
            .flatMap(
                some ->
                    Arrays.stream(BATCHES)
                        .boxed()
                        .flatMap(batch -> solve(some, Map.of(), batch).limit(1)));
    Stream<Map<String, Shape>> stated =
        Stream.of(0).flatMap(any -> solve(ranks(RANKS[0], Basis.STATED), extents(Basis.STATED), 1));
    return Stream.concat(small, stated);
  }

  private Stream<Map<String, Shape>> solve(
      List<Integer> ranks, Map<String, Long> pinned, long batch) {
    return Stream.of(ExtentSolver.Strictness.values())
        .map(
            strictness ->
                ExtentSolver.solve(side, question(ranks, pinned, batch, strictness, List.of())))
        .flatMap(Optional::stream);
  }

  private ExtentSolver.Question question(
      List<Integer> ranks,
      Map<String, Long> pinned,
      long batch,
      ExtentSolver.Strictness strictness,
      List<SymInt> ones) {
    return new ExtentSolver.Question(
        ranks, extents(Basis.STATED), pinned, batch, spread, strictness, ones);
  }

  /** What is said of the extents of inputs, as far as it rests on {@code least} or better. */
  private Map<String, Long> extents(Basis least) {
    Map<String, Long> extents = new HashMap<>();
    for (int input = 0; input < side.inputs().size(); input++) {
      SymbolicShape known = side.known(side.inputs().get(input)).restingOn(least);
      for (int axis = 0; axis < known.rank(); axis++) {
        OptionalLong size = known.dim(axis).constant();
        if (size.isPresent() && size.getAsLong() > 0) {
          extents.put(ExtentSolver.name(input, axis), size.getAsLong());
        }
      }
    }
    return extents;
  }

  /** One rank for each input: what is known of it, what its readers ask for, or {@code open}. */
  private List<Integer> ranks(int open, Basis least) {
    List<Integer> ranks = new ArrayList<>();
    for (String input : side.inputs()) {
      int known = side.known(input).restingOn(least).rank();
      ranks.add(known != SymbolicShape.UNKNOWN_RANK ? known : asked(input, open));
    }
    return ranks;
  }

  /** The rank that the first layer to read a value takes, or whose bias or parameter it is. */
  private int asked(String value, int open) {
    for (Node node : side.nodes()) {
      boolean isNorm = node.is(OpKind.BATCH_NORMALIZATION);
      boolean isConv = node.is(OpKind.CONV) || node.is(OpKind.CONV_TRANSPOSE);
      int at = node.inputs().indexOf(value);
      if ((isNorm && at > 0) || (isConv && at == BIAS)) {
        return 1;
      }
      if (node.is(OpKind.IDENTITY) && node.input(0).equals(value)) {
        return asked(node.output(), open);
      }
      if (LinearLayers.isOne(node)
          && node.input(0).equals(value)
          && side.isConstant(node.input(1))) {
        return switch (node.op().type()) {
          case "Conv", "ConvTranspose" -> LinearLayers.weightShape(side, node).rank();
          case "Gemm" -> 2;
          default -> open;
        };
      }
    }
    return open;
  }
}
