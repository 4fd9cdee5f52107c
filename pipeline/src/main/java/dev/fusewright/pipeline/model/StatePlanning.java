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
import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.Epsilons;
import dev.fusewright.core.state.ListedState;
import dev.fusewright.core.state.PairSuggestions;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.ModuleRequest;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.settings.RuleChoice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plans the state dicts of a checkpoint by what a person, a recipe or a graph names, and by nothing
 * else.
 *
 * <p>eps comes from the request, else from the graph, else from the recipe, else it is PyTorch's
 * default. A list is carried out in every state dict of the file that has its modules; one of them
 * must.
 */
final class StatePlanning {
  private static final int MOST_SUGGESTIONS = 20;
  private static final int MOST_DIFFERENCES = 10;
  private static final String RECIPE = "recipe:";

  private final FuseSettings settings;
  private final FuseModel flow;
  private final @Nullable CompanionGraph graph;

  /**
   * Planning for one file.
   *
   * @param graph that has the same parameter names; it also gives eps, tells transposed layers, and
   *     refuses what is not so in it
   */
  StatePlanning(JobContext context, @Nullable CompanionGraph graph) {
    this(context.settings(), context.flow(), graph);
  }

  StatePlanning(FuseSettings settings, FuseModel flow, @Nullable CompanionGraph graph) {
    this.settings = settings;
    this.flow = flow;
    this.graph = graph;
  }

  /** By what a plan tells the state dicts of a file apart. */
  static String label(NestedState nested) {
    return nested.path().toString();
  }

  /**
   * Plans; nothing is written yet, and no weight is read but where its range decides.
   *
   * @throws ModuleListException if nothing names the modules (pairs are suggested), what names them
   *     does not fit any state dict, or the graph is of another model
   * @throws RequestException if the settings are not for state dicts
   */
  StatePlan plan(StateCheckpoint checkpoint) throws RequestException {
    if (!settings.modules().fusers().isEmpty()) {
      throw new RequestException("custom fusers work on graphs, and a state dict has none");
    }
    ModuleList modules = modules(checkpoint);
    Map<String, ListedState> listed = new LinkedHashMap<>();
    List<String> left = new ArrayList<>();
    ModuleListException last = null;
    for (NestedState nested : checkpoint.states()) {
      try {
        listed.put(label(nested), listed(nested, modules));
      } catch (ModuleListException e) {
        last = e;
        if (e.refusals().stream().anyMatch(it -> it.reason() != Reason.NO_SUCH_MODULE)) {
          left.add("%s was left as it is: %s".formatted(label(nested), e.getMessage()));
        }
      }
    }
    if (last != null && listed.isEmpty()) {
      throw last;
    }
    return StatePlan.of(
        listed, left, flow.engine(RuleChoice.of(settings, RuleChoice.Kind.STATE_DICT)).rules());
  }

  private ListedState listed(NestedState nested, ModuleList modules) {
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
    ListedState listed = ListedState.of(nested.state(), request(modules, nested));
    if (graph != null) {
      Double epsilon = settings.modules().epsilon();
      graph.confirm(
          listed.listed(),
          epsilon == null ? OptionalDouble.empty() : OptionalDouble.of(epsilon),
          nested.prefix());
    }
    return listed;
  }

  private ModuleList modules(StateCheckpoint checkpoint) {
    String list = settings.modules().list();
    if (list != null) {
      return list.startsWith(RECIPE)
          ? ModuleList.recipe(list.substring(RECIPE.length()))
          : ModuleList.parse(list);
    }
    if (graph != null && !graph.groups().groups().isEmpty()) {
      return ModuleList.of(graph.groups().groups());
    }
    throw notNamed(checkpoint, graph != null);
  }

  private StateFusionRequest request(ModuleList modules, NestedState nested) {
    ModuleRequest asked = settings.modules();
    Set<String> transposed =
        graph == null
            ? Set.of()
            : graph.groups().transposed().stream()
                .map(name -> nested.prefix() + name)
                .collect(Collectors.toSet());
    return StateFusionRequest.eval(modules)
        .by(by(asked))
        .at(stage(asked))
        .on(
            asked.backend() == null
                ? DefaultQatConfig.FBGEMM
                : DefaultQatConfig.named(asked.backend().text()).orElseThrow())
        .with(epsilons(asked))
        .withTransposed(transposed)
        .behind(nested.prefix());
  }

  private static String by(ModuleRequest asked) {
    String list = asked.list();
    return list == null ? "the graph" : list.startsWith(RECIPE) ? list : "the module list";
  }

  private StateStage stage(ModuleRequest asked) {
    return switch (settings.mode()) {
      case EVAL -> StateStage.EVAL;
      case QAT -> asked.backend() == null ? StateStage.QAT : StateStage.PREPARED;
    };
  }

  private Epsilons epsilons(ModuleRequest asked) {
    if (asked.epsilon() != null) {
      return shown(Epsilons.of(asked.epsilon(), "--eps"));
    }
    String list = asked.list();
    if (list == null || !list.startsWith(RECIPE)) {
      return shown(Epsilons.DEFAULT);
    }
    OptionalDouble family = ModuleList.recipeEpsilon(list.substring(RECIPE.length()));
    return shown(family.isPresent() ? Epsilons.of(family.getAsDouble(), list) : Epsilons.DEFAULT);
  }

  /** What is asked for and what the graph shows are the same where both say it. */
  private Epsilons shown(Epsilons standard) {
    return graph == null ? standard : standard.shown(graph.groups().epsilons());
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
            .map(StatePlanning::suggestions)
            .collect(Collectors.joining(" ")));
  }

  /** For a person, on lines of their own. */
  private static String suggestions(NestedState nested) {
    List<List<String>> pairs = PairSuggestions.of(nested.state());
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
    List<String> recipes = PairSuggestions.recipes(nested.state(), nested.prefix());
    return " Pairs%s that look right, to be checked against the model%s:%s"
        .formatted(
            place,
            recipes.isEmpty()
                ? ""
                : " (all of them are in the recipe " + String.join(", ", recipes) + ")",
            first(lines, MOST_SUGGESTIONS, ","));
  }

  private static String first(List<String> all, int most, String separator) {
    String shown = all.stream().limit(most).collect(Collectors.joining(separator));
    int more = all.size() - most;
    return more > 0 ? shown + ", and " + more + " more" : shown;
  }
}
