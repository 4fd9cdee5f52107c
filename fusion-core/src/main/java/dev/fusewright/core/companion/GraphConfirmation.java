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

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a list says of modules against what a graph shows of them. What the graph does not
 * have, it does not contradict.
 */
final class GraphConfirmation {
  private final ParameterNodes parameters;
  private final GraphGroups groups;
  private final ValueFlow flow;
  private final Map<String, List<Node>> calls = new HashMap<>();

  GraphConfirmation(ModelGraph model, GraphGroups groups) {
    this.parameters = new ParameterNodes(model);
    this.groups = groups;
    this.flow = ValueFlow.of(model.graph());
    for (Node node : model.graph().nodes()) {
      parameters
          .layer(node)
          .or(() -> parameters.norm(node))
          .ifPresent(name -> calls.computeIfAbsent(name, absent -> new ArrayList<>()).add(node));
    }
  }

  boolean occurs(FusedModule placement) {
    return calls.containsKey(placement.first());
  }

  void check(FusedModule placement) {
    if (!occurs(placement)) {
      return;
    }
    placement.norm().ifPresent(norm -> checkNorm(placement.first(), norm));
    placement.activation().ifPresent(activation -> checkActivation(placement, activation));
  }

  private void checkNorm(String layer, String norm) {
    if (groups.groups().contains(List.of(layer, norm))) {
      return;
    }
    List<Node> nodes = calls.getOrDefault(norm, List.of());
    throw ModuleListException.of(
        Reason.NOT_ADJACENT,
        "[%s, %s]: in the graph, '%s' %s",
        layer,
        norm,
        norm,
        nodes.isEmpty()
            ? "does not occur; was it exported with its BatchNorms already folded?"
            : notAdjacent(nodes.get(0), flow.producer(nodes.get(0).input(0)), layer));
  }

  private String notAdjacent(Node norm, @Nullable Node before, String layer) {
    if (before == null) {
      return "reads the input '" + norm.input(0) + "'";
    }
    return parameters.layer(before).filter(layer::equals).isPresent()
        ? "is not all that follows '%s': one of the two is used elsewhere too".formatted(layer)
        : "follows the %s '%s', not '%s'".formatted(before.op(), before.label(), layer);
  }

  private void checkActivation(FusedModule placement, Activation activation) {
    String last = placement.norm().orElse(placement.first());
    for (Node node : calls.getOrDefault(last, List.of())) {
      Optional<String> other =
          flow.isOutput(node.output())
              ? Optional.of("the output '" + node.output() + "'")
              : flow.readersOf(node.output()).stream()
                  .filter(reader -> !Activation.of(reader).equals(Optional.of(activation)))
                  .map(reader -> "the %s '%s'".formatted(reader.op(), reader.label()))
                  .findFirst();
      if (other.isPresent()) {
        throw ModuleListException.of(
            Reason.NOT_ADJACENT,
            "'%s' is listed with a %s, and in the graph it is followed by %s",
            last,
            activation.torchName(),
            other.get());
      }
    }
  }

  void checkEpsilons(Collection<FusedModule> placements, Function<String, OptionalDouble> epsilon) {
    for (FusedModule placement : placements) {
      String norm = placement.norm().orElse(placement.first());
      Double shown = groups.epsilons().get(norm);
      OptionalDouble asked = epsilon.apply(norm);
      if (shown != null && asked.isPresent() && shown.floatValue() != (float) asked.getAsDouble()) {
        throw ModuleListException.of(
            Reason.OTHER_GRAPH,
            "eps is asked to be %s, and the graph says that of '%s' is %s",
            asked.getAsDouble(),
            norm,
            shown.floatValue());
      }
    }
  }
}
