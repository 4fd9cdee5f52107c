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
package dev.fusewright.io.statefile;

import dev.fusewright.core.fold.FoldArithmetic;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.Epsilons;
import dev.fusewright.core.state.GraphGroups;
import dev.fusewright.core.state.QatBackend;
import dev.fusewright.core.state.StateCandidates;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFuser;
import dev.fusewright.core.state.StateFusion;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.io.state.Checkpoint;
import dev.fusewright.io.state.NestedState;
import dev.fusewright.io.state.StatePath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Fuses the state dicts of a checkpoint by what a person, a recipe or a graph names, and by nothing
 * else.
 *
 * <p>eps comes from the request, else from the graph, else from the recipe, else it is PyTorch's
 * default. A list is carried out in every state dict of the file that has its modules; one of them
 * must.
 */
public final class CheckpointFuser {
  private static final int MOST_CANDIDATES = 20;

  private CheckpointFuser() {}

  /**
   * What is to be done.
   *
   * @param modules a module list as JSON, or {@code recipe:} and a name; empty to fuse the graph's
   *     pairs
   * @param graph that has the same parameter names; it also gives eps and tells transposed layers
   * @param epsilon of all BatchNorms
   */
  public record Request(
      Optional<String> modules,
      Optional<ModelGraph> graph,
      OptionalDouble epsilon,
      StateStage stage,
      QatBackend backend,
      FoldArithmetic arithmetic) {}

  /**
   * Fuses; nothing is written yet, and no weight is read.
   *
   * @return by path, the state dicts that change
   * @throws ModuleListException if nothing names the modules (the candidates are listed), or what
   *     names them does not fit any state dict
   */
  public static Map<StatePath, StateFusion> fuse(Checkpoint checkpoint, Request request) {
    Optional<GraphGroups> graph = request.graph().map(GraphGroups::of);
    ModuleList modules = modules(checkpoint, request, graph);
    Map<StatePath, StateFusion> fusions = new LinkedHashMap<>();
    ModuleListException last = null;
    for (NestedState nested : checkpoint.states()) {
      try {
        fusions.put(
            nested.path(),
            StateFuser.fuse(nested.state(), request(modules, request, graph, nested)));
      } catch (ModuleListException e) {
        last = e;
      }
    }
    if (last != null && fusions.isEmpty()) {
      throw last;
    }
    return fusions;
  }

  private static ModuleList modules(
      Checkpoint checkpoint, Request request, Optional<GraphGroups> graph) {
    if (request.modules().isPresent()) {
      return recipe(request)
          .map(ModuleList::recipe)
          .orElseGet(() -> ModuleList.parse(request.modules().get()));
    }
    if (graph.isPresent() && !graph.get().groups().isEmpty()) {
      return ModuleList.of(graph.get().groups());
    }
    throw notNamed(checkpoint, graph.isPresent());
  }

  private static Optional<String> recipe(Request request) {
    String prefix = "recipe:";
    return request
        .modules()
        .filter(text -> text.startsWith(prefix))
        .map(text -> text.substring(prefix.length()));
  }

  private static StateFusionRequest request(
      ModuleList modules, Request request, Optional<GraphGroups> graph, NestedState nested) {
    Set<String> transposed =
        graph.map(GraphGroups::transposed).orElse(Set.of()).stream()
            .map(name -> nested.prefix() + name)
            .collect(Collectors.toSet());
    return StateFusionRequest.eval(modules)
        .at(request.stage())
        .on(request.backend())
        .with(request.arithmetic())
        .with(epsilons(request, graph))
        .withTransposed(transposed)
        .behind(nested.prefix());
  }

  private static Epsilons epsilons(Request request, Optional<GraphGroups> graph) {
    if (request.epsilon().isPresent()) {
      return Epsilons.of(request.epsilon().getAsDouble());
    }
    OptionalDouble family =
        recipe(request).map(ModuleList::recipeEpsilon).orElse(OptionalDouble.empty());
    double standard = family.orElse(Epsilons.DEFAULT.standard());
    return new Epsilons(standard, graph.map(groups -> groups.epsilons().byNorm()).orElse(Map.of()));
  }

  private static ModuleListException notNamed(Checkpoint checkpoint, boolean graphGiven) {
    String candidates =
        checkpoint.states().stream()
            .map(NestedState::state)
            .map(CheckpointFuser::candidates)
            .collect(Collectors.joining("; "));
    return ModuleListException.of(
        Reason.NOT_NAMED,
        "%s: %s. A state dict does not say what stands between two modules: give a module list, a recipe or a graph. Pairs that look right, to be checked against the model: %s",
        checkpoint.path(),
        graphGiven
            ? "no BatchNorm of the graph has parameters of these names"
            : "nothing names what is to be fused",
        candidates);
  }

  private static String candidates(StateDict state) {
    List<List<String>> pairs = StateCandidates.of(state);
    String first =
        pairs.stream()
            .limit(MOST_CANDIDATES)
            .map(pair -> "[\"" + String.join("\", \"", pair) + "\"]")
            .collect(Collectors.joining(", "));
    int more = pairs.size() - MOST_CANDIDATES;
    return pairs.isEmpty() ? "none" : "[" + first + (more > 0 ? ", and " + more + " more]" : "]");
  }
}
