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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.ModuleGroup;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A graph whose parameters have the names of a state dict, and what it makes of that state dict: a
 * whole model that can be run.
 *
 * <p>The graph's own weights may be those of another training: only names and shapes count.
 */
public final class CompanionGraph {
  private static final Set<String> PARAMETERS =
      Set.of("weight", "bias", "running_mean", "running_var");
  private static final long CONSTANT_INITIALIZERS_SINCE = 4;

  private final ModelGraph model;
  private final GraphGroups groups;
  private final String wrapper;

  /** A companion. */
  public CompanionGraph(ModelGraph model) {
    this(model, "");
  }

  private CompanionGraph(ModelGraph model, String wrapper) {
    this.model = model;
    this.groups = GraphGroups.of(model);
    this.wrapper = wrapper;
  }

  /** What its names began with, and have lost. */
  public String wrapper() {
    return wrapper;
  }

  /** The pairs that it shows. */
  public GraphGroups groups() {
    return groups;
  }

  /**
   * Where the graph and a state dict disagree, a sentence each; empty if the graph is of that state
   * dict's model. What the graph does not have is no disagreement: an export leaves auxiliary heads
   * out, and it renames what it transposes.
   *
   * @param prefix before every name of the state dict, which the graph's names do not have
   */
  public List<String> differences(StateDict state, String prefix) {
    List<String> differences = new ArrayList<>();
    for (Initializer initializer : model.graph().initializers()) {
      Optional<Tensor> own = state.tensor(prefix + initializer.name());
      if (own.isEmpty()) {
        if (isParameter(initializer.name())) {
          differences.add("the state dict has no '%s'".formatted(prefix + initializer.name()));
        }
      } else if (!form(own.get()).equals(form(initializer.tensor()))) {
        differences.add(
            "'%s' is %s in the graph and %s in the state dict"
                .formatted(initializer.name(), form(initializer.tensor()), form(own.get())));
      }
    }
    return differences;
  }

  /** A parameter of a module; empty if the graph names none. */
  Optional<Initializer> firstParameter() {
    return model.graph().initializers().stream()
        .filter(initializer -> isParameter(initializer.name()))
        .findFirst();
  }

  /**
   * This graph without the name that all its parameters begin with, as those of a model that was
   * exported within another one do; empty if they begin with none in common, or a body of a node
   * could mean one of them.
   */
  Optional<CompanionGraph> unwrapped() {
    List<String> parameters =
        model.graph().initializers().stream()
            .map(Initializer::name)
            .filter(CompanionGraph::isParameter)
            .toList();
    Set<String> taken = values();
    String prefix = "";
    for (String next = next(parameters, prefix); !next.isEmpty(); next = next(parameters, prefix)) {
      prefix = next;
    }
    int length = prefix.length();
    boolean isFree =
        parameters.stream().map(name -> name.substring(length)).noneMatch(taken::contains);
    boolean isFlat = model.graph().nodes().stream().allMatch(node -> node.bodies().isEmpty());
    return length > 0 && isFree && isFlat
        ? Optional.of(new CompanionGraph(renamed(prefix), prefix))
        : Optional.empty();
  }

  /** The prefix with one segment more, if all parameters have it and a module's name is left. */
  private static String next(List<String> parameters, String prefix) {
    String first = parameters.isEmpty() ? "" : parameters.get(0);
    int dot = first.indexOf('.', prefix.length());
    String longer = first.substring(0, dot + 1);
    boolean isCommon =
        dot > 0
            && parameters.stream()
                .allMatch(
                    name -> name.startsWith(longer) && name.indexOf('.', longer.length()) > 0);
    return isCommon ? longer : "";
  }

  private Set<String> values() {
    Set<String> values = new HashSet<>();
    model.graph().initializers().forEach(initializer -> values.add(initializer.name()));
    model.graph().inputs().forEach(input -> values.add(input.name()));
    model.graph().nodes().forEach(node -> values.addAll(node.outputs()));
    return values;
  }

  private ModelGraph renamed(String prefix) {
    Set<String> parameters =
        model.graph().initializers().stream()
            .map(Initializer::name)
            .filter(name -> name.startsWith(prefix))
            .collect(Collectors.toSet());
    UnaryOperator<String> name =
        value -> parameters.contains(value) ? value.substring(prefix.length()) : value;
    Graph graph = model.graph();
    return new ModelGraph(
        model.irVersion(),
        model.opsets(),
        new Graph(
            graph.name(),
            graph.nodes().stream()
                .map(node -> node.withInputs(node.inputs().stream().map(name).toList()))
                .toList(),
            graph.initializers().stream()
                .map(
                    initializer ->
                        new Initializer(name.apply(initializer.name()), initializer.tensor()))
                .toList(),
            graph.inputs().stream().filter(input -> !parameters.contains(input.name())).toList(),
            graph.outputs(),
            graph.valueInfos(),
            graph.annotations(),
            graph.sparseInitializers()),
        model.functions());
  }

  private static String form(Tensor tensor) {
    return tensor.type().text() + tensor.shape();
  }

  private static boolean isParameter(String initializer) {
    int dot = initializer.lastIndexOf('.');
    return dot > 0 && PARAMETERS.contains(initializer.substring(dot + 1));
  }

  /** The tensors of a state dict that no part of the graph computes with, counters left out. */
  public List<String> unused(StateDict state, String prefix) {
    Set<String> names =
        model.graph().initializers().stream()
            .map(initializer -> prefix + initializer.name())
            .collect(Collectors.toSet());
    return state.tensors().entrySet().stream()
        .filter(entry -> entry.getValue().type().isFoldable() && !names.contains(entry.getKey()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Refuses what was listed if the graph shows that it is not so.
   *
   * @param epsilon that was asked for, by the name of a BatchNorm
   * @throws ModuleListException if a BatchNorm does not alone follow its layer, or no ReLU follows
   *     where one is listed, or eps is another; or if the graph has nothing of what was listed
   */
  public void confirm(
      List<ModuleGroup> fused, Function<String, OptionalDouble> epsilon, String prefix) {
    GraphConfirmation confirmation = new GraphConfirmation(model, groups);
    Collection<FusedModule> placements = FusedModule.of(fused, prefix).values();
    placements.forEach(confirmation::check);
    confirmation.checkEpsilons(placements, epsilon);
    if (!placements.isEmpty() && placements.stream().noneMatch(confirmation::occurs)) {
      throw ModuleListException.of(
          Reason.OTHER_GRAPH,
          "the graph has none of the listed modules; was it exported with its BatchNorms already folded?");
    }
  }

  /** Whether the graph computes with a group's first module: then it shows what follows it. */
  public boolean shows(ModuleGroup group, String prefix) {
    return new GraphConfirmation(model, groups)
        .occurs(FusedModule.of(List.of(group), prefix).values().iterator().next());
  }

  /** The graph with the parameters of a state dict, to which it has no {@link #differences}. */
  public ModelGraph original(StateDict state, String prefix) {
    return with(
        model.graph().nodes(),
        model.graph().initializers().stream()
            .map(
                initializer ->
                    new Initializer(
                        initializer.name(),
                        state.tensor(prefix + initializer.name()).orElse(initializer.tensor())))
            .toList());
  }

  /**
   * The model that {@code fuse_modules} makes of the graph's, with the parameters of a fused state
   * dict: layers compute with what stands under their new names, ReLUs where their containers have
   * them, and the BatchNorms that were listed are Identity, wherever they are called. A list that
   * does not fit the graph's data flow therefore gives another model.
   *
   * <p>Fake-quantizers are left out.
   *
   * @param source the state dict as it was, for the parameters that are no module's any more
   * @param fused which modules were fused
   * @param written the fused state dict as a file has it
   */
  public ModelGraph fused(
      StateDict source, List<ModuleGroup> fused, StateDict written, String prefix) {
    CompanionRewriting rewriting =
        new CompanionRewriting(
            original(source, prefix), FusedModule.of(fused, prefix), written, prefix);
    return with(rewriting.nodes(), rewriting.initializers());
  }

  /** All parameters are constants: the two models have one interface. */
  private ModelGraph with(List<Node> nodes, List<Initializer> initializers) {
    Graph graph = model.graph();
    return new ModelGraph(
        Math.max(model.irVersion(), CONSTANT_INITIALIZERS_SINCE),
        model.opsets(),
        new Graph(
            graph.name(),
            nodes,
            initializers,
            graph.requiredInputs(),
            graph.outputs(),
            graph.valueInfos(),
            graph.annotations(),
            graph.sparseInitializers()),
        model.functions());
  }
}
