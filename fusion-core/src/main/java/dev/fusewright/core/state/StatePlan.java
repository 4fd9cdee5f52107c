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
package dev.fusewright.core.state;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.Assumption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the state dicts of a file: a plan over a small graph of their groups, made by the
 * same rules as any graph's, and where its parameters stand in the state dicts, before and after.
 *
 * <p>Keys, order and versions are exactly those of PyTorch's fused model, so that {@code
 * load_state_dict(strict=True)} takes the result. A parameter that makes a fold unsound leaves its
 * own group as it was, with a refusal, and with it the groups that share a module with it: of a
 * BatchNorm behind two layers, both keep it or none does.
 */
public final class StatePlan {
  /**
   * A group, and its nodes where it is folded.
   *
   * @param part index of its state dict
   */
  private record Member(int part, StateGroup group, StateGraph.@Nullable Chain chain) {}

  private final List<String> labels;
  private final List<ListedState> parts;
  private final List<String> left;
  private final List<Refusal> refused;
  private final StateGraph graph = new StateGraph();
  private final List<Member> members = new ArrayList<>();
  private final Map<Integer, Member> byFusion = new HashMap<>();
  private final FusionPlan plan;

  private StatePlan(
      Map<String, ListedState> states, List<String> left, List<Refusal> refused, RuleSet rules) {
    this.left = List.copyOf(left);
    this.refused = List.copyOf(refused);
    this.labels = List.copyOf(states.keySet());
    this.parts = List.copyOf(states.values());
    for (int part = 0; part < parts.size(); part++) {
      for (StateGroup group : parts.get(part).groups()) {
        members.add(new Member(part, group, chain(part, group)));
      }
    }
    this.plan = plan(new FusionEngine(rules).plan(graph.model()), rules);
  }

  /**
   * Plans what lists name in the state dicts of one file.
   *
   * @param states by a label that tells them apart, in the order of the file
   * @param left notes on state dicts that stay as they are
   * @param rules that fold
   */
  public static StatePlan of(Map<String, ListedState> states, List<String> left, RuleSet rules) {
    return of(states, left, List.of(), rules);
  }

  /**
   * The same, of groups some of which were refused before and are in no list.
   *
   * @param refused which those were, and why
   */
  public static StatePlan of(
      Map<String, ListedState> states, List<String> left, List<Refusal> refused, RuleSet rules) {
    return new StatePlan(new LinkedHashMap<>(states), left, refused, rules);
  }

  /**
   * Plans what a list names in a single state dict, with PyTorch's rules.
   *
   * @throws ModuleListException if the list cannot be carried out
   */
  public static StatePlan of(StateDict state, StateFusionRequest request) {
    return of(Map.of("", ListedState.of(state, request)), List.of(), Rules.torch());
  }

  private StateGraph.@Nullable Chain chain(int part, StateGroup group) {
    StateFusionRequest request = parts.get(part).request();
    if (request.stage() != StateStage.EVAL || group.shape().isEmpty()) {
      return null;
    }
    String norm = request.withoutPrefix(group.norm().orElseThrow().name());
    return graph.add(prefix(part), group, group.shape().get(), request.epsilons().of(norm));
  }

  /** Before the names of a state dict's nodes and parameters in the graph. */
  private String prefix(int part) {
    return labels.size() == 1 ? "" : labels.get(part) + ": ";
  }

  // ------------------------------------------------------------------------------- the plan

  private FusionPlan plan(FusionPlan folds, RuleSet rules) {
    Map<Integer, Fusion> byNorm = new HashMap<>();
    folds.fusions().stream()
        .filter(fusion -> fusion.result() == Fusion.Result.FOLDED)
        .forEach(fusion -> fusion.nodeIds().forEach(id -> byNorm.put(id, fusion)));
    List<Refusal> refusals = new ArrayList<>(refused);
    Set<Member> left = new HashSet<>();
    for (Member member : members) {
      if (member.chain() != null && !byNorm.containsKey(member.chain().norm())) {
        left.add(member);
        refusals.addAll(refusals(member, folds.refusals(), rules));
      }
    }
    for (Member next = sharing(left); next != null; next = sharing(left)) {
      refusals.add(shared(next, left));
      left.add(next);
    }
    List<Fusion> fusions = new ArrayList<>();
    for (Member member : members) {
      if (!left.contains(member)) {
        byFusion.put(fusions.size(), member);
        Fusion fold = member.chain() == null ? null : byNorm.get(member.chain().norm());
        fusions.add(
            fold == null
                ? renamed(fusions.size(), member.group())
                : folded(fusions.size(), member.group(), fold));
      }
    }
    return new FusionPlan(folds.original(), fusions, refusals, List.of());
  }

  /** What the rules said of a group's nodes, in the group's own names. */
  private List<Refusal> refusals(Member member, List<Refusal> all, RuleSet rules) {
    List<String> names = member.group().names().subList(0, 2);
    List<String> labelled = names.stream().map(name -> prefix(member.part()) + name).toList();
    List<Refusal> own =
        all.stream()
            .filter(refusal -> refusal.nodes().containsAll(labelled))
            .map(refusal -> refusal(refusal.rule(), names, refusal.reason(), refusal.message()))
            .toList();
    return own.isEmpty()
        ? List.of(
            refusal(
                ModuleListException.RULE,
                names,
                Reason.NOT_FUSABLE_SEQUENCE,
                "no rule of the set '%s' folds (%s)"
                    .formatted(rules.name(), String.join(", ", member.group().listed().types()))))
        : own;
  }

  private static Refusal refusal(String rule, List<String> names, Reason reason, String message) {
    return new Refusal(rule, ScopePath.MAIN, names, reason, message);
  }

  /** A group that is not left yet, and shares a module with one that is. */
  private @Nullable Member sharing(Set<Member> left) {
    return members.stream()
        .filter(member -> !left.contains(member) && neighbour(member, left).isPresent())
        .findFirst()
        .orElse(null);
  }

  private Optional<Member> neighbour(Member member, Set<Member> left) {
    return members.stream()
        .filter(left::contains)
        .filter(other -> other.part() == member.part())
        .filter(other -> other.group().names().stream().anyMatch(member.group().names()::contains))
        .findFirst();
  }

  private Refusal shared(Member member, Set<Member> left) {
    StateGroup neighbour = neighbour(member, left).orElseThrow().group();
    List<String> names = member.group().names();
    String module = names.stream().filter(neighbour.names()::contains).findFirst().orElseThrow();
    return refusal(
        ModuleListException.RULE,
        names,
        Reason.SHARED_MODULE,
        "'%s' also stands in [%s], which stays as it is"
            .formatted(module, String.join(", ", neighbour.names())));
  }

  private static Fusion renamed(int id, StateGroup group) {
    return new Fusion(
        id,
        ModuleListException.RULE,
        group.module(),
        ScopePath.MAIN,
        group.names(),
        List.of(),
        "",
        Fusion.Result.RENAMED,
        List.of(),
        Set.of(),
        group.taken());
  }

  private static Fusion folded(int id, StateGroup group, Fusion fold) {
    List<String> notes = new ArrayList<>(group.taken());
    notes.addAll(fold.notes());
    return new Fusion(
        id,
        fold.rule(),
        group.module(),
        fold.scope(),
        group.names(),
        fold.nodeIds(),
        fold.output(),
        fold.result(),
        fold.edits(),
        fold.touched(),
        notes);
  }

  /** Everything that can be carried out, over the graph of the groups. */
  public FusionPlan plan() {
    return plan;
  }

  /**
   * These fusions of a plan of this one's and those that share a module with them: they stand or
   * fall together.
   */
  public Set<Integer> together(FusionPlan current, Set<Integer> ids) {
    Set<Member> left = new HashSet<>();
    ids.forEach(id -> left.add(member(id)));
    for (Member next = sharing(left); next != null; next = sharing(left)) {
      left.add(next);
    }
    Set<Integer> all = new HashSet<>();
    current.fusions().stream()
        .map(Fusion::id)
        .filter(id -> left.contains(member(id)))
        .forEach(all::add);
    return all;
  }

  private Member member(int fusion) {
    Member member = byFusion.get(fusion);
    if (member == null) {
      throw new IllegalArgumentException("no fusion of this plan has the id " + fusion);
    }
    return member;
  }

  // ----------------------------------------------------------------------- the state dicts

  /** The label of the state dict that a fusion is in. */
  public String label(Fusion fusion) {
    return labels.get(member(fusion.id()).part());
  }

  /** The eps with which a fusion folds a BatchNorm; null if it folds none. */
  public @Nullable Double epsilon(Fusion fusion) {
    Member member = member(fusion.id());
    StateFusionRequest request = parts.get(member.part()).request();
    return member.chain() == null
        ? null
        : member
            .group()
            .norm()
            .map(norm -> request.epsilons().of(request.withoutPrefix(norm.name())))
            .orElse(null);
  }

  /** What a plan of this one's makes of a state dict's modules, in the order of the list. */
  public List<FusedGroup> groups(FusionPlan carriedOut, String label) {
    return carriedOut.fusions().stream()
        .filter(fusion -> label(fusion).equals(label))
        .map(fusion -> new FusedGroup(fusion, member(fusion.id()).group().listed()))
        .toList();
  }

  /** The state dicts as a plan of this one's leaves them, their weights still lazy, by label. */
  public Map<String, StateDict> states(FusionPlan carriedOut) {
    ModelGraph applied = carriedOut.apply();
    Map<String, StateDict> states = new LinkedHashMap<>();
    for (int part = 0; part < parts.size(); part++) {
      StateModules laidOut = layout(part, carriedOut, applied).laidOut();
      states.put(labels.get(part), laidOut.stateDict(parts.get(part).versions()));
    }
    return states;
  }

  /** Which state dicts were left as they are. */
  public List<String> notes() {
    return left;
  }

  private StateLayout layout(int part, FusionPlan carriedOut, ModelGraph applied) {
    Map<String, Tensor> tensors = new HashMap<>();
    applied.graph().initializers().forEach(it -> tensors.put(it.name(), it.tensor()));
    Map<Integer, Node> nodes = new HashMap<>();
    applied.graph().nodes().forEach(node -> nodes.put(node.id(), node));
    Map<String, Container> containers = new LinkedHashMap<>();
    Set<String> identities = new HashSet<>();
    for (Fusion fusion : carriedOut.fusions()) {
      Member member = member(fusion.id());
      if (member.part() == part) {
        StateGroup group = member.group();
        String name = group.first().name();
        Container before = containers.get(name);
        containers.put(
            name,
            member.chain() == null
                ? new Container(
                    before == null ? group.first() : before.layer(),
                    group.norm(),
                    group.listed().activation())
                : new Container(
                    folded(group.first(), nodes.get(member.chain().layer()), tensors),
                    Optional.empty(),
                    group.listed().activation()));
        identities.addAll(group.names().subList(1, group.names().size()));
      }
    }
    ListedState listed = parts.get(part);
    return new StateLayout(
        listed.modules(), containers, identities, listed.request(), listed.lone().byName());
  }

  private static StateModule folded(
      StateModule layer, @Nullable Node node, Map<String, Tensor> tensors) {
    if (node == null) {
      throw new IllegalStateException("the fold of '" + layer.name() + "' removed its layer");
    }
    Map<String, StateEntry> entries = new LinkedHashMap<>(layer.entries());
    StateEntry extra = entries.remove(StateModule.EXTRA);
    entries.put("weight", parameter(node, 1, tensors));
    entries.put("bias", parameter(node, 2, tensors));
    if (extra != null) {
      entries.put(StateModule.EXTRA, extra);
    }
    return new StateModule(layer.name(), layer.version(), entries);
  }

  private static StateEntry parameter(Node node, int input, Map<String, Tensor> tensors) {
    Tensor tensor = tensors.get(node.input(input));
    if (tensor == null) {
      throw new IllegalStateException(
          "the folded '%s' has no constant operand %d".formatted(node.label(), input));
    }
    return new StateEntry.Parameter(tensor);
  }

  /**
   * The graph as a plan of this one's leaves it, with the parameters that written state dicts have
   * in the places where PyTorch looks for them.
   *
   * @param written by label
   */
  public ModelGraph reread(FusionPlan carriedOut, Map<String, StateDict> written) {
    ModelGraph applied = carriedOut.apply();
    Map<String, Tensor> found = new HashMap<>();
    for (int part = 0; part < parts.size(); part++) {
      StateDict state = written.get(labels.get(part));
      if (state != null) {
        collect(part, carriedOut, applied, state, found);
      }
    }
    List<Initializer> initializers =
        applied.graph().initializers().stream()
            .map(it -> new Initializer(it.name(), found.getOrDefault(it.name(), it.tensor())))
            .toList();
    return applied.withGraph(applied.graph().withInitializers(initializers));
  }

  private void collect(
      int part,
      FusionPlan carriedOut,
      ModelGraph applied,
      StateDict state,
      Map<String, Tensor> found) {
    Set<String> inside = new HashSet<>();
    for (FusedGroup group : groups(carriedOut, labels.get(part))) {
      group.group().activation().ifPresent(activation -> inside.add(group.group().first()));
    }
    Map<Integer, Node> nodes = new HashMap<>();
    applied.graph().nodes().forEach(node -> nodes.put(node.id(), node));
    for (Member member : members) {
      Node layer = member.chain() == null ? null : nodes.get(member.chain().layer());
      if (member.part() == part && layer != null) {
        String name = member.group().first().name();
        String key = inside.contains(name) ? name + ".0" : name;
        put(state, key + ".weight", layer.input(1), found);
        put(state, key + ".bias", layer.input(2), found);
      }
    }
    graph
        .parameters()
        .forEach(
            (initializer, parameter) -> {
              if (initializer.startsWith(prefix(part))) {
                String key = parameter.module() + "." + parameter.local();
                state.tensor(key).ifPresent(tensor -> found.putIfAbsent(initializer, tensor));
              }
            });
  }

  private static void put(
      StateDict state, String key, String initializer, Map<String, Tensor> found) {
    state.tensor(key).ifPresent(tensor -> found.put(initializer, tensor));
  }

  // ------------------------------------------------------------------------ what it rests on

  /**
   * What a plan of this one's rests on and no file shows: that modules are neighbours, which are
   * activations, which eps their BatchNorms have.
   *
   * @param isShown whether a companion graph shows the data flow of a group, by its label and names
   */
  public List<Assumption> assumptions(
      FusionPlan carriedOut, BiPredicate<String, ModuleGroup> isShown) {
    List<Assumption> assumptions = new ArrayList<>();
    Map<String, Map<Double, Integer>> epsilons = new TreeMap<>();
    Map<String, Map<String, List<String>>> convolutions = new TreeMap<>();
    for (Fusion fusion : carriedOut.fusions()) {
      Member member = member(fusion.id());
      StateFusionRequest request = parts.get(member.part()).request();
      ModuleGroup group = member.group().listed();
      List<String> names = group.names();
      if (!isShown.test(labels.get(member.part()), group)) {
        boolean isInside = parts.get(member.part()).isNormInside(group.first());
        for (int i = isInside && group.norm().isPresent() ? 2 : 1; i < names.size(); i++) {
          String before = names.get(i - 1);
          String skipped =
              ModuleWords.skipped(before, names.get(i))
                  .map(", and '%s' between them changes nothing"::formatted)
                  .orElse("");
          assumptions.add(
              listed(
                  "'%s' alone follows '%s'%s".formatted(names.get(i), before, skipped),
                  request.by()));
        }
        member.group().taken().forEach(taken -> assumptions.add(listed(taken, request.by())));
        if (member.group().mayBeTransposed()) {
          convolutions
              .computeIfAbsent(request.by(), by -> new TreeMap<>())
              .computeIfAbsent(group.types().get(0), type -> new ArrayList<>())
              .add("'" + names.get(0) + "'");
        }
      }
      group
          .norm()
          .map(request::withoutPrefix)
          .filter(norm -> member.chain() != null && !request.epsilons().isShown(norm))
          .ifPresent(
              norm ->
                  epsilons
                      .computeIfAbsent(request.epsilons().by(norm), by -> new TreeMap<>())
                      .merge(request.epsilons().of(norm), 1, Integer::sum));
    }
    for (ListedState part : parts) {
      part.lone().taken().forEach(taken -> assumptions.add(listed(taken, part.request().by())));
    }
    convolutions.forEach(
        (by, types) ->
            types.forEach(
                (type, layers) ->
                    assumptions.add(
                        listed(
                            "%s %s %s%s and no %s, whose weight could have the same shape"
                                .formatted(
                                    String.join(", ", layers),
                                    layers.size() == 1 ? "is a" : "are",
                                    type,
                                    layers.size() == 1 ? "" : " each",
                                    type.replace("Conv", "ConvTranspose")),
                            by))));
    epsilons.forEach(
        (by, counts) ->
            counts.forEach(
                (epsilon, count) ->
                    assumptions.add(listed(Epsilons.sentence(count, epsilon), by))));
    return assumptions;
  }

  private static Assumption listed(String what, String by) {
    return new Assumption(Assumption.Kind.LISTED, what, by);
  }
}
