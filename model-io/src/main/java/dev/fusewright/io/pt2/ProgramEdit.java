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
package dev.fusewright.io.pt2;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.io.aten.AtenArgument;
import dev.fusewright.io.aten.AtenNode;
import dev.fusewright.io.aten.AtenValue;
import dev.fusewright.io.aten.Lowered;
import dev.fusewright.io.aten.Parameter;
import dev.fusewright.io.aten.Placed;
import dev.fusewright.io.aten.Span;
import dev.fusewright.io.aten.TensorMeta;
import dev.fusewright.io.json.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The changes of a program's text that make it say an edited graph. */
final class ProgramEdit {
  private static final String BIAS = "bias";
  private static final String WEIGHT = "weight";
  private static final String PRODUCT = "mm.default";

  private final Pt2Program own;
  private final Lowered lowered;
  private final List<Addition> additions;
  private final Set<String> removed;
  private final Splices splices;
  private final Templates templates;
  private final Map<String, String> programNames = new HashMap<>();

  /**
   * A new parameter.
   *
   * @param name in the lowered graph, and in the model
   * @param input its name in the graph of the program
   * @param path of its record
   * @param weight beside which it stands, in the lowered graph
   * @param size its elements
   */
  record Addition(String name, String input, String path, String weight, long size) {}

  /**
   * Changes of a program.
   *
   * @param removed parameters that go, by their names in the lowered graph
   */
  ProgramEdit(Pt2Program own, Lowered lowered, List<Addition> additions, Set<String> removed) {
    this.own = own;
    this.lowered = lowered;
    this.additions = additions;
    this.removed = removed;
    this.splices = new Splices(own.json());
    this.templates = new Templates(own.json().file());
    lowered.names().forEach((input, name) -> programNames.put(name, input));
    additions.forEach(addition -> programNames.put(addition.name(), addition.input()));
  }

  /** The program's new text. */
  Splices.Spliced program(Graph edited) {
    Map<Integer, Node> after = new HashMap<>();
    edited.nodes().forEach(node -> after.put(node.id(), node));
    Map<Integer, Node> before = new HashMap<>();
    lowered.graph().graph().nodes().forEach(node -> before.put(node.id(), node));
    Set<String> values = new HashSet<>();
    Set<Integer> gone = new HashSet<>();
    List<Placed<AtenNode>> nodes = own.program().nodes();
    for (int i = 0; i < nodes.size(); i++) {
      int id = own.first() + i;
      Node node = after.get(id);
      AtenNode old = nodes.get(i).value();
      if (node == null) {
        if (before.containsKey(id)) {
          gone.add(i);
        } else {
          values.addAll(old.outputs()); // What it does is said by those that read it.
        }
        continue;
      }
      List<String> outputs = new ArrayList<>(old.outputs());
      if (node != before.get(id)) {
        change(old, Objects.requireNonNull(before.get(id)), node);
        if (!outputs.isEmpty()) {
          outputs.set(0, node.output());
        }
      }
      values.addAll(outputs);
    }
    splices.remove(nodes.stream().map(Placed::span).toList(), gone);
    values(values);
    inputs(own.program().inputs());
    specs(own.program().inputSpecs());
    return splices.result();
  }

  /** A name as the program says it. */
  private String quoted(String name) {
    return JsonText.quoted(own.own(name));
  }

  private String inProgram(String lowered) {
    return programNames.getOrDefault(lowered, lowered);
  }

  // ------------------------------------------------------------ nodes

  private void change(AtenNode old, Node before, Node after) {
    if (!before.output().equals(after.output())) {
      splices.replace(Objects.requireNonNull(old.outputSpan()), quoted(after.output()));
      Span name = old.nameSpan();
      if (name != null) {
        splices.replace(name, quoted(after.output()));
      }
    }
    Map<String, String> renamed = new LinkedHashMap<>();
    String bias = null;
    for (int i = 0; i < after.inputs().size(); i++) {
      if (before.hasInput(i) && !before.input(i).equals(after.input(i))) {
        renamed.put(inProgram(before.input(i)), inProgram(after.input(i)));
      } else if (!before.hasInput(i) && after.hasInput(i)) {
        bias = inProgram(after.input(i));
      }
    }
    if (bias != null && old.operator().equals(PRODUCT)) {
      sum(old, bias, renamed);
      return;
    } else if (bias != null) {
      bias(old, bias);
    }
    for (AtenArgument argument : old.arguments()) {
      if (argument.value() instanceof AtenValue.Tensor tensor) {
        rename(tensor, renamed);
      } else if (argument.value() instanceof AtenValue.Tensors tensors) {
        tensors.tensors().forEach(tensor -> rename(tensor, renamed));
      }
    }
  }

  private void rename(AtenValue.Tensor tensor, Map<String, String> renamed) {
    String name = renamed.get(tensor.name());
    if (name != null) {
      splices.replace(tensor.span(), quoted(name));
    }
  }

  /** Makes the product of two matrices one to which a bias is added. */
  private void sum(AtenNode product, String bias, Map<String, String> renamed) {
    splices.replace(
        Objects.requireNonNull(product.targetSpan()),
        JsonText.quoted("torch.ops.aten.addmm.default"));
    List<AtenArgument> arguments = product.arguments();
    splices.insert(arguments.get(0).span().start(), argument("self", bias) + ", ");
    for (AtenArgument given : arguments) {
      String name = given.name().equals("self") ? "mat1" : given.name();
      String read = given.value().reads().get(0);
      splices.replace(given.span(), argument(name, renamed.getOrDefault(read, read)));
    }
  }

  private String argument(String name, String tensor) {
    return "{\"name\": %s, \"arg\": {\"as_tensor\": {\"name\": %s}}, \"kind\": 1}"
        .formatted(JsonText.quoted(name), quoted(tensor));
  }

  /** Gives a layer a bias, as its third argument by position. */
  private void bias(AtenNode layer, String value) {
    String argument = argument(BIAS, value);
    for (AtenArgument given : layer.arguments()) {
      if (given.name().equals(BIAS)) {
        splices.replace(given.span(), argument);
        return;
      }
    }
    for (AtenArgument given : layer.arguments()) {
      if (given.name().equals(WEIGHT)) {
        splices.insert(given.span().end(), ", " + argument);
        return;
      }
    }
    throw new IllegalStateException("'%s' has no weight".formatted(layer.target()));
  }

  // ------------------------------------------------------------ values and inputs

  private void values(Set<String> computed) {
    Set<Integer> gone = new HashSet<>();
    List<Span> spans = new ArrayList<>();
    Set<String> before = new HashSet<>();
    own.program().nodes().forEach(node -> before.addAll(node.value().outputs()));
    for (Map.Entry<String, Placed<TensorMeta>> value : own.program().values().entrySet()) {
      boolean isLost = before.contains(value.getKey()) && !computed.contains(value.getKey());
      if (isLost || isRemoved(value.getKey())) {
        gone.add(spans.size());
      }
      spans.add(value.getValue().span());
    }
    splices.remove(spans, gone);
    for (Addition addition : additions) {
      String weight = inProgram(addition.weight());
      Span member = Objects.requireNonNull(own.program().values().get(weight)).span();
      String meta = templates.meta(templates.valueOf(member), addition.size());
      splices.insert(member.end(), ", %s: %s".formatted(quoted(addition.input()), meta));
    }
  }

  private boolean isRemoved(String input) {
    String name = lowered.names().get(input);
    return name != null && removed.contains(name);
  }

  private void inputs(List<Placed<String>> inputs) {
    for (Placed<String> input : around(inputs)) {
      for (Addition addition : beside(input.value())) {
        splices.insert(
            input.span().end(),
            ", {\"as_tensor\": {\"name\": %s}}".formatted(quoted(addition.input())));
      }
    }
  }

  private void specs(List<Placed<String>> specs) {
    for (Placed<String> spec : around(specs)) {
      for (Addition addition : beside(spec.value())) {
        splices.insert(
            spec.span().end(),
            ", {\"parameter\": {\"arg\": {\"name\": %s}, \"parameter_name\": %s}}"
                .formatted(quoted(addition.input()), quoted(addition.name())));
      }
    }
  }

  /** Takes away those that go; gives back all. */
  private List<Placed<String>> around(List<Placed<String>> inputs) {
    Set<Integer> gone = new HashSet<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (isRemoved(inputs.get(i).value())) {
        gone.add(i);
      }
    }
    splices.remove(inputs.stream().map(Placed::span).toList(), gone);
    return inputs;
  }

  private List<Addition> beside(String input) {
    return additions.stream()
        .filter(addition -> inProgram(addition.weight()).equals(input))
        .toList();
  }

  // ------------------------------------------------------------ the config

  /** The new text of the weights' config. */
  Splices.Spliced config() {
    Splices config = new Splices(own.weightsJson());
    Templates entries = new Templates(own.weightsJson().file());
    Set<String> lost = new HashSet<>();
    for (String name : removed) {
      Parameter parameter = lowered.parameters().get(name);
      if (parameter != null) {
        lost.add(parameter.fqn());
      }
    }
    Set<Integer> gone = new HashSet<>();
    List<Span> spans = new ArrayList<>();
    for (Map.Entry<String, Placed<ConfigEntry>> entry : own.weights().entrySet()) {
      if (lost.contains(entry.getKey())) {
        gone.add(spans.size());
      }
      spans.add(entry.getValue().span());
    }
    config.remove(spans, gone);
    for (Addition addition : additions) {
      Parameter weight = Objects.requireNonNull(lowered.parameters().get(addition.weight()));
      Placed<ConfigEntry> after = Objects.requireNonNull(own.weights().get(weight.fqn()));
      String entry = entries.entry(after.value().value(), addition.path(), addition.size());
      config.insert(after.span().end(), ", %s: %s".formatted(quoted(addition.name()), entry));
    }
    return config.result();
  }
}
