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
import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.StoredConstants;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds nodes that are the same on both sides of a site, but for the names of their results: a fold
 * that moves the name of an output renames the node before, whatever that computes, and of what.
 * Their results enter the site instead of what they read.
 *
 * <p>Such a node is one of ONNX's own operators. It reads what enters both sides, and constants
 * that are the same bit by bit; its bodies, if it has any, are the same word by word, or proven to
 * compute the same.
 */
final class CommonNodes {
  private static final Set<String> EXTENTS =
      Set.of("Shape", "Size", "EyeLike", "RandomNormalLike", "RandomUniformLike", "SequenceLength");
  private static final OpKind DROPOUT = OpKind.onnx("Dropout");
  private static final OpKind SQUEEZE = OpKind.onnx("Squeeze");
  private static final OpKind UNSQUEEZE = OpKind.onnx("Unsqueeze");
  private static final int DROPOUT_PASSES_SINCE = 7;
  private static final int TRAINING_MODE = 2;

  private final Subgraph before;
  private final Subgraph after;
  private final long seed;

  private CommonNodes(Subgraph before, Subgraph after, long seed) {
    this.before = before;
    this.after = after;
    this.seed = seed;
  }

  /** Both sides without the first such node; empty if there is none. */
  static Optional<FunctionExpansion.Pair> withoutFirst(FunctionExpansion.Pair sides, long seed) {
    return haveSameOpsets(sides)
        ? new CommonNodes(sides.before(), sides.after(), seed)
            .removed()
            .filter(rest -> !asksForExtents(rest.before()) && !asksForExtents(rest.after()))
        : Optional.empty();
  }

  /**
   * Whether anything that is left reads the extents of a value alone. What enters and what a common
   * node makes of it would be given extents that have nothing to do with each other, or happen to
   * be equal.
   */
  private static boolean asksForExtents(Subgraph side) {
    return asksForExtents(side.graph())
        || side.functions().stream().anyMatch(function -> asksForExtents(function.body()));
  }

  private static boolean asksForExtents(Graph graph) {
    return graph.nodes().stream()
        .anyMatch(
            node ->
                EXTENTS.contains(node.op().type())
                    || node.attributes().values().stream()
                        .flatMap(attribute -> ScopeLocator.bodies(attribute).stream())
                        .anyMatch(CommonNodes::asksForExtents));
  }

  /** Whether equal operators mean the same on both sides. */
  private static boolean haveSameOpsets(FunctionExpansion.Pair sides) {
    Map<String, Long> others = sides.after().opsets();
    return sides.before().opsets().entrySet().stream()
        .allMatch(
            each -> others.getOrDefault(each.getKey(), each.getValue()).equals(each.getValue()));
  }

  /**
   * Both sides without any such node, and without those that give on what they get; empty if there
   * is no such node.
   */
  static Optional<FunctionExpansion.Pair> without(FunctionExpansion.Pair sides, long seed) {
    Optional<FunctionExpansion.Pair> last = Optional.empty();
    Optional<FunctionExpansion.Pair> next =
        withoutFirst(
            new FunctionExpansion.Pair(passedBy(sides.before()), passedBy(sides.after())), seed);
    while (next.isPresent()) {
      last = next;
      next = withoutFirst(next.get(), seed);
    }
    return last;
  }

  private static Subgraph passedBy(Subgraph side) {
    Map<String, String> same = new HashMap<>();
    Map<String, Node> producers = new HashMap<>();
    List<Node> rest = new ArrayList<>();
    for (Node node : side.nodes()) { // Each after those that it reads from.
      Node rewired = rewired(node, same);
      Node producer = producers.get(rewired.input(0));
      if (isWithin(side, node) && passesOn(side, node)) {
        same.put(node.output(), rewired.input(0));
      } else if (isWithin(side, node) && producer != null && undoes(side, rewired, producer)) {
        same.put(node.output(), producer.input(0));
      } else {
        rest.add(rewired);
        rewired.outputs().forEach(output -> producers.put(output, rewired));
      }
    }
    return side(side, rest, side.inputs(), side.shapes());
  }

  /** Whether a Squeeze takes out the axes that an Unsqueeze has put in. */
  private static boolean undoes(Subgraph side, Node squeeze, Node unsqueeze) {
    return squeeze.is(SQUEEZE)
        && unsqueeze.is(UNSQUEEZE)
        && (squeeze.hasInput(1) || squeeze.intsAttribute("axes") != null)
        && squeeze.attributes().equals(unsqueeze.attributes())
        && (squeeze.input(1).equals(unsqueeze.input(1))
            || (squeeze.hasInput(1)
                && unsqueeze.hasInput(1)
                && side.isConstant(squeeze.input(1))
                && side.isConstant(unsqueeze.input(1))
                && Tensors.areEqual(
                    constant(side, squeeze.input(1)), constant(side, unsqueeze.input(1)))));
  }

  /** Whether the only result of a node is read by nodes of the side alone. */
  private static boolean isWithin(Subgraph side, Node node) {
    return node.outputs().size() == 1
        && !side.outputs().contains(node.output())
        && side.nodes().stream().noneMatch(it -> Captures.of(it).contains(node.output()));
  }

  /** Whether a node is an Identity, or a Dropout outside of training. */
  private static boolean passesOn(Subgraph side, Node node) {
    boolean isDropout =
        node.is(DROPOUT)
            && side.opsets().getOrDefault("", 0L) >= DROPOUT_PASSES_SINCE
            && !node.hasInput(TRAINING_MODE);
    return (node.is(OpKind.IDENTITY) || isDropout) && node.hasInput(0);
  }

  private Optional<FunctionExpansion.Pair> removed() {
    for (Node node : before.nodes()) {
      if (!takesWhatEnters(node)) {
        continue;
      }
      for (Node other : after.nodes()) {
        if (isFree(node, other) && isSame(node, other)) {
          return Optional.of(without(node, other));
        }
      }
    }
    return Optional.empty();
  }

  /** Whether the node reads something that enters the site, and else only constants. */
  private boolean takesWhatEnters(Node node) {
    List<String> read = new ArrayList<>(node.inputs());
    read.addAll(Captures.of(node));
    return read.stream().anyMatch(before.inputs()::contains)
        && read.stream()
            .allMatch(input -> before.inputs().contains(input) || before.isConstant(input));
  }

  private boolean isSame(Node a, Node b) {
    if (!a.op().domain().isEmpty()
        || !a.op().equals(b.op())
        || a.inputs().size() != b.inputs().size()
        || a.outputs().size() != b.outputs().size()
        || a.outputs().contains("")
        || b.outputs().contains("")
        || !a.attributes().keySet().equals(b.attributes().keySet())) {
      return false;
    }
    for (int i = 0; i < a.inputs().size(); i++) {
      if (!isSameOperand(a.input(i), b.input(i))) {
        return false;
      }
    }
    return a.attributes().entrySet().stream()
        .allMatch(entry -> isSame(entry.getValue(), b.attributes().get(entry.getKey())));
  }

  private boolean isSameOperand(String a, String b) {
    if (a.isEmpty() || b.isEmpty() || before.inputs().contains(a)) {
      return a.equals(b) && (a.isEmpty() || after.inputs().contains(b));
    }
    if (!after.isConstant(b)) {
      return false;
    }
    return Tensors.areEqual(constant(before, a), constant(after, b));
  }

  private static Tensor constant(Subgraph side, String name) {
    Tensor stored = new StoredConstants(side.graph()).find(name);
    return stored != null ? stored : side.constant(name).toTensor();
  }

  private boolean isSame(Attribute a, @Nullable Attribute b) {
    if (a instanceof Attribute.TensorValue tensor) {
      return b instanceof Attribute.TensorValue other
          && Tensors.areEqual(tensor.value(), other.value());
    }
    if (a instanceof Attribute.Body || a instanceof Attribute.Bodies) {
      List<Graph> bodies = ScopeLocator.bodies(a);
      List<Graph> others = b == null ? List.of() : ScopeLocator.bodies(b);
      boolean agree = bodies.size() == others.size();
      for (int i = 0; agree && i < bodies.size(); i++) {
        agree = agree(bodies.get(i), others.get(i));
      }
      return agree;
    }
    return a.equals(b);
  }

  /** Bodies that ask for extents have to be the same word by word. */
  private boolean agree(Graph body, Graph other) {
    boolean isSame =
        SameBodies.are(body, other)
            && Captures.of(body).stream().allMatch(name -> isSameOperand(name, name));
    return isSame
        || (!asksForExtents(body)
            && !asksForExtents(other)
            && BodyProof.agree(before, body, after, other, seed));
  }

  /** Whether nothing else of the other side has the name of a result. */
  private boolean isFree(Node node, Node other) {
    return after.inputs().stream().noneMatch(node.outputs()::contains)
        && after.nodes().stream()
            .filter(further -> further != other)
            .noneMatch(
                further ->
                    further.outputs().stream().anyMatch(node.outputs()::contains)
                        || (reads(further, node) && !reads(further, other)));
  }

  private static boolean reads(Node reader, Node of) {
    return reader.inputs().stream().anyMatch(of.outputs()::contains)
        || Captures.of(reader).stream().anyMatch(of.outputs()::contains);
  }

  private FunctionExpansion.Pair without(Node node, Node other) {
    List<Node> rest = new ArrayList<>(before.nodes());
    rest.remove(node);
    Map<String, String> names = new HashMap<>();
    List<Node> renaming = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      String from = node.outputs().get(i);
      String to = other.outputs().get(i);
      if (!from.equals(to)) {
        names.put(to, from);
        renaming.add(new Node(-1 - i, "", OpKind.IDENTITY, List.of(from), List.of(to), Map.of()));
      }
    }
    renaming.removeIf(identity -> isRewired(identity.output()));
    after.nodes().stream()
        .filter(it -> it != other)
        .map(it -> rewired(it, names))
        .forEach(renaming::add);
    Set<String> read = new TreeSet<>(before.outputs());
    rest.forEach(it -> addRead(it, read));
    renaming.forEach(it -> addRead(it, read));
    List<String> inputs = new ArrayList<>(before.inputs());
    inputs.removeIf(input -> !read.contains(input));
    inputs.addAll(node.outputs());
    Map<String, SymbolicShape> shapes = new HashMap<>(before.shapes());
    ShapeInference inference = before.inference(known());
    for (String output : node.outputs()) {
      shapes.putIfAbsent(output, inference.of(output).restingOn(Basis.PROMISED));
    }
    return new FunctionExpansion.Pair(
        side(before, rest, inputs, shapes), side(after, renaming, inputs, shapes));
  }

  /** What is known for sure of what enters, or promised. */
  private Map<String, List<Dim>> known() {
    Map<String, List<Dim>> known = new HashMap<>();
    for (String input : before.inputs()) {
      List<Dim> dims = Subgraph.declared(before.known(input).restingOn(Basis.PROMISED));
      if (dims != null) {
        known.put(input, dims);
      }
    }
    return known;
  }

  /** Whether all readers of a value of the other side can read another name. */
  private boolean isRewired(String value) {
    return !after.outputs().contains(value)
        && after.nodes().stream().noneMatch(it -> Captures.of(it).contains(value));
  }

  private static Node rewired(Node node, Map<String, String> names) {
    return node.withInputs(
        node.inputs().stream().map(name -> names.getOrDefault(name, name)).toList());
  }

  private static void addRead(Node node, Set<String> read) {
    read.addAll(node.inputs());
    read.addAll(Captures.of(node));
  }

  private static Subgraph side(
      Subgraph whole, List<Node> nodes, List<String> inputs, Map<String, SymbolicShape> shapes) {
    Graph graph = whole.graph();
    List<ValueInfo> infos = new ArrayList<>();
    for (String input : inputs) {
      infos.add(
          graph.inputs().stream()
              .filter(info -> info.name().equals(input))
              .findFirst()
              .orElse(ValueInfo.untyped(input)));
    }
    return new Subgraph(
        new Graph(graph.name(), nodes, graph.initializers(), infos, graph.outputs()),
        whole.opsets(),
        whole.functions(),
        shapes);
  }
}
