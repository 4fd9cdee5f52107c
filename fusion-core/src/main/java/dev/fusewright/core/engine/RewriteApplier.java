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
package dev.fusewright.core.engine;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.ConstantNode;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.Edit;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TransposedTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Turns a rewrite into edits: decides where each new parameter is kept.
 *
 * <p>An initializer or Constant node of this scope that nobody else reads, or ever read, is
 * replaced under its own name. What is shared, captured, an output, derived through other nodes, or
 * of another shape is left alone, and the new value gets a name of its own: as an initializer, or
 * in a function, which has none, as a Constant node.
 */
final class RewriteApplier {
  private final MutableScope draft;
  private final Names names;
  private final boolean inFunction;
  private final List<Edit> edits = new ArrayList<>();
  private final Set<String> touched = new LinkedHashSet<>();
  private final List<Integer> made = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  RewriteApplier(MutableScope draft, Names names, boolean inFunction) {
    this.draft = draft;
    this.names = names;
    this.inFunction = inFunction;
  }

  /** Carries the rewrite out on the draft and keeps the edits. */
  void carryOut(Rewrite rewrite) {
    List<Integer> changed = new ArrayList<>();
    Set<String> before = new LinkedHashSet<>();
    Map<Integer, Node> after = new LinkedHashMap<>();
    Map<String, String> named = new HashMap<>();
    rewrite.replaced().forEach(node -> after.put(node.id(), named(node, named)));
    Map<Integer, Integer> places = new HashMap<>();
    for (Rewrite.Insertion added : rewrite.inserted()) {
      after.put(added.node().id(), named(added.node(), named));
      places.put(added.node().id(), added.before());
    }
    for (Rewrite.Parameter parameter : rewrite.parameters()) {
      Node node = after.get(parameter.node());
      if (node == null) {
        throw new IllegalStateException(
            "a parameter is given to a node that the rewrite neither replaces nor inserts");
      }
      String name = place(node, parameter, places.getOrDefault(node.id(), node.id()));
      after.put(node.id(), node.withInput(parameter.input(), name));
    }
    for (Rewrite.NewFunction added : rewrite.functions()) {
      edit(new Edit.AddFunction(renumbered(added.function()), added.version()));
    }
    // Removals first, so that a replaced node can take over the output name of a removed one.
    for (Node node : rewrite.removed()) {
      before.addAll(node.outputs());
      edit(new Edit.RemoveNode(node.id()));
      touched.add("node " + node.id());
    }
    // Then replacements, so that an inserted node can take over the output name of a replaced one.
    for (Node node : rewrite.replaced()) {
      Node old = draft.node(node.id());
      before.addAll(old == null ? List.of() : old.outputs());
      changed.add(node.id());
      edit(new Edit.ReplaceNode(at(after, node.id())));
      made.add(node.id());
      touched.add("node " + node.id());
    }
    for (Rewrite.Insertion added : rewrite.inserted()) {
      Node node = at(after, added.node().id()).withId(names.id());
      edit(new Edit.InsertNode(node, added.before()));
      made.add(node.id());
      touched.add("node " + node.id());
      changed.add(node.id());
    }
    before.remove("");
    draft.check(changed, before);
    if (!draft.isVisible(rewrite.output())) {
      throw new IllegalStateException("nothing computes '%s' any more".formatted(rewrite.output()));
    }
  }

  /** The function with ids for its nodes that occur nowhere in the model. */
  private Function renumbered(Function function) {
    List<Node> nodes =
        function.body().nodes().stream().map(node -> node.withId(names.id())).toList();
    return function.withBody(function.body().withNodes(nodes));
  }

  private static Node at(Map<Integer, Node> after, int id) {
    return Objects.requireNonNull(after.get(id));
  }

  /** The node with the values that the rewrite makes under their final names. */
  private Node named(Node node, Map<String, String> named) {
    return node.withInputs(node.inputs().stream().map(name -> named(name, named)).toList())
        .withOutputs(node.outputs().stream().map(name -> named(name, named)).toList());
  }

  private String named(String name, Map<String, String> named) {
    return Rewrite.isNewValue(name)
        ? named.computeIfAbsent(name, made -> names.value(Rewrite.hint(made)))
        : name;
  }

  private void edit(Edit edit) {
    draft.apply(edit);
    edits.add(edit);
  }

  /** Keeps a parameter and returns the name of the value that holds it. */
  private String place(Node node, Rewrite.Parameter parameter, int before) {
    String current = node.input(parameter.input());
    Tensor tensor = parameter.tensor();
    checkType(current, tensor);
    if (!current.isEmpty() && !draft.isShared(current)) {
      Initializer initializer = draft.initializer(current);
      if (initializer != null && initializer.tensor().shape().equals(tensor.shape())) {
        touched.add("value " + current);
        edit(new Edit.PutInitializer(new Initializer(current, tensor)));
        return current;
      }
      Node producer = draft.producer(current);
      if (producer != null && isConstantOf(producer, tensor)) {
        touched.add("value " + current);
        edit(new Edit.ReplaceNode(constant(producer, tensor)));
        return current;
      }
      if (producer != null && placeBefore(producer, tensor)) {
        return current;
      }
    }
    String name = names.value(parameter.nameHint());
    if (SiteGrowth.remains(draft, current)) {
      notes.add(
          draft.isShared(current)
              ? "'%s' is read by others too and was copied, as '%s'".formatted(current, name)
              : "'%s' stays as it is where it comes from, and was copied as '%s'"
                  .formatted(current, name));
    }
    touched.add("value " + name);
    if (inFunction) {
      Node holder = new Node(names.id(), "", OpKind.CONSTANT, List.of(), List.of(name), Map.of());
      edit(new Edit.InsertNode(constant(holder, tensor), before));
      return name;
    }
    edit(new Edit.PutInitializer(new Initializer(name, tensor)));
    if (draft.outer() == null && draft.irVersion() < ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE) {
      List<Dim> dims = tensor.shape().dims().stream().map(Dim::of).toList();
      edit(new Edit.AddInput(new ValueInfo(name, tensor.type(), dims)));
    }
    return name;
  }

  /**
   * A scaled weight that reaches its layer through a Transpose is scaled before it: the initializer
   * is replaced, the Transpose stays, and nothing needs to be transposed while it is written.
   */
  private boolean placeBefore(Node transpose, Tensor tensor) {
    String held = transpose.input(0);
    Initializer initializer = draft.initializer(held);
    if (!transpose.is(OpKind.TRANSPOSE)
        || initializer == null
        || draft.isShared(held)
        || !(tensor instanceof ChannelScaled scaled)
        || scaled.axis().groups() != 1
        || !(scaled.source() instanceof TransposedTensor transposed)) {
      return false;
    }
    int axis = transposed.permutation().get(scaled.axis().axis());
    touched.add("value " + held);
    edit(
        new Edit.PutInitializer(
            new Initializer(
                held,
                new ChannelScaled(transposed.source(), ChannelAxis.of(axis), scaled.factors()))));
    return true;
  }

  private void checkType(String current, Tensor tensor) {
    if (!current.isEmpty()
        && Constants.resolve(draft, current) instanceof Operand.Constant constant
        && constant.tensor().type() != tensor.type()) {
      throw new IllegalStateException(
          "'%s' is %s, and would become %s"
              .formatted(current, constant.tensor().type().text(), tensor.type().text()));
    }
  }

  private static boolean isConstantOf(Node producer, Tensor tensor) {
    if (!producer.is(OpKind.CONSTANT)) {
      return false;
    }
    Tensor value = ConstantNode.value(producer);
    return value != null && value.shape().equals(tensor.shape());
  }

  private static Node constant(Node holder, Tensor tensor) {
    return new Node(
        holder.id(),
        holder.name(),
        holder.op(),
        holder.inputs(),
        holder.outputs(),
        Map.of("value", new Attribute.TensorValue(tensor)),
        holder.docString(),
        holder.metadata());
  }

  /** The ids of the nodes that were replaced or inserted. */
  List<Integer> made() {
    return made;
  }

  /** What has been carried out, as an entry of a plan. */
  Fusion fusion(int id, String rule, ScopePath scope, Rewrite rewrite) {
    return new Fusion(
        id,
        rule,
        rewrite.module(),
        scope,
        rewrite.site().stream().map(draft::label).toList(),
        rewrite.site().stream().map(Node::id).toList(),
        rewrite.output(),
        rewrite.isContainer() ? Fusion.Result.UNCHANGED : Fusion.Result.FOLDED,
        edits,
        touched,
        Stream.concat(rewrite.notes().stream(), notes.stream()).toList());
  }
}
