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
import dev.fusewright.core.companion.CompanionPlace;
import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.Epsilons;
import dev.fusewright.core.state.FusedGroup;
import dev.fusewright.core.state.ListedState;
import dev.fusewright.core.state.NamePrefix;
import dev.fusewright.core.state.PairSuggestions;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.WholeModules;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.ModuleRequest;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.settings.RuleChoice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plans the state dicts of a checkpoint by what a person, a recipe or a graph names, and by nothing
 * else.
 *
 * <p>eps comes from the file or the graph where one of them says it, else from the request, else
 * from the recipe, else it is PyTorch's default; contradictions are refused. A list is carried out
 * in every state dict of the file that has its modules; one of them must.
 */
final class StatePlanning {
  private static final int MOST_LEFT_OUT = 3;
  private static final String RECIPE = "recipe:";

  /** Before the message of a group's refusal. */
  private static final Pattern NUMBER = Pattern.compile("^group [0-9]+( \\[[^\\]]*\\])?: ");

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
    try {
      return planned(checkpoint);
    } catch (ModuleListException e) {
      throw Formats.isPart(Objects.toString(checkpoint.path().getFileName())) ? ofShard(e) : e;
    }
  }

  /** Of one shard alone: what it lacks may lie in another. */
  private static ModuleListException ofShard(ModuleListException refused) {
    return ModuleListException.of(
        refused.refusals().get(0).reason(),
        "%s%n  The file is one shard of several by its name, and what it lacks may lie in another: give the index that lists them (*.index.json)",
        String.valueOf(refused.getMessage()));
  }

  private StatePlan planned(StateCheckpoint checkpoint) throws RequestException {
    if (!settings.modules().fusers().isEmpty()) {
      throw new RequestException("custom fusers work on graphs, and a state dict has none");
    }
    requireUntrainedModules(checkpoint);
    boolean isTrained = isTrained(checkpoint);
    ModuleList named = settings.modules().isAutomatic() || isTrained ? null : modules(checkpoint);
    Map<String, ListedState> listed = new LinkedHashMap<>();
    List<String> left = new ArrayList<>();
    List<Refusal> leftOut = new ArrayList<>();
    ModuleListException refused = null;
    Set<String> norms = new HashSet<>();
    for (NestedState nested : checkpoint.states()) {
      try {
        ListedState state =
            isTrained
                ? listed(checkpoint, nested, inside(nested), left)
                : named == null
                    ? shown(checkpoint, nested, left, leftOut)
                    : listed(checkpoint, nested, named, left);
        listed.put(label(nested), state);
        norms.addAll(everyName(state));
      } catch (ModuleListException e) {
        refused = refused == null || isMissing(refused) ? e : refused;
        left.add("%s was left as it is: %s".formatted(label(nested), e.getMessage()));
      }
    }
    if (refused != null && listed.isEmpty()) {
      throw refused;
    }
    leavePartial(listed, left);
    listed.forEach(
        (label, state) -> {
          if (!state.prefix().isEmpty()) {
            left.add(
                "%s: the names of %s stand behind '%s'"
                    .formatted(label, by(settings.modules()), state.prefix()));
          }
          state.notes().forEach(note -> left.add("%s: %s".formatted(label, note)));
          // What auto leaves is said already, by the class that holds it.
          if (!settings.modules().isAutomatic()) {
            state.leftNorms().ifPresent(note -> left.add("%s: %s".formatted(label, note)));
          }
        });
    requireFitting(norms);
    return StatePlan.of(
        listed,
        left,
        leftOut,
        flow.engine(RuleChoice.of(settings, RuleChoice.Kind.STATE_DICT)).rules());
  }

  private static boolean isMissing(ModuleListException e) {
    return e.refusals().stream().allMatch(it -> it.reason() == Reason.NO_SUCH_MODULE);
  }

  /**
   * A dict with some of the parameters of the listed modules, such as masks, is no second state
   * dict of the model.
   */
  private static void leavePartial(Map<String, ListedState> listed, List<String> left) {
    Map<String, Set<String>> parameters = new LinkedHashMap<>();
    listed.forEach((label, state) -> parameters.put(label, state.parameters()));
    parameters.forEach(
        (label, own) ->
            parameters.entrySet().stream()
                .filter(other -> other.getValue().size() > own.size())
                .filter(other -> other.getValue().containsAll(own))
                .findFirst()
                .ifPresent(
                    other -> {
                      listed.remove(label);
                      left.add(
                          "%s was left as it is: it lacks parameters of the listed modules that %s has"
                              .formatted(label, other.getKey()));
                    }));
  }

  /** Of a trained module the parameters go back to float, and its objects do not. */
  private void requireUntrainedModules(StateCheckpoint checkpoint) {
    for (NestedState nested : checkpoint.states()) {
      if (settings.fusion() == FusionMode.EVAL
          && nested.origin() == NestedState.Origin.MODULE
          && PairSuggestions.isTrained(nested.state())) {
        throw ModuleListException.of(
            Reason.QAT_UNSUPPORTED,
            "%s is a whole module that prepare_qat made, and only the state dict of one goes back to float: save its state_dict(), and fuse that with a list",
            label(nested));
      }
    }
  }

  /** Whether nothing names the BatchNorms that prepare_qat put into their layers, nor need it. */
  private boolean isTrained(StateCheckpoint checkpoint) {
    return settings.modules().list() == null
        && graph == null
        && settings.fusion() == FusionMode.EVAL
        && checkpoint.states().stream().anyMatch(StatePlanning::isTrained);
  }

  private static boolean isTrained(NestedState nested) {
    return nested.origin() == NestedState.Origin.STATE_DICT
        && PairSuggestions.isTrained(nested.state());
  }

  /** The BatchNorms that lie in their layers. */
  private static ModuleList inside(NestedState nested) {
    if (!isTrained(nested)) {
      throw ModuleListException.of(
          Reason.NOT_NAMED, "nothing names what is to be fused, and no layer holds its BatchNorm");
    }
    return ModuleList.of(PairSuggestions.of(nested.state()));
  }

  /** What a list names, checked against all that the file says of it. */
  private ListedState listed(
      StateCheckpoint checkpoint, NestedState nested, ModuleList modules, List<String> notes) {
    ListedState state = listed(nested, modules, notes);
    checkpoint
        .wholeModules()
        .filter(whole -> whole.has(nested.path()))
        .ifPresent(whole -> whole.confirm(nested.path(), state.listed()));
    ModuleOutput.of(checkpoint, settings)
        .ifPresent(output -> output.check(nested, state, stage(settings.modules())));
    return state;
  }

  private ListedState listed(NestedState nested, ModuleList modules, List<String> notes) {
    CompanionPlace place =
        graph == null ? null : CompanionPlace.of(graph, nested.state(), nested.path().toString());
    StateFusionRequest request = request(modules, place);
    String prefix = prefix(nested, request, place);
    Epsilons epsilons = epsilons(settings.modules()).behind(prefix);
    Map<String, Double> shown = place == null ? Map.of() : shown(place, prefix);
    ListedState listed =
        ListedState.of(nested.state(), request.behind(prefix).with(epsilons.shown(shown)));
    if (place != null) {
      String graphs = place.prefix();
      place
          .graph()
          .confirm(
              listed.listed(), norm -> epsilons.asked(asListed(graphs + norm, prefix)), graphs);
    }
    checkEpsilons(listed, nested, epsilons, shown);
    if (place != null && !place.graph().wrapper().isEmpty()) {
      notes.add(
          "%s: the graph's names are taken without its own '%s'"
              .formatted(label(nested), place.graph().wrapper()));
    }
    return listed;
  }

  /** What stands before the names of a state dict that are not written in full. */
  private String prefix(
      NestedState nested, StateFusionRequest request, @Nullable CompanionPlace place) {
    if (settings.modules().isAutomatic() || (settings.modules().list() == null && place == null)) {
      return "";
    }
    return place != null && settings.modules().list() == null
        ? place.prefix()
        : NamePrefix.of(nested.state(), request);
  }

  /** A full name as lists write it behind a prefix; one that does not stand there as it is. */
  private static String asListed(String name, String prefix) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  /** The eps that a graph shows, by names as lists write them. */
  private static Map<String, Double> shown(CompanionPlace place, String prefix) {
    Map<String, Double> shown = new HashMap<>();
    place
        .graph()
        .groups()
        .epsilons()
        .forEach((norm, epsilon) -> shown.put(asListed(place.prefix() + norm, prefix), epsilon));
    return shown;
  }

  /** Whether nothing names what is to be fused, and nothing in the file could be. */
  boolean hasNothing(StateCheckpoint checkpoint) {
    return (settings.modules().list() == null || settings.modules().isAutomatic())
        && (graph == null || graph.groups().groups().isEmpty())
        && hasNoNorm(checkpoint);
  }

  /** Whether the file has no BatchNorm at all, so that a list of many files may not mean it. */
  static boolean hasNoNorm(StateCheckpoint checkpoint) {
    return checkpoint.states().stream().noneMatch(it -> PairSuggestions.hasNorms(it.state()));
  }

  /**
   * The groups that the classes of a whole module show. One that cannot be fused is left out.
   *
   * @param leftOut takes those, with their reasons
   */
  private ListedState shown(
      StateCheckpoint checkpoint, NestedState nested, List<String> notes, List<Refusal> leftOut) {
    WholeModules.Neighbours neighbours =
        ModuleOutput.neighbours(checkpoint, nested, settings.fusion());
    if (neighbours.groups().isEmpty()) {
      throw ModuleListException.of(
          Reason.NOT_NAMED,
          "no BatchNorm follows a layer in a Sequential%s",
          neighbours.unknown().stream().map(". "::concat).collect(Collectors.joining()));
    }
    List<List<String>> groups =
        neighbours.groups().stream().map(WholeModules.NeighbourGroup::names).toList();
    ListedState state;
    try {
      state = listed(checkpoint, nested, ModuleList.of(groups), notes);
    } catch (ModuleListException e) {
      state = fitting(checkpoint, nested, groups, leftOut).orElseThrow(() -> e);
    }
    neighbours
        .unknown()
        .forEach(sentence -> notes.add("%s: %s".formatted(label(nested), sentence)));
    return state;
  }

  /** Those of the groups that can be fused; empty if none can. */
  private Optional<ListedState> fitting(
      StateCheckpoint checkpoint,
      NestedState nested,
      List<List<String>> groups,
      List<Refusal> leftOut) {
    List<List<String>> fitting = new ArrayList<>();
    List<Refusal> refused = new ArrayList<>();
    for (List<String> group : groups) {
      try {
        listed(checkpoint, nested, ModuleList.of(List.of(group)), new ArrayList<>());
        fitting.add(group);
      } catch (ModuleListException e) {
        if (e.refusals().stream().anyMatch(it -> it.reason() == Reason.OTHER_EPS)) {
          // An eps that contradicts the file is the request's fault, and not the group's.
          throw e;
        }
        e.refusals().forEach(refusal -> refused.add(alone(group, refusal)));
      }
    }
    if (fitting.isEmpty()) {
      return Optional.empty();
    }
    ListedState state = listed(checkpoint, nested, ModuleList.of(fitting), new ArrayList<>());
    leftOut.addAll(refused);
    return Optional.of(state);
  }

  /** The refusal of a group by its names, where the group stands in no list. */
  private static Refusal alone(List<String> group, Refusal refusal) {
    return new Refusal(
        refusal.rule(),
        refusal.scope(),
        group,
        refusal.reason(),
        NUMBER.matcher(refusal.message()).replaceFirst(""));
  }

  /** What the groups that a plan carries out of those rest on. */
  List<Assumption> premises(StateCheckpoint checkpoint, StatePlan states, FusionPlan plan) {
    List<Assumption> premises = new ArrayList<>();
    for (NestedState nested : checkpoint.states()) {
      List<FusedGroup> groups = states.groups(plan, label(nested));
      if (!groups.isEmpty()) {
        premises.addAll(
            ModuleOutput.premises(
                ModuleOutput.neighbours(checkpoint, nested, settings.fusion()), groups));
      }
    }
    return premises;
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
    throw notNamed(checkpoint);
  }

  private StateFusionRequest request(ModuleList modules, @Nullable CompanionPlace place) {
    ModuleRequest asked = settings.modules();
    Set<String> transposed =
        place == null
            ? Set.of()
            : place.graph().groups().transposed().stream()
                .map(name -> place.prefix() + name)
                .collect(Collectors.toSet());
    return StateFusionRequest.eval(
            place != null && asked.list() == null
                ? ModuleList.of(place.graph().groups().groups())
                : modules)
        .by(by(asked))
        .at(stage(asked))
        .on(
            asked.backend() == null
                ? DefaultQatConfig.FBGEMM
                : DefaultQatConfig.named(asked.backend().text()).orElseThrow())
        .with(epsilons(asked))
        .withTransposed(transposed);
  }

  private String by(ModuleRequest asked) {
    String list = asked.list();
    if (asked.isAutomatic()) {
      return "the order of Sequential";
    }
    return list == null
        ? (graph == null ? "prepare_qat" : "the graph")
        : list.startsWith(RECIPE) ? list : "the module list";
  }

  private StateStage stage(ModuleRequest asked) {
    return switch (settings.fusion()) {
      case EVAL -> StateStage.EVAL;
      case QAT -> asked.backend() == null ? StateStage.QAT : StateStage.PREPARED;
    };
  }

  private Epsilons epsilons(ModuleRequest asked) {
    String list = asked.list();
    Epsilons standard =
        list == null || !list.startsWith(RECIPE) ? Epsilons.DEFAULT : ofRecipe(list);
    return standard.asked(asked.epsilons(), "--eps");
  }

  private static Epsilons ofRecipe(String recipe) {
    OptionalDouble family = ModuleList.recipeEpsilon(recipe.substring(RECIPE.length()));
    return family.isPresent() ? Epsilons.of(family.getAsDouble(), recipe) : Epsilons.DEFAULT;
  }

  /** The names of the BatchNorms that are folded, as lists write them, and in full. */
  private static Set<String> everyName(ListedState listed) {
    Set<String> names = new HashSet<>(norms(listed));
    listed.listed().forEach(group -> group.norm().ifPresent(names::add));
    return names;
  }

  /** The names of the BatchNorms that are folded, as lists write them. */
  private static List<String> norms(ListedState listed) {
    return listed.listed().stream()
        .flatMap(group -> group.norm().stream())
        .map(norm -> norm.substring(listed.prefix().length()))
        .toList();
  }

  /** Refuses an eps that contradicts the file, and one that stands where it is not read. */
  private void checkEpsilons(
      ListedState listed, NestedState nested, Epsilons epsilons, Map<String, Double> graphs) {
    for (String norm : norms(listed)) {
      OptionalDouble own = listed.declaredEpsilon(listed.prefix() + norm);
      OptionalDouble asked = epsilons.asked(norm);
      if (own.isPresent() && asked.isPresent()) {
        requireSame(listed.prefix() + norm, own.getAsDouble(), asked.getAsDouble(), "--eps says");
      }
      Double shown = graphs.get(norm);
      if (own.isPresent() && shown != null) {
        requireSame(listed.prefix() + norm, own.getAsDouble(), shown, "the graph says");
      }
      String list = Objects.requireNonNullElse(settings.modules().list(), "");
      boolean isRecipe = list.startsWith(RECIPE);
      boolean isOpen = isRecipe && ModuleList.isRecipeEpsilonOpen(list.substring(RECIPE.length()));
      if (isOpen
          && settings.fusion() == FusionMode.EVAL
          && own.isEmpty()
          && asked.isEmpty()
          && shown == null) {
        throw ModuleListException.of(
            Reason.UNKNOWN_EPS,
            "the models of %s differ in eps, and their names do not tell that of '%s': give it with --eps, or name the model, or give a graph",
            list,
            norm);
      }
      if (nested.origin() == NestedState.Origin.SCRIPT
          && settings.fusion() == FusionMode.EVAL
          && own.isEmpty()
          && asked.isEmpty()
          && shown == null
          && !isRecipe) {
        throw ModuleListException.of(
            Reason.UNKNOWN_EPS,
            "the eps of '%s' stands in the code of this TorchScript archive, and not where it is surely read; give it with --eps, or give a graph",
            norm);
      }
    }
  }

  private static void requireSame(String norm, double own, double other, String whose) {
    if ((float) own != (float) other) {
      throw ModuleListException.of(
          Reason.OTHER_EPS,
          "the file says that eps of '%s' is %s, and %s %s",
          norm,
          own,
          whose,
          other);
    }
  }

  /** A glob that fits nothing is a slip of the pen. */
  private void requireFitting(Set<String> norms) throws RequestException {
    for (String glob : settings.modules().epsilons().keySet()) {
      if (norms.stream().noneMatch(norm -> Epsilons.fits(glob, norm)) && !glob.equals("*")) {
        throw new RequestException(
            "--eps %s: no BatchNorm that is folded has a name of this form".formatted(glob));
      }
    }
  }

  private ModuleListException notNamed(StateCheckpoint checkpoint) {
    boolean isGraphGiven = graph != null;
    boolean isModule =
        checkpoint.states().stream().allMatch(it -> it.origin() == NestedState.Origin.MODULE);
    return ModuleListException.of(
        Reason.NOT_NAMED,
        "%s: %s. %s: give a module list, a recipe or an ONNX graph with the same parameter names.%s%s",
        checkpoint.path(),
        isGraphGiven
            ? "no BatchNorm of the graph has parameters of these names"
            : "nothing names what is to be fused",
        isModule
            ? "What forward does between two modules stands in the model's code, which is not in the file"
            : "A state dict does not say what stands between two modules",
        isGraphGiven ? "" : automatic(checkpoint),
        // A graph shows the data flow: nothing is suggested against it.
        isGraphGiven
            ? ""
            : checkpoint.states().stream()
                .map(
                    nested ->
                        new SuggestedPairs(
                                checkpoint.path(),
                                nested,
                                groups -> refusal(checkpoint, nested, groups))
                            .text()
                            .stripLeading())
                // A command line ends with its line.
                .collect(Collectors.joining("\n", " ", "")));
  }

  /** Why a list of these groups would not be carried out; empty if it would, but for eps. */
  private Optional<String> refusal(
      StateCheckpoint checkpoint, NestedState nested, List<List<String>> groups) {
    try {
      requireUntrainedModules(checkpoint);
      listed(checkpoint, nested, ModuleList.of(groups), new ArrayList<>());
      return Optional.empty();
    } catch (ModuleListException e) {
      return e.refusals().stream().allMatch(it -> it.reason() == Reason.UNKNOWN_EPS)
          ? Optional.empty()
          : Optional.of(bare(e));
    }
  }

  private static String bare(ModuleListException e) {
    return e.refusals().stream()
        .map(refusal -> NUMBER.matcher(refusal.message()).replaceFirst(""))
        .findFirst()
        .orElseGet(() -> Objects.requireNonNullElse(e.getMessage(), ""));
  }

  /** What the Sequentials of whole modules show, and what of it can be fused. */
  private String automatic(StateCheckpoint checkpoint) {
    int shown = 0;
    int fitting = 0;
    Set<String> refused = new LinkedHashSet<>();
    for (NestedState nested : checkpoint.states()) {
      int groups =
          checkpoint
              .wholeModules()
              .filter(modules -> modules.has(nested.path()))
              .map(modules -> modules.neighbours(nested.path(), FusionMode.EVAL).groups().size())
              .orElse(0);
      if (groups == 0) {
        continue;
      }
      shown += groups;
      List<Refusal> leftOut = new ArrayList<>();
      try {
        requireUntrainedModules(checkpoint);
        fitting += shown(checkpoint, nested, new ArrayList<>(), leftOut).listed().size();
        leftOut.forEach(refusal -> refused.add(refusal.message()));
      } catch (ModuleListException e) {
        refused.add(bare(e));
      }
    }
    if (shown == 0) {
      return "";
    }
    String why = refused.stream().limit(MOST_LEFT_OUT).collect(Collectors.joining("; "));
    if (fitting == 0) {
      return " The order of its Sequentials shows %d of them, and none can be fused: %s."
          .formatted(shown, why);
    }
    return " The order of its Sequentials shows %d of them: --modules auto fuses %s."
        .formatted(
            shown,
            fitting == shown ? "these" : "%d, and leaves the rest: %s".formatted(fitting, why));
  }
}
