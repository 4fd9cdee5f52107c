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
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.state.ModuleGroup;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.DataFileNames;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.settings.Unnamed;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Candidates of a file of state dicts. It has no graph: what is fused is named by a list, a recipe
 * or a companion graph. Every fold is proven by itself, as in a graph, and with a companion graph
 * the whole model is run.
 *
 * <p>What was asked for is done as a whole or refused; what cannot be proven is dropped, as a
 * parameter that makes a fold unsound leaves its group out, and the rest is published.
 */
final class StateDictCandidates implements Candidates {
  /** A folded parameter of a layer, bare or inside of a container. */
  static final String PARAMETER = "\\.(0\\.)?(weight|bias)";

  /** Of files or ties in a note. */
  private static final int MOST_NAMED = 4;

  private final StateCheckpoint checkpoint;
  private final @Nullable Companion companion;
  private final JobContext context;
  private final @Nullable CompanionProof whole;
  private final Optional<ModuleOutput> modules;
  private @Nullable StatePlan states;
  private boolean unnamed;

  private StateDictCandidates(
      StateCheckpoint checkpoint, @Nullable Companion companion, JobContext context) {
    this.checkpoint = checkpoint;
    this.companion = companion;
    this.context = context;
    this.whole =
        companion == null || !context.settings().proof().checksModel()
            ? null
            : new CompanionProof(context, companion, checkpoint);
    this.modules = ModuleOutput.of(checkpoint, context.settings());
    context.report().checkpoint(checkpoint, beside());
  }

  private List<ExtraEntry> beside() {
    return modules.map(ModuleOutput::beside).orElseGet(checkpoint::extraEntries);
  }

  /** Opens the companion graph, where there is one. */
  static StateDictCandidates of(StateCheckpoint checkpoint, JobContext context) throws Exception {
    Location graph = context.settings().modules().graph();
    Companion companion =
        graph == null ? null : context.clock().at(Stage.READ, () -> Companion.open(graph, context));
    return new StateDictCandidates(checkpoint, companion, context);
  }

  @Override
  public FusionPlan plan() throws RequestException {
    StatePlanning planning = planning();
    if (planning.hasNothing(checkpoint)) {
      return nothing(List.of());
    }
    try {
      StatePlan planned = planning.plan(checkpoint);
      states = planned;
      return planned.plan();
    } catch (ModuleListException e) {
      if (context.request().naming() == FuseRequest.Naming.RUN
          && StatePlanning.hasNoNorm(checkpoint)) {
        // The run's list is for models with BatchNorms; an entry's own list means its file.
        return nothing(List.of());
      }
      boolean isUnnamed = e.refusals().stream().anyMatch(it -> it.reason() == Reason.NOT_NAMED);
      if (!isUnnamed || context.settings().unnamed() == Unnamed.FAIL) {
        throw e;
      }
      return nothing(e.refusals());
    }
  }

  /** A plan of nothing. */
  private FusionPlan nothing(List<Refusal> refusals) {
    StatePlan planned = StatePlan.of(Map.of(), List.of(), Rules.torch());
    states = planned;
    unnamed = !refusals.isEmpty();
    return new FusionPlan(planned.plan().original(), List.of(), refusals, List.of());
  }

  @Override
  public FuseSettings.Unfused unfused() {
    return unnamed && context.settings().unnamed() == Unnamed.SKIP
        ? FuseSettings.Unfused.OMIT
        : context.settings().unfused();
  }

  private StatePlan states() {
    StatePlan planned = states;
    if (planned == null) {
      throw new IllegalStateException("nothing is planned yet");
    }
    return planned;
  }

  @Override
  public void report(FusionPlan plan) {
    context
        .report()
        .plan(plan, fusion -> scope(states().label(fusion)), fusion -> states().epsilon(fusion));
    context.report().notes(notes(plan));
    Map<String, StateDict> edited = states().states(plan);
    context
        .report()
        .after(
            checkpoint.states().stream()
                .map(nested -> edited.getOrDefault(StatePlanning.label(nested), nested.state()))
                .toList());
  }

  /** What a report calls the scope of a state dict. */
  static String scope(String label) {
    return label.equals(StatePath.ROOT.toString()) ? "" : label;
  }

  @Override
  public void prepare(FusionPlan plan) {}

  @Override
  public long computedBytes(FusionPlan plan) {
    ComputedBytes bytes = new ComputedBytes();
    states().states(plan).values().forEach(state -> state.tensors().values().forEach(bytes::add));
    return bytes.total();
  }

  @Override
  public WriteSummary write(FusionPlan plan, Path target) throws IOException {
    WriteSummary written =
        modules.isPresent()
            ? modules.get().write(states(), plan, target)
            : writeStates(plan, target);
    context.report().written(beside(), written);
    context.report().notes(notes(plan, written));
    return written;
  }

  private WriteSummary writeStates(FusionPlan plan, Path target) throws IOException {
    Map<String, StateDict> edited = states().states(plan);
    Map<StatePath, StateDict> byPath = new LinkedHashMap<>();
    for (NestedState nested : checkpoint.states()) {
      StateDict state = edited.get(StatePlanning.label(nested));
      if (state != null) {
        byPath.put(nested.path(), state);
      }
    }
    return checkpoint.write(byPath, target, changedFiles());
  }

  /** What was put up with, what the plan says, and what the written file will import. */
  private List<String> notes(FusionPlan plan) {
    List<String> notes = new ArrayList<>(checkpoint.remarks());
    notes.addAll(states().notes());
    notes.addAll(untied(plan));
    if (!plan.fusions().isEmpty()) {
      modules.ifPresent(output -> notes.addAll(output.notes(states(), plan)));
    }
    return notes;
  }

  /** The entries that lie in the memory of folded parameters, and will not any more. */
  private List<String> untied(FusionPlan plan) {
    Map<StatePath, Set<String>> folded = new LinkedHashMap<>();
    for (NestedState nested : checkpoint.states()) {
      plan.fusions().stream()
          .filter(fusion -> fusion.result() == Fusion.Result.FOLDED)
          .filter(fusion -> states().label(fusion).equals(StatePlanning.label(nested)))
          .map(fusion -> fusion.nodes().get(0))
          .forEach(
              layer ->
                  folded
                      .computeIfAbsent(nested.path(), path -> new HashSet<>())
                      .addAll(List.of(layer + ".weight", layer + ".bias")));
    }
    List<String> notes = new ArrayList<>();
    folded.forEach(
        (path, names) -> {
          List<String> ties =
              checkpoint.ties(path, names).stream()
                  .filter(tie -> isWorthSaying(path, tie, folded))
                  .map(tie -> text(path, tie))
                  .toList();
          if (!ties.isEmpty()) {
            notes.add(
                "%s: folded parameters that shared their memory with others are tied to them no more, as after fuse_modules: %s"
                    .formatted(path, first(ties)));
          }
        });
    return notes;
  }

  private static String first(List<String> all) {
    int shown = Math.min(all.size(), MOST_NAMED);
    return String.join(", ", all.subList(0, shown))
        + (shown < all.size() ? ", and %d more".formatted(all.size() - shown) : "");
  }

  /** Not twice, and not where another state dict has the same parameter, folded alike. */
  private static boolean isWorthSaying(
      StatePath path, StateCheckpoint.Tie tie, Map<StatePath, Set<String>> folded) {
    boolean isFolded = folded.getOrDefault(tie.other(), Set.of()).contains(tie.otherName());
    return !isFolded
        || (tie.other().equals(path) && tie.name().compareTo(tie.otherName()) < 0)
        || (!tie.other().equals(path) && !tie.name().equals(tie.otherName()));
  }

  private static String text(StatePath path, StateCheckpoint.Tie tie) {
    return "'%s' with '%s'%s"
        .formatted(
            tie.name(), tie.otherName(), tie.other().equals(path) ? "" : " of " + tie.other());
  }

  /** The same, and which files are left over where the source itself is replaced. */
  private List<String> notes(FusionPlan plan, WriteSummary written) {
    List<String> notes = notes(plan);
    if (context.request().placement() == FuseRequest.Placement.IN_PLACE) {
      List<String> left = new ArrayList<>(checkpoint.dataFiles());
      written.dataFiles().forEach(file -> left.remove(String.valueOf(file.getFileName())));
      if (!left.isEmpty()) {
        notes.add("left where they were, and not named any more: " + first(left));
      }
    }
    return notes;
  }

  /** Nothing that lies beside the source is written over, until what names it is. */
  private DataFileNames changedFiles() throws IOException {
    return context.request().isPublishedBesideItsSource() ? DataFileNames.NEW : DataFileNames.KEPT;
  }

  @Override
  public Verifier.Finding prove(FusionPlan plan, Path candidate)
      throws IOException, RequestException {
    return prove(plan, candidate, (label, name) -> false);
  }

  /**
   * Judges what somebody else wrote: it need not have rounded as this program does, so that folded
   * parameters are left to their certificates.
   */
  Verifier.Finding proveOfOthers(FusionPlan plan, Path candidate)
      throws IOException, RequestException {
    return prove(plan, candidate, (label, name) -> isFolded(plan, label, name));
  }

  private boolean isFolded(FusionPlan plan, String label, String name) {
    return plan.fusions().stream()
        .filter(fusion -> fusion.result() == Fusion.Result.FOLDED)
        .filter(fusion -> states().label(fusion).equals(label))
        .anyMatch(fusion -> name.matches(Pattern.quote(fusion.nodes().get(0)) + PARAMETER));
  }

  private Verifier.Finding prove(
      FusionPlan plan, Path candidate, BiPredicate<String, String> isProvenOtherwise)
      throws IOException, RequestException {
    if (context.settings().proof() == VerifyLevel.NONE) {
      return new Verifier.Finding(Equivalence.notChecked("--verify none"), null);
    }
    try (StateCheckpoint file = Formats.openStates(candidate)) {
      Map<String, StateDict> written = StateProof.written(checkpoint, file);
      Verifier.Finding sites =
          StateProof.of(
              states(),
              plan,
              written,
              isProvenOtherwise,
              modules.map(it -> it.differences(states(), plan, file)).orElse(List.of()),
              context.settings().seed(),
              context.flow().proof().threads());
      boolean isProven =
          sites.culprits().isEmpty()
              && LevelVerdict.areProof(
                  sites.equivalence().level(Level.CERTIFICATE),
                  sites.equivalence().level(Level.SITE));
      Verifier.Finding ran =
          whole == null || !isProven
              ? new Verifier.Finding(Equivalence.notChecked(notRun()), null)
              : whole.check(states(), plan, written);
      return together(plan, sites, ran);
    }
  }

  @Override
  public void keepRepros(FusionPlan plan, Path written, Set<Integer> culprits, Repros.Keeper keeper)
      throws IOException {
    try (StateCheckpoint file = Formats.openStates(written)) {
      keeper.keep(
          FusionProof.repros(
              plan,
              states().reread(plan, StateProof.written(checkpoint, file)),
              culprits,
              context.settings().seed()));
    }
  }

  private String notRun() {
    if (whole != null) {
      return "a fold is not proven by itself";
    }
    return companion == null ? "a state dict has no graph that could be run" : "not asked for";
  }

  private Verifier.Finding together(FusionPlan plan, Verifier.Finding sites, Verifier.Finding ran) {
    Map<Level, LevelVerdict> levels = new EnumMap<>(sites.equivalence().levels());
    levels.put(Level.MODEL, ran.equivalence().level(Level.MODEL));
    Equivalence equivalence =
        new Equivalence(
            levels,
            ran.equivalence().samples(),
            context.settings().seed(),
            ran.equivalence().outputs(),
            sites.equivalence().sites(),
            assumptions(plan));
    return new Verifier.Finding(equivalence, ran.runner(), sites.culprits());
  }

  private List<Assumption> assumptions(FusionPlan plan) {
    boolean isAutomatic = context.settings().modules().isAutomatic();
    List<Assumption> assumptions =
        new ArrayList<>(
            states()
                .assumptions(
                    plan,
                    (label, group) ->
                        isAutomatic
                            || (companion != null && isShown(companion.graph(), label, group))));
    if (isAutomatic) {
      assumptions.addAll(planning().premises(checkpoint, states(), plan));
    }
    List<Assumption> more = new ArrayList<>(premises(plan));
    if (companion != null) {
      more.addAll(companion.premises());
    }
    for (Assumption premise : more) {
      if (!assumptions.contains(premise)) {
        assumptions.add(premise);
      }
    }
    return assumptions;
  }

  /** What whole modules, or the parameters that are written of them, take for granted. */
  private List<Assumption> premises(FusionPlan plan) {
    return modules
        .map(output -> output.assumptions(states(), plan))
        .orElseGet(() -> ModuleOutput.foldPremises(checkpoint, states(), plan));
  }

  private StatePlanning planning() {
    return new StatePlanning(context, companion == null ? null : companion.graph());
  }

  private boolean isShown(CompanionGraph graph, String label, ModuleGroup group) {
    return checkpoint.states().stream()
        .filter(nested -> StatePlanning.label(nested).equals(label))
        .map(nested -> CompanionPlace.of(graph, nested.state(), label))
        .anyMatch(place -> place.graph().shows(group, place.prefix()));
  }

  /** Observers are written with infinite ranges, which no fold makes. */
  @Override
  public Set<Integer> makers(FusionPlan plan, List<RewrittenTensor> written) {
    Set<Integer> ids = new HashSet<>();
    for (Fusion fusion : plan.fusions()) {
      String layer = fusion.nodes().get(0);
      boolean isMade =
          written.stream()
              .filter(tensor -> tensor.scope().equals(states().label(fusion)))
              .anyMatch(tensor -> tensor.name().matches(Pattern.quote(layer) + PARAMETER));
      if (isMade && fusion.result() == Fusion.Result.FOLDED) {
        ids.add(fusion.id());
      }
    }
    return ids;
  }

  @Override
  public FusionPlan without(FusionPlan plan, Set<Integer> fusions) {
    return plan.without(states().together(plan, fusions));
  }

  @Override
  public FusionPlan refusing(FusionPlan plan, Set<Integer> fusions, Reason reason) {
    return plan.refusing(states().together(plan, fusions), reason);
  }

  @Override
  public boolean isDivisible() {
    return true;
  }

  @Override
  public List<String> dataFiles() {
    return checkpoint.dataFiles();
  }

  @Override
  public void close() {
    try (checkpoint) {
      if (companion != null) {
        companion.close();
      }
    }
  }
}
