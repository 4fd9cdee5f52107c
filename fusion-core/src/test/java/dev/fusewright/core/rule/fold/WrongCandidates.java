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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What a fold could have got wrong at its own sites: the nearest models to a right one. */
final class WrongCandidates {
  private static final int MAX_ELEMENTS = 1 << 16;

  private final FusionPlan plan;
  private final ModelGraph fused;
  private final Set<String> touched = new LinkedHashSet<>();
  private final Map<String, ModelGraph> candidates = new LinkedHashMap<>();

  private WrongCandidates(FusionPlan plan, ModelGraph fused) {
    this.plan = plan;
    this.fused = fused;
    plan.fusions().stream()
        .filter(fusion -> fusion.result() == Fusion.Result.FOLDED)
        .forEach(fusion -> touched.addAll(fusion.touched()));
  }

  /** Each by what is wrong with it: {@code weight c1}, {@code argument c2}, {@code branches if3}. */
  static Map<String, ModelGraph> of(FusionPlan plan, ModelGraph fused) {
    WrongCandidates wrong = new WrongCandidates(plan, fused);
    wrong.touched.stream()
        .filter(part -> part.startsWith("value "))
        .map(part -> part.substring("value ".length()))
        .sorted()
        .forEach(name -> wrong.alter("weight", name));
    wrong.lookAt(fused.graph());
    fused.functions().forEach(function -> wrong.lookAt(function.body()));
    return wrong.candidates;
  }

  private void lookAt(Graph graph) {
    for (Node node : graph.nodes()) {
      if (touched.contains("node " + node.id())) {
        if (!node.op().domain().isEmpty()) {
          node.inputs().forEach(argument -> alter("argument", argument));
        }
        if (node.op().type().equals("If") && isInSite(node)) {
          candidates.put("branches " + node.output(), changed(it -> swapped(it, node.output())));
        }
      }
      node.bodies().forEach(this::lookAt);
    }
  }

  private boolean isInSite(Node node) {
    return plan.fusions().stream().anyMatch(fusion -> fusion.nodeIds().contains(node.id()));
  }

  private static Graph swapped(Graph graph, String output) {
    return graph.withNodes(
        graph.nodes().stream()
            .map(
                node ->
                    node.output().equals(output)
                        ? node.withAttribute("then_branch", attribute(node, "else_branch"))
                            .withAttribute("else_branch", attribute(node, "then_branch"))
                        : node)
            .toList());
  }

  private static Attribute attribute(Node node, String name) {
    return java.util.Objects.requireNonNull(node.attributes().get(name));
  }

  private void alter(String kind, String name) {
    if (!isRead(fused.graph(), name)
        && fused.functions().stream().noneMatch(function -> isRead(function.body(), name))) {
      return;
    }
    ModelGraph altered = changed(graph -> altered(graph, name));
    if (!altered.equals(fused)) {
      candidates.put(kind + " " + name, altered);
    }
  }

  private static boolean isRead(Graph graph, String name) {
    return graph.nodes().stream()
        .anyMatch(
            node ->
                node.inputs().contains(name)
                    || node.bodies().stream().anyMatch(body -> isRead(body, name)));
  }

  private static Graph altered(Graph graph, String name) {
    return graph
        .withInitializers(
            graph.initializers().stream()
                .map(it -> it.name().equals(name) ? altered(it) : it)
                .toList())
        .withNodes(
            graph.nodes().stream()
                .map(node -> node.output().equals(name) ? altered(node) : node)
                .toList());
  }

  private static Initializer altered(Initializer constant) {
    return new Initializer(constant.name(), altered(constant.tensor()));
  }

  private static Node altered(Node node) {
    return node.attributes().get("value") instanceof Attribute.TensorValue constant
        ? node.withAttribute("value", new Attribute.TensorValue(altered(constant.value())))
        : node;
  }

  /** One element is off by a hundredth, or by a thousandth where it is nothing. */
  private static Tensor altered(Tensor tensor) {
    if (!tensor.type().isFoldable() || tensor.shape().elementCount() == 0) {
      return tensor;
    }
    double[] values = Tensors.doubles(tensor, MAX_ELEMENTS);
    int last = values.length - 1;
    values[last] += 0.01 * (Math.abs(values[last]) + 0.1);
    return LiteralTensor.ofDoubles(tensor.type(), tensor.shape(), values);
  }

  private ModelGraph changed(UnaryOperator<Graph> change) {
    return new ModelGraph(
        fused.irVersion(),
        fused.opsets(),
        everywhere(fused.graph(), change),
        fused.functions().stream()
            .map(function -> function.withBody(everywhere(function.body(), change)))
            .toList());
  }

  private static Graph everywhere(Graph graph, UnaryOperator<Graph> change) {
    List<Node> nodes =
        graph.nodes().stream()
            .map(
                node -> {
                  Node changed = node;
                  for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
                    if (entry.getValue() instanceof Attribute.Body body) {
                      Graph inner = everywhere(body.value(), change);
                      changed = changed.withAttribute(entry.getKey(), new Attribute.Body(inner));
                    }
                  }
                  return changed;
                })
            .toList();
    return change.apply(graph.withNodes(nodes));
  }
}
