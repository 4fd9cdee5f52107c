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

import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.DeclaredModule;
import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.FusedGroup;
import dev.fusewright.core.state.ListedState;
import dev.fusewright.core.state.ModuleGroup;
import dev.fusewright.core.state.StateComparison;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WholeModules;
import dev.fusewright.io.format.WholeModules.FusedModule;
import dev.fusewright.io.format.WholeModules.NeighbourGroup;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.pipeline.settings.FuseSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The whole modules of a checkpoint that become whole modules again: which groups they bear, what
 * that rests on, and whether what was written has the classes that were planned.
 */
final class ModuleOutput {
  /** What PyTorch calls its containers of fused modules. */
  private static final Pattern CONTAINED = Pattern.compile(".*(Bn|ReLU).*");

  private static final String FILE = "the pickle";

  private final StateCheckpoint checkpoint;
  private final WholeModules modules;
  private final Optional<DefaultQatConfig> config;

  private ModuleOutput(
      StateCheckpoint checkpoint, WholeModules modules, Optional<DefaultQatConfig> config) {
    this.checkpoint = checkpoint;
    this.modules = modules;
    this.config = config;
  }

  /** That of a checkpoint; empty if it has no whole modules, or their parameters are wanted. */
  static Optional<ModuleOutput> of(StateCheckpoint checkpoint, FuseSettings settings) {
    return switch (settings.form()) {
      case MODULE ->
          checkpoint
              .wholeModules()
              .map(found -> new ModuleOutput(checkpoint, found, config(settings)));
      case STATE_DICT -> Optional.empty();
    };
  }

  private static Optional<DefaultQatConfig> config(FuseSettings settings) {
    return settings.fusion() == FusionMode.QAT
        ? Optional.ofNullable(settings.modules().backend())
            .flatMap(backend -> DefaultQatConfig.named(backend.text()))
        : Optional.empty();
  }

  /**
   * Refuses groups that a module does not bear, and state dicts beside whole modules.
   *
   * @throws ModuleListException for the first such group
   */
  void check(NestedState nested, ListedState listed, StateStage stage) {
    if (!modules.has(nested.path())) {
      throw ModuleListException.of(
          Reason.WHOLE_MODULE,
          "a state dict beside whole modules stays as it is; --as state-dict fuses it");
    }
    modules.check(nested.path(), listed.listed(), stage, listed.observed());
  }

  /** What data flow shows of a module. */
  static WholeModules.Neighbours neighbours(
      StateCheckpoint checkpoint, NestedState nested, FusionMode mode) {
    return checkpoint
        .wholeModules()
        .filter(modules -> modules.has(nested.path()))
        .map(modules -> modules.neighbours(nested.path(), mode))
        .orElseThrow(
            () ->
                ModuleListException.of(
                    Reason.NOT_NAMED,
                    "auto fuses what the classes of a whole module show, and this is a state dict, which has none: give a module list, a recipe or a graph"));
  }

  /** What was taken for granted so that a module can be written, beside what its groups say. */
  List<Assumption> assumptions(StatePlan states, FusionPlan plan) {
    Set<String> premises = new LinkedHashSet<>();
    for (NestedState nested : checkpoint.states()) {
      List<ModuleGroup> groups =
          groups(states, plan, nested).stream().map(FusedGroup::group).toList();
      if (!groups.isEmpty() && modules.has(nested.path())) {
        premises.addAll(modules.premises(nested.path(), groups));
      }
    }
    return listed(premises);
  }

  /** What was taken for granted so that parameters of whole modules can be folded. */
  static List<Assumption> foldPremises(
      StateCheckpoint checkpoint, StatePlan states, FusionPlan plan) {
    Set<String> premises = new LinkedHashSet<>();
    for (NestedState nested : checkpoint.states()) {
      List<ModuleGroup> folded =
          groups(states, plan, nested).stream()
              .filter(group -> group.fusion().result() == Fusion.Result.FOLDED)
              .map(FusedGroup::group)
              .toList();
      checkpoint
          .wholeModules()
          .filter(modules -> modules.has(nested.path()))
          .ifPresent(modules -> premises.addAll(modules.foldPremises(nested.path(), folded)));
    }
    return listed(premises);
  }

  private static List<Assumption> listed(Set<String> premises) {
    return premises.stream()
        .map(premise -> new Assumption(Assumption.Kind.LISTED, premise, FILE))
        .toList();
  }

  /** The premises of the groups that data flow shows, of those that a plan carries out. */
  static List<Assumption> premises(WholeModules.Neighbours neighbours, List<FusedGroup> groups) {
    Set<String> premises = new LinkedHashSet<>();
    for (FusedGroup group : groups) {
      neighbours.groups().stream()
          .filter(shown -> shown.names().equals(group.group().names()))
          .map(NeighbourGroup::premises)
          .forEach(premises::addAll);
    }
    return listed(premises);
  }

  /** The classes and functions that whoever loads the written file imports. */
  List<String> notes(StatePlan states, FusionPlan plan) {
    Set<String> names = new TreeSet<>(modules.names());
    for (Fusion fusion : plan.fusions()) {
      names.add("torch.nn.modules.linear.Identity");
      if (CONTAINED.matcher(fusion.module()).matches()) {
        names.add(FusedClasses.CONTAINERS + fusion.module());
      }
    }
    if (config.isPresent()) {
      names.addAll(FusedClasses.CONFIGURATION);
      for (NestedState nested : checkpoint.states()) {
        expected(states, plan, nested).values().stream()
            .map(DeclaredModule::type)
            .filter(type -> type.startsWith("torch."))
            .forEach(names::add);
      }
    }
    return List.of(
        "whoever loads the file imports names that torch.load(weights_only=True) does not take: "
            + String.join(", ", names));
  }

  /** What stands beside the modules: all of it stays. */
  List<ExtraEntry> beside() {
    Set<StatePath> states = new LinkedHashSet<>();
    checkpoint.states().forEach(nested -> states.add(nested.path()));
    return checkpoint.extraEntries().stream()
        .filter(entry -> !states.contains(entry.path()) && !entry.path().equals(StatePath.ROOT))
        .map(
            entry ->
                new ExtraEntry(entry.path(), entry.description(), ExtraEntry.Disposition.CARRIED))
        .toList();
  }

  private Map<String, DeclaredModule> expected(
      StatePlan states, FusionPlan plan, NestedState nested) {
    List<FusedGroup> groups = groups(states, plan, nested);
    StateDict planned = states.states(plan).get(StatePlanning.label(nested));
    return planned == null
        ? nested.state().modules()
        : new FusedClasses(nested.state().modules(), groups, planned, config).after();
  }

  private static List<FusedGroup> groups(StatePlan states, FusionPlan plan, NestedState nested) {
    return states.groups(plan, StatePlanning.label(nested));
  }

  WriteSummary write(StatePlan states, FusionPlan plan, Path target) throws IOException {
    Map<String, StateDict> planned = states.states(plan);
    Map<StatePath, FusedModule> fused = new LinkedHashMap<>();
    for (NestedState nested : checkpoint.states()) {
      StateDict state = planned.get(StatePlanning.label(nested));
      if (state != null && modules.has(nested.path())) {
        fused.put(nested.path(), new FusedModule(state, groups(states, plan, nested), config));
      }
    }
    return modules.write(fused, target);
  }

  /**
   * How the modules of a file that was written differ from what was planned, a sentence each: by
   * class, name, order and eps, and in a module that stays also by value.
   */
  List<String> differences(StatePlan states, FusionPlan plan, StateCheckpoint written) {
    List<String> differences = new ArrayList<>();
    Map<StatePath, StateDict> found = new HashMap<>();
    written.states().forEach(nested -> found.put(nested.path(), nested.state()));
    if (written.states().size() != checkpoint.states().size()) {
      differences.add("the file has other modules or state dicts than its source");
    }
    for (NestedState nested : checkpoint.states()) {
      StateDict state = found.get(nested.path());
      if (state == null) {
        differences.add("the file has nothing at %s".formatted(nested.path()));
        continue;
      }
      List<FusedGroup> groups = groups(states, plan, nested);
      List<Map.Entry<String, DeclaredModule>> expected =
          List.copyOf(expected(states, plan, nested).entrySet());
      if (!expected.equals(List.copyOf(state.modules().entrySet()))) {
        differences.add("the modules of %s are not those planned".formatted(nested.path()));
      }
      if (groups.isEmpty()) {
        differences.addAll(StateComparison.differences(nested.state(), state, name -> false));
      }
    }
    return differences;
  }
}
