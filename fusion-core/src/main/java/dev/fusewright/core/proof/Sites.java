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

import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.reference.EvaluationMemoryException;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the sites of a plan: fusions that touch the same nodes build on one another, and are proven
 * together.
 */
final class Sites {
  private static final String NODE = "node ";
  private static final Set<OpKind> ELEMENTWISE =
      Set.of(OpKind.ADD, OpKind.SUB, OpKind.MUL, OpKind.DIV);

  private final FusionPlan plan;
  private final SubgraphExtractor cutter;
  private final Map<List<String>, Readers> readers = new HashMap<>();

  private Sites(FusionPlan plan, SubgraphExtractor cutter) {
    this.plan = plan;
    this.cutter = cutter;
  }

  /**
   * The sites of all fusions that changed something, in plan order.
   *
   * @param original cuts from the plan's original
   */
  static List<Site> of(FusionPlan plan, SubgraphExtractor original) {
    Sites sites = new Sites(plan, original);
    return sites.groups().stream().map(sites::siteOrDefect).toList();
  }

  private List<List<Fusion>> groups() {
    int[] parent = new int[plan.fusions().size()];
    Map<String, Integer> owners = new HashMap<>();
    for (int i = 0; i < parent.length; i++) {
      parent[i] = i;
      Fusion fusion = plan.fusions().get(i);
      for (int id : nodes(fusion)) {
        Integer owner = owners.putIfAbsent(fusion.scope().text() + " " + id, i);
        if (owner != null) {
          parent[root(parent, owner)] = root(parent, i);
        }
      }
    }
    Map<Integer, List<Fusion>> groups = new LinkedHashMap<>();
    for (int i = 0; i < parent.length; i++) {
      if (plan.fusions().get(i).result() == Fusion.Result.FOLDED) {
        groups
            .computeIfAbsent(root(parent, i), key -> new ArrayList<>())
            .add(plan.fusions().get(i));
      }
    }
    return List.copyOf(groups.values());
  }

  private static int root(int[] parent, int start) {
    int i = start;
    while (parent[i] != i) {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
    return i;
  }

  private static Set<Integer> nodes(Fusion fusion) {
    Set<Integer> nodes =
        fusion.touched().stream()
            .filter(part -> part.startsWith(NODE))
            .map(part -> Integer.valueOf(part.substring(NODE.length())))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    if (fusion.result() == Fusion.Result.FOLDED) {
      nodes.addAll(fusion.nodeIds()); // What lies between two changed nodes belongs to the site.
    }
    return nodes;
  }

  /**
   * The sites that a report names: fusions that name a common node are one site.
   *
   * @throws dev.fusewright.core.graph.GraphException if the original has no such scope or node
   */
  static List<Site> of(
      ModelGraph original, List<RecordedFusion> fusions, SubgraphExtractor cutter) {
    FusionPlan recorded =
        new FusionPlan(original, RecordedPlan.fusions(original, fusions), List.of(), List.of());
    return of(recorded, cutter);
  }

  private Site siteOrDefect(List<Fusion> group) {
    try {
      return site(group);
    } catch (RuntimeException | StackOverflowError e) {
      return Site.uncut(group, e);
    }
  }

  private Site site(List<Fusion> group) {
    List<String> steps = ScopeLocator.steps(plan.original(), group.get(0).scope());
    ScopeValues index = cutter.index(steps);
    Readers scope = readers(steps);
    Set<Integer> ids = new HashSet<>();
    group.forEach(fusion -> ids.addAll(nodes(fusion)));
    Map<Integer, Node> nodes = new TreeMap<>();
    ids.forEach(
        id -> {
          Node node = scope.byId().get(id);
          if (node != null) {
            nodes.put(index.positions().getOrDefault(id, 0), node);
          }
        });
    Set<String> inner = new HashSet<>();
    nodes.values().forEach(node -> inner.addAll(node.outputs()));
    Set<String> inputs = new LinkedHashSet<>();
    Set<String> outputs = new LinkedHashSet<>();
    for (Node node : nodes.values()) {
      Stream.concat(node.inputs().stream(), Captures.of(node).stream())
          .filter(input -> !inner.contains(input) && !cutter.isConstant(steps, input))
          .forEach(inputs::add);
      node.outputs().stream()
          .filter(output -> scope.isReadOutside(output, ids))
          .forEach(outputs::add);
    }
    nodes.values().stream()
        .flatMap(node -> constantData(steps, node, nodes.values()).stream())
        .forEach(inputs::add);
    Part part = new Part(group, steps, List.copyOf(nodes.values()), List.copyOf(outputs));
    return cut(part, List.copyOf(inputs), inputs.isEmpty() ? constantWorkedOn(part, inner) : List.of());
  }

  /** What a site is made of, apart from what enters it. */
  private record Part(
      List<Fusion> group, List<String> steps, List<Node> nodes, List<String> outputs) {
    Part {
      group = List.copyOf(group);
      steps = List.copyOf(steps);
      nodes = List.copyOf(nodes);
      outputs = List.copyOf(outputs);
    }
  }

  private Site cut(Part part, List<String> inputs, List<String> otherwise) {
    Boundary boundary =
        new Boundary(
            part.steps(),
            ScopeLocator.names(plan.original(), part.steps()),
            inputs,
            part.outputs());
    return new Site(
        part.group().stream().map(Fusion::id).sorted(Comparator.naturalOrder()).toList(),
        part.group().stream().map(Fusion::rule).distinct().collect(Collectors.joining("+")),
        part.group().get(0).scope(),
        part.nodes().stream().map(Node::label).toList(),
        cutter.cutWithShapes(boundary),
        boundary,
        constants(part.steps(), inputs),
        computed(part.steps(), inputs).orElse(Map.of()),
        otherwise.isEmpty() ? null : cut(part, otherwise, List.of()));
  }

  private Map<String, Tensor> constants(List<String> steps, List<String> inputs) {
    Map<String, Tensor> constants = new HashMap<>();
    for (String input : inputs) {
      Tensor stored = stored(steps, input);
      if (stored != null) {
        constants.put(input, stored);
      }
    }
    return constants;
  }

  /** A constant of the scope or one around it; null for what calls pass, who may compute it. */
  private @Nullable Tensor stored(List<String> steps, String value) {
    boolean isPassed = !steps.isEmpty() && cutter.index(steps).inputs().contains(value);
    return isPassed ? null : cutter.constant(steps, value);
  }

  /** Constants that the graph computes; empty if that cannot be done here. */
  private Optional<Map<String, NdArray>> computed(List<String> steps, List<String> inputs) {
    Map<String, NdArray> computed = new HashMap<>();
    try {
      for (String input : inputs) {
        if (cutter.isConstant(steps, input) && stored(steps, input) == null) {
          Boundary alone = new Boundary(steps, List.of(), List.of(input));
          computed.put(input, cutter.cut(alone).constant(input));
        }
      }
      return Optional.of(computed);
    } catch (ReferenceException | EvaluationMemoryException e) {
      return Optional.empty();
    }
  }

  /**
   * What could enter a site into which nothing does that varies: the constant that the first of its
   * nodes works on. What is proven for any value in its place holds for the constant.
   */
  private List<String> constantWorkedOn(Part part, Set<String> inner) {
    for (Node node : part.nodes()) {
      List<String> value = List.of(node.input(0));
      if (node.hasInput(0) && !inner.contains(node.input(0))) {
        return computed(part.steps(), value).isPresent() ? value : List.of();
      }
    }
    return List.of();
  }

  /**
   * What enters the site where a layer or norm computes a constant: the fold has to hold for any
   * value in its place.
   */
  private Optional<String> constantData(List<String> steps, Node node, Collection<Node> site) {
    boolean takesData = LinearLayers.isOne(node) || node.is(OpKind.BATCH_NORMALIZATION);
    if (!takesData || !cutter.isConstant(steps, node.input(0))) {
      return Optional.empty();
    }
    Map<String, Node> producers = new HashMap<>();
    site.forEach(inner -> inner.outputs().forEach(output -> producers.put(output, inner)));
    String value = node.input(0);
    for (Node producer = producers.get(value); producer != null; producer = producers.get(value)) {
      value =
          producer.inputs().stream()
              .filter(producers::containsKey)
              .findFirst()
              .orElse(producer.input(0));
    }
    // What is a parameter too cannot be any value: then all of the site is constant.
    return value.isEmpty() || isParameter(value, site) ? Optional.empty() : Optional.of(value);
  }

  private static boolean isParameter(String value, Collection<Node> site) {
    for (Node node : site) {
      boolean takesData = LinearLayers.isOne(node) || node.is(OpKind.BATCH_NORMALIZATION);
      int at = node.inputs().lastIndexOf(value);
      if (takesData ? at > 0 : at >= 0 && ELEMENTWISE.contains(node.op())) {
        return true;
      }
    }
    return false;
  }

  private Readers readers(List<String> steps) {
    return readers.computeIfAbsent(
        steps, key -> Readers.of(ScopeLocator.locate(plan.original(), steps).graph()));
  }
}
