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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.match.Constants;
import dev.fusewright.core.plan.Edit;
import dev.fusewright.core.rules.Rewrite;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a rewrite into edits: decides where each new parameter is kept.
 *
 * <p>An initializer or Constant node of this scope that nobody else reads is replaced under its own
 * name. What is shared, captured, an output, derived through other nodes, or of another shape is
 * left alone, and the new value gets a name of its own: as an initializer, or in a function, which
 * has none, as a Constant node.
 */
final class Editing {
  private final Draft draft;
  private final Names names;
  private final boolean inFunction;
  private final List<Edit> edits = new ArrayList<>();
  private final Set<String> touched = new LinkedHashSet<>();

  Editing(Draft draft, Names names, boolean inFunction) {
    this.draft = draft;
    this.names = names;
    this.inFunction = inFunction;
  }

  /** Carries the rewrite out on the draft and keeps the edits. */
  void carryOut(Rewrite rewrite) {
    Map<Integer, Node> after = new LinkedHashMap<>();
    rewrite.replaced().forEach(node -> after.put(node.id(), node));
    for (Rewrite.Parameter parameter : rewrite.parameters()) {
      Node node = after.get(parameter.node());
      if (node == null) {
        throw new IllegalStateException(
            "a parameter is given to a node that the rewrite does not replace");
      }
      String name = place(node, parameter);
      after.put(node.id(), node.withInput(parameter.input(), name));
    }
    // Removals first, so that a replaced node can take over the output name of a removed one.
    for (Node node : rewrite.removed()) {
      edit(new Edit.RemoveNode(node.id()));
      touched.add("node " + node.id());
    }
    for (Node node : after.values()) {
      edit(new Edit.ReplaceNode(node));
      touched.add("node " + node.id());
    }
  }

  private void edit(Edit edit) {
    draft.apply(edit);
    edits.add(edit);
  }

  /** Keeps a parameter and returns the name of the value that holds it. */
  private String place(Node node, Rewrite.Parameter parameter) {
    String current = node.input(parameter.input());
    Tensor tensor = parameter.tensor();
    if (!current.isEmpty() && draft.useCount(current) == 1 && !draft.isOutput(current)) {
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
    }
    String name = names.value(parameter.nameHint());
    touched.add("value " + name);
    if (inFunction) {
      Node holder = new Node(names.id(), "", OpKind.CONSTANT, List.of(), List.of(name), Map.of());
      edit(new Edit.InsertNode(constant(holder, tensor), node.id()));
      return name;
    }
    edit(new Edit.PutInitializer(new Initializer(name, tensor)));
    if (draft.outer() == null && draft.irVersion() < ModelGraph.OVERRIDABLE_INITIALIZERS_SINCE) {
      List<Dim> dims = tensor.shape().dims().stream().map(Dim::of).toList();
      edit(new Edit.AddInput(new ValueInfo(name, tensor.type(), dims)));
    }
    return name;
  }

  private static boolean isConstantOf(Node producer, Tensor tensor) {
    if (!producer.is(OpKind.CONSTANT)) {
      return false;
    }
    Tensor value = Constants.constantValue(producer);
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

  List<Edit> edits() {
    return edits;
  }

  Set<String> touched() {
    return touched;
  }
}
