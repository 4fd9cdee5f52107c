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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.companion.CompanionGraph;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.fold.FoldArithmetic;
import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.Epsilons;
import dev.fusewright.core.state.StateCandidates;
import dev.fusewright.core.state.StateFuser;
import dev.fusewright.core.state.StateFusion;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
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
  private static final int MOST_DIFFERENCES = 10;

  private CheckpointFuser() {}

  /**
   * What is to be done.
   *
   * @param modules a module list as JSON, or {@code recipe:} and a name; empty to fuse the graph's
   *     pairs
   * @param graph that has the same parameter names; it also gives eps, tells transposed layers, and
   *     refuses what is not so in it
   * @param epsilon of all BatchNorms
   * @param dropped groups that are left as they are, by the state dict they are in
   */
  public record Request(
      Optional<String> modules,
      Optional<CompanionGraph> graph,
      OptionalDouble epsilon,
      StateStage stage,
      DefaultQatConfig backend,
      FoldArithmetic arithmetic,
      Map<StatePath, Set<List<String>>> dropped) {
    /** This request with groups that are left as they are. */
    public Request dropping(Map<StatePath, Set<List<String>>> newDropped) {
      return new Request(modules, graph, epsilon, stage, backend, arithmetic, newDropped);
    }
  }

  /**
   * Fuses; nothing is written yet, and no weight is read.
   *
   * @return by path, the state dicts that change
   * @throws ModuleListException if nothing names the modules (the candidates are listed), what
   *     names them does not fit any state dict, or the graph is of another model
   */
  public static Map<StatePath, StateFusion> fuse(StateCheckpoint checkpoint, Request request) {
    ModuleList modules = modules(checkpoint, request);
    Map<StatePath, StateFusion> fusions = new LinkedHashMap<>();
    ModuleListException last = null;
    for (NestedState nested : checkpoint.states()) {
      try {
        fusions.put(nested.path(), fuse(nested, modules, request));
      } catch (ModuleListException e) {
        last = e;
      }
    }
    if (last != null && fusions.isEmpty()) {
      throw last;
    }
    return fusions;
  }

  private static StateFusion fuse(NestedState nested, ModuleList modules, Request request) {
    CompanionGraph graph = request.graph().orElse(null);
    if (graph != null) {
      List<String> differences = graph.differences(nested.state(), nested.prefix());
      if (!differences.isEmpty()) {
        throw ModuleListException.of(
            Reason.OTHER_GRAPH,
            "the graph is not of the model of %s: %s",
            nested.path(),
            first(differences, MOST_DIFFERENCES, "; "));
      }
    }
    StateFusion fusion = StateFuser.fuse(nested.state(), request(modules, request, nested));
    if (graph != null) {
      graph.confirm(fusion, request.epsilon(), nested.prefix());
    }
    return fusion;
  }

  private static ModuleList modules(StateCheckpoint checkpoint, Request request) {
    if (request.modules().isPresent()) {
      return recipe(request)
          .map(ModuleList::recipe)
          .orElseGet(() -> ModuleList.parse(request.modules().get()));
    }
    List<List<String>> pairs =
        request.graph().map(graph -> graph.groups().groups()).orElse(List.of());
    if (!pairs.isEmpty()) {
      return ModuleList.of(pairs);
    }
    throw notNamed(checkpoint, request.graph().isPresent());
  }

  private static Optional<String> recipe(Request request) {
    String prefix = "recipe:";
    return request
        .modules()
        .filter(text -> text.startsWith(prefix))
        .map(text -> text.substring(prefix.length()));
  }

  private static StateFusionRequest request(
      ModuleList modules, Request request, NestedState nested) {
    Set<String> transposed =
        request.graph().map(graph -> graph.groups().transposed()).orElse(Set.of()).stream()
            .map(name -> nested.prefix() + name)
            .collect(Collectors.toSet());
    return StateFusionRequest.eval(modules)
        .at(request.stage())
        .on(request.backend())
        .with(request.arithmetic())
        .with(epsilons(request))
        .withTransposed(transposed)
        .behind(nested.prefix())
        .dropping(request.dropped().getOrDefault(nested.path(), Set.of()));
  }

  private static Epsilons epsilons(Request request) {
    if (request.epsilon().isPresent()) {
      return Epsilons.of(request.epsilon().getAsDouble());
    }
    OptionalDouble family =
        recipe(request).map(ModuleList::recipeEpsilon).orElse(OptionalDouble.empty());
    double standard = family.orElse(Epsilons.DEFAULT.standard());
    return new Epsilons(
        standard,
        request.graph().map(graph -> graph.groups().epsilons().byNorm()).orElse(Map.of()));
  }

  private static ModuleListException notNamed(StateCheckpoint checkpoint, boolean graphGiven) {
    return ModuleListException.of(
        Reason.NOT_NAMED,
        "%s: %s. A state dict does not say what stands between two modules: give a module list, a recipe or an ONNX graph with the same parameter names.%s",
        checkpoint.path(),
        graphGiven
            ? "no BatchNorm of the graph has parameters of these names"
            : "nothing names what is to be fused",
        checkpoint.states().stream()
            .map(CheckpointFuser::candidates)
            .collect(Collectors.joining(" ")));
  }

  /** For a person, on lines of their own. */
  private static String candidates(NestedState nested) {
    List<List<String>> pairs = StateCandidates.of(nested.state());
    String place = nested.path().equals(StatePath.ROOT) ? "" : " in " + nested.path();
    if (pairs.isEmpty()) {
      return " No pair%s looks right.".formatted(place);
    }
    int prefix = nested.prefix().length();
    List<String> lines =
        pairs.stream()
            .map(pair -> pair.stream().map(name -> name.substring(prefix)).toList())
            .map(pair -> "%n  [\"%s\"]".formatted(String.join("\", \"", pair)))
            .toList();
    List<String> recipes = StateCandidates.recipes(nested.state(), nested.prefix());
    return " Pairs%s that look right, to be checked against the model%s:%s"
        .formatted(
            place,
            recipes.isEmpty()
                ? ""
                : " (all of them are in the recipe " + String.join(", ", recipes) + ")",
            first(lines, MOST_CANDIDATES, ","));
  }

  private static String first(List<String> all, int most, String separator) {
    String shown = all.stream().limit(most).collect(Collectors.joining(separator));
    int more = all.size() - most;
    return more > 0 ? shown + ", and " + more + " more" : shown;
  }
}
