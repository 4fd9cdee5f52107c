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
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds small extents for the inputs of a site that fit all of its nodes: what the nodes ask of one
 * another is told by symbolic shape inference, what then is still open is tried.
 */
final class ExtentSolver {
  private static final int MAX_ROUNDS = 32;
  private static final int MAX_STEPS = 20_000;
  private static final int MAX_CHOICES = 256;
  private static final int MAX_DIVISORS = 48;
  private static final long LARGEST_DIVIDED = 1 << 24;
  private static final long MOST_CHANNELS = 1 << 12;
  private static final long SMALL = 64;
  private static final long MOST_ELEMENTS = 1 << 24;

  /** How large the results of layers are made. */
  enum Spread {
    /** Two results along the first spatial axis and one along the others: layers are evaluated. */
    NARROW(2, 1),
    /** Another number of results along each axis, so that a wrong order shows. */
    WIDE(3, 2);

    private final long first;
    private final long others;

    Spread(long first, long others) {
      this.first = first;
      this.others = others;
    }
  }

  /** How much of what nodes do not insist on is asked for. */
  enum Strictness {
    /** Operands have equal extents, and there are several results. */
    ROOMY,
    /** Operands have equal extents. */
    EQUAL_EXTENTS,
    /** Operands fit, perhaps since one is repeated. */
    VALID
  }

  /**
   * What is to be solved.
   *
   * @param ranks of the inputs, in order
   * @param likely extents, by their names: tried first, where small ones do not fit
   * @param pinned extents, by their names
   * @param batch the first axis of inputs, if it is open
   * @param ones what must be 1
   */
  record Question(
      List<Integer> ranks,
      Map<String, Long> likely,
      Map<String, Long> pinned,
      long batch,
      Spread spread,
      Strictness strictness,
      List<SymInt> ones) {}

  private final Subgraph side;
  private final Question question;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, Long> extents = new LinkedHashMap<>();
  private List<ExtentRelation> relations = List.of();
  private int steps;

  private ExtentSolver(Subgraph side, Question question) {
    this.side = side;
    this.question = question;
    this.extents.putAll(question.pinned());
  }

  /** The name of an extent of an input. */
  static String name(int input, int axis) {
    return "e" + input + "x" + axis;
  }

  /** Shapes of all inputs; empty if there are none, or none is found. */
  static Optional<Map<String, Shape>> solve(Subgraph side, Question question) {
    ExtentSolver solver = new ExtentSolver(side, question);
    if (!solver.unify()) {
      return Optional.empty();
    }
    List<String> open = solver.open();
    return solver.choose(open, 0) ? Optional.ofNullable(solver.shapes()) : Optional.empty();
  }

  /** What is repeated along an axis if its extent is 1, though it may be another. */
  static List<SymInt> repeatable(Subgraph side, Question question) {
    ExtentSolver solver = new ExtentSolver(side, question);
    Set<SymInt> found = new LinkedHashSet<>();
    if (solver.unify()) {
      for (ExtentRelation relation : solver.relations) {
        if (relation.kind() == ExtentRelation.Kind.BROADCAST) {
          Optional.of(relation.left()).filter(it -> isOpen(it)).ifPresent(found::add);
          Optional.of(relation.right()).filter(it -> isOpen(it)).ifPresent(found::add);
        }
      }
    }
    return List.copyOf(found);
  }

  private static boolean isOpen(SymInt extent) {
    return extent.constant().isEmpty();
  }

  /** Shape inference on the site by itself. */
  private ShapeInference inference() {
    Map<String, List<Dim>> dims = new HashMap<>();
    for (int input = 0; input < side.inputs().size(); input++) {
      List<Dim> own = new ArrayList<>();
      for (int axis = 0; axis < question.ranks().get(input); axis++) {
        String name = representative(name(input, axis));
        Long known = extents.get(name);
        own.add(known == null ? new Dim.Symbolic(name) : Dim.of(known));
      }
      dims.put(side.inputs().get(input), own);
    }
    return side.inference(dims);
  }

  private String representative(String name) {
    String other = names.get(name);
    return other == null ? name : representative(other);
  }

  /** Follows all relations that leave no choice, until there is none; false on a contradiction. */
  private boolean unify() {
    for (int round = 0; round < MAX_ROUNDS; round++) {
      ShapeInference shapes = inference();
      ExtentRelations.Found found = ExtentRelations.of(side, shapes);
      if (!found.isPossible()) {
        return false;
      }
      relations = new ArrayList<>(found.relations());
      question.ones().forEach(this::askForOne);
      Boolean changed = follow(ExtentRelation.Kind.EQUAL);
      if (Boolean.FALSE.equals(changed) && question.strictness() != Strictness.VALID) {
        changed = follow(ExtentRelation.Kind.BROADCAST);
      }
      if (changed == null) {
        return false;
      }
      if (!changed) {
        if (question.strictness() == Strictness.ROOMY) {
          askForRoom(shapes);
        }
        return true;
      }
    }
    return false;
  }

  private void askForOne(SymInt extent) {
    relations.add(new ExtentRelation(ExtentRelation.Kind.EQUAL, extent, SymInt.of(1)));
  }

  /** Whether any relation of a kind settled an extent; null if one cannot hold. */
  private @Nullable Boolean follow(ExtentRelation.Kind kind) {
    boolean changed = false;
    for (ExtentRelation relation : relations) {
      if (Boolean.FALSE.equals(relation.holds(extents))) {
        return null;
      }
      if (relation.kind() == kind) {
        changed |= settle(relation.left(), relation.right());
        changed |= settle(relation.right(), relation.left());
      }
    }
    return changed;
  }

  private boolean settle(SymInt extent, SymInt other) {
    String name = extent.name().map(this::representative).orElse("");
    if (name.isEmpty() || extents.containsKey(name)) {
      return false;
    }
    OptionalLong size = other.constant();
    if (size.isPresent() && size.getAsLong() > 0) {
      extents.put(name, size.getAsLong());
      return true;
    }
    String same = other.name().map(this::representative).orElse(name);
    if (!same.equals(name) && !extents.containsKey(same)) {
      names.put(name, same);
      return true;
    }
    return false;
  }

  /** What makes a check of layers worth more, though they would work without it. */
  private void askForRoom(ShapeInference shapes) {
    boolean hasWindow = false;
    for (Node node : side.nodes()) {
      boolean isTransposed = node.op().type().equals("ConvTranspose");
      if (LinearLayers.isOne(node) && (isTransposed || node.op().type().equals("Conv"))) {
        hasWindow = true;
        SymbolicShape roomy = shapes.of(isTransposed ? node.input(0) : node.output());
        for (int axis = 2; axis < roomy.rank(); axis++) {
          long least = axis == 2 ? question.spread().first : question.spread().others;
          askForRoom(roomy, axis, isTransposed ? Math.max(2, least) : least);
        }
      }
    }
    for (String input : hasWindow ? List.<String>of() : side.inputs()) {
      SymbolicShape shape = shapes.of(input);
      for (int axis = 2; axis < shape.rank(); axis++) {
        askForRoom(shape, axis, axis + 1L);
      }
    }
  }

  private void askForRoom(SymbolicShape shape, int axis, long least) {
    SymInt size = shape.dim(axis).size();
    if (size != null && isOpen(size)) {
      relations.add(ExtentRelation.atLeast(size, least));
    }
  }

  private List<String> open() {
    Set<String> open = new LinkedHashSet<>();
    for (int input = 0; input < question.ranks().size(); input++) {
      for (int axis = 0; axis < question.ranks().get(input); axis++) {
        String name = representative(name(input, axis));
        if (!extents.containsKey(name)) {
          open.add(name);
        }
      }
    }
    return List.copyOf(open);
  }

  private boolean choose(List<String> open, int index) {
    if (index == open.size()) {
      return relations.stream().noneMatch(it -> Boolean.FALSE.equals(it.holds(extents)));
    }
    String name = open.get(index);
    List<ExtentRelation> own = relations.stream().filter(it -> it.mentions(name)).toList();
    for (long choice : choices(name, own)) {
      if (++steps > MAX_STEPS) {
        return false;
      }
      extents.put(name, choice);
      if (own.stream().noneMatch(it -> Boolean.FALSE.equals(it.holds(extents)))
          && choose(open, index + 1)) {
        return true;
      }
    }
    extents.remove(name);
    return false;
  }

  private Set<Long> choices(String name, List<ExtentRelation> own) {
    Set<Long> choices = new LinkedHashSet<>();
    Long likely = question.likely().get(name);
    int axis = Integer.parseInt(name.substring(name.indexOf('x') + 1));
    if (axis == 0) {
      choices.add(question.batch());
    } else if (axis == 1) {
      if (likely != null && likely <= MOST_CHANNELS) {
        choices.add(likely);
      }
      choices.add(3L);
    }
    for (long size = 1; size <= SMALL; size++) {
      choices.add(size);
    }
    if (likely != null) {
      choices.add(likely);
    }
    for (ExtentRelation relation : own) {
      addDivisors(relation.left(), choices);
      addDivisors(relation.right(), choices);
    }
    for (long size = SMALL; size <= 8 * SMALL; size += SMALL) {
      choices.add(size);
    }
    return choices;
  }

  private static void addDivisors(SymInt size, Set<Long> choices) {
    long value = size.constant().orElse(0);
    if (value <= 1 || value > LARGEST_DIVIDED) {
      return;
    }
    int found = 0;
    for (long divisor = 1; divisor * divisor <= value && found < MAX_DIVISORS; divisor++) {
      if (value % divisor == 0 && choices.size() < MAX_CHOICES) {
        choices.add(divisor);
        choices.add(value / divisor);
        found++;
      }
    }
  }

  /** Null if they hold more elements than a check is worth. */
  private @Nullable Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (int input = 0; input < question.ranks().size(); input++) {
      List<Long> dims = new ArrayList<>();
      double elements = 1;
      for (int axis = 0; axis < question.ranks().get(input); axis++) {
        long size = extents.getOrDefault(representative(name(input, axis)), 1L);
        dims.add(size);
        elements *= size;
      }
      if (elements > MOST_ELEMENTS) {
        return null;
      }
      shapes.put(side.inputs().get(input), new Shape(dims));
    }
    return shapes;
  }
}
