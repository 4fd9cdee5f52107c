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
package dev.fusewright.core.companion;

import dev.fusewright.core.engine.Names;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Carries out on a companion graph, node by node, what was done to the modules of its model. */
final class CompanionRewriting {
  private static final List<String> NORM = List.of("weight", "bias", "running_mean", "running_var");

  private final ModelGraph model;
  private final ParameterNodes parameters;
  private final Map<String, FusedModule> placements;
  private final Map<String, String> layerOfNorm = new HashMap<>();
  private final Map<String, Node> norms = new HashMap<>();
  private final StateDict written;
  private final String prefix;
  private final Names names;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Set<String> biases = new HashSet<>();

  CompanionRewriting(
      ModelGraph model, Map<String, FusedModule> placements, StateDict written, String prefix) {
    this.model = model;
    this.parameters = new ParameterNodes(model);
    this.placements = placements;
    this.written = written;
    this.prefix = prefix;
    this.names = new Names(model);
    placements
        .values()
        .forEach(
            placement ->
                placement.norm().ifPresent(norm -> layerOfNorm.put(norm, placement.first())));
    model
        .graph()
        .nodes()
        .forEach(node -> parameters.norm(node).ifPresent(norm -> norms.putIfAbsent(norm, node)));
    for (Initializer initializer : model.graph().initializers()) {
      tensors.put(initializer.name(), initializer.tensor());
    }
    tensors.replaceAll((name, own) -> written.tensor(prefix + name).orElse(own));
    placements.values().forEach(this::place);
  }

  List<Initializer> initializers() {
    return tensors.entrySet().stream()
        .map(entry -> new Initializer(entry.getKey(), entry.getValue()))
        .toList();
  }

  List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      Optional<String> layer = parameters.layer(node);
      Optional<String> norm = parameters.norm(node);
      if (norm.isPresent() && layerOfNorm.containsKey(norm.get())) {
        nodes.add(
            new Node(
                node.id(),
                node.name(),
                OpKind.IDENTITY,
                List.of(node.input(0)),
                List.of(node.output()),
                Map.of()));
        continue;
      }
      FusedModule placement = placements.get(layer.or(() -> norm).orElse(""));
      if (placement == null) {
        nodes.add(node);
      } else {
        nodes.addAll(fused(node, placement));
      }
    }
    return nodes;
  }

  /** A call of a fused module. */
  private List<Node> fused(Node node, FusedModule placement) {
    List<Node> steps = new ArrayList<>();
    steps.add(
        biases.contains(placement.first())
            ? node.withInput(ParameterNodes.BIAS, bias(placement.first()))
            : node);
    placement
        .norm()
        .filter(norm -> !isFolded(placement.first()))
        .map(norms::get)
        .ifPresent(norm -> steps.add(norm.withId(names.id()).withName("")));
    if (placement.activation().isPresent()) {
      steps.add(
          new Node(
              names.id(),
              "",
              placement.activation().get().operator(),
              List.of(""),
              List.of(""),
              Map.of()));
    }
    for (int i = 0; i < steps.size(); i++) {
      boolean isLast = i == steps.size() - 1;
      String output = isLast ? node.output() : names.value(node.output() + "/inner");
      if (i > 0) {
        steps.set(i, steps.get(i).withInput(0, steps.get(i - 1).output()));
      }
      steps.set(i, steps.get(i).withOutputs(List.of(output)));
    }
    return steps;
  }

  // ------------------------------------------------- where the parameters are now

  private void place(FusedModule placement) {
    String first = placement.first();
    String inner = find(first, "weight").isPresent() ? first : first + ".0";
    for (String local : NORM) {
      // Of a layer only the first two exist.
      find(inner, local).ifPresent(tensor -> put(first, local, tensor));
    }
    placement.norm().ifPresent(norm -> placeNorm(first, norm));
  }

  private void placeNorm(String first, String norm) {
    for (String local : NORM) {
      String own = norm + "." + local;
      Optional<Tensor> tensor = unfolded(first, local);
      if (tensor.isPresent() && tensors.containsKey(own)) {
        tensors.put(own, tensor.get());
      }
    }
  }

  private void put(String module, String local, Tensor tensor) {
    String name = module + "." + local;
    if (tensors.containsKey(name)) {
      tensors.put(name, tensor);
    } else if (local.equals("bias")) {
      tensors.put(bias(module), tensor);
    }
    if (local.equals("bias") && !norms.containsKey(module)) {
      biases.add(module);
    }
  }

  private static String bias(String module) {
    return module + ".bias";
  }

  private boolean isFolded(String first) {
    return unfolded(first, "running_mean").isEmpty();
  }

  /** A BatchNorm inside of a container: the child of a Sequential, or that of a QAT module. */
  private Optional<Tensor> unfolded(String first, String local) {
    return find(first + ".bn", local).or(() -> find(first + ".1", local));
  }

  private Optional<Tensor> find(String module, String local) {
    return written.tensor(prefix + module + "." + local);
  }
}
