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

import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.state.Epsilons;
import dev.fusewright.core.state.ListedState;
import dev.fusewright.core.state.StateComparison;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.pipeline.report.RecordedReport;
import dev.fusewright.pipeline.report.ReportException;
import dev.fusewright.pipeline.settings.Mode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Proves anew what a report says was fused in state dicts. That the modules of a group are
 * neighbours, and which eps their BatchNorms have, is the report's word.
 */
final class RecordedStates {
  private static final String WORD = "the report";
  private static final String TRANSPOSED = "conv-transpose";

  private final StateCheckpoint original;
  private final RecordedReport report;

  private RecordedStates(StateCheckpoint original, RecordedReport report) {
    this.original = original;
    this.report = report;
  }

  /**
   * Proves the report's folds.
   *
   * @throws ReportException if the report is not about the original, or does not say enough
   */
  static Equivalence prove(
      StateCheckpoint original, StateCheckpoint candidate, RecordedReport report, long seed)
      throws ReportException {
    return new RecordedStates(original, report).prove(candidate, seed);
  }

  private Equivalence prove(StateCheckpoint candidate, long seed) throws ReportException {
    if (!report.mode().equals(Mode.EVAL.text())) {
      throw new ReportException(
          "the report is of mode '%s': certificates are those of inference"
              .formatted(report.mode()));
    }
    Map<String, StateDict> written = StateProof.written(original, candidate);
    StatePlan states = plan();
    Equivalence proven =
        StateProof.of(
                states,
                states.plan(),
                written,
                this::isFolded,
                List.of(),
                seed,
                Runtime.getRuntime().availableProcessors())
            .equivalence();
    Equivalence assuming = proven.assuming(assumptions(states));
    List<String> differences = leftAlone(written);
    if (differences.isEmpty()) {
      return assuming;
    }
    Map<Level, LevelVerdict> levels = new EnumMap<>(assuming.levels());
    levels.put(Level.SITE, LevelVerdict.different(differences.get(0)));
    return assuming.withLevels(levels);
  }

  private List<Assumption> assumptions(StatePlan states) {
    List<Assumption> assumptions =
        new ArrayList<>(states.assumptions(states.plan(), (label, group) -> false));
    report.changes().stream()
        .map(RecordedReport.Change::epsilon)
        .filter(Objects::nonNull)
        .collect(Collectors.groupingBy(epsilon -> epsilon, TreeMap::new, Collectors.counting()))
        .forEach(
            (epsilon, count) ->
                assumptions.add(
                    new Assumption(
                        Assumption.Kind.LISTED, Epsilons.sentence(count, epsilon), WORD)));
    return assumptions;
  }

  /** How state dicts that the report does not name differ from what they were. */
  private List<String> leftAlone(Map<String, StateDict> written) {
    List<String> differences = new ArrayList<>();
    for (NestedState nested : original.states()) {
      String label = StatePlanning.label(nested);
      StateDict found = written.get(label);
      if (changes(label).isEmpty() && found != null) {
        differences.addAll(StateComparison.differences(nested.state(), found, name -> false));
      }
    }
    return differences;
  }

  private List<RecordedReport.Change> changes(String label) {
    String scope = StateDictCandidates.scope(label);
    return report.changes().stream()
        .filter(change -> change.fusion().scope().equals(scope))
        .toList();
  }

  /** Whether a tensor is a folded parameter, which a certificate compares. */
  private boolean isFolded(String label, String name) {
    return changes(label).stream()
        .filter(change -> change.result() == Fusion.Result.FOLDED)
        .map(change -> change.fusion().nodes().get(0))
        .anyMatch(layer -> name.matches(Pattern.quote(layer) + StateDictCandidates.PARAMETER));
  }

  /** The plan of the report's groups, which must come to what the report says they came to. */
  private StatePlan plan() throws ReportException {
    Map<String, ListedState> listed = new LinkedHashMap<>();
    try {
      for (NestedState nested : original.states()) {
        List<RecordedReport.Change> changes = changes(StatePlanning.label(nested));
        if (!changes.isEmpty()) {
          listed.put(StatePlanning.label(nested), ListedState.of(nested.state(), request(changes)));
        }
      }
    } catch (ModuleListException e) {
      throw new ReportException("the original has not what the report names: " + e.getMessage());
    }
    StatePlan states = StatePlan.of(listed, List.of(), rules());
    List<String> found =
        states.plan().fusions().stream()
            .map(
                fusion ->
                    text(
                        StateDictCandidates.scope(states.label(fusion)),
                        fusion.nodes(),
                        fusion.result()))
            .toList();
    for (RecordedReport.Change change : report.changes()) {
      String recorded = text(change.fusion().scope(), change.fusion().nodes(), change.result());
      if (!found.contains(recorded)) {
        throw new ReportException(
            "the report names %s, which the original does not come to".formatted(recorded));
      }
    }
    return states;
  }

  private static String text(String scope, List<String> nodes, Fusion.Result result) {
    return "%s%s %s".formatted(scope.isEmpty() ? "" : scope + ": ", nodes, result.text());
  }

  private StateFusionRequest request(List<RecordedReport.Change> changes) throws ReportException {
    Map<String, Double> epsilons = new HashMap<>();
    Set<String> transposed = new HashSet<>();
    for (RecordedReport.Change change : changes) {
      List<String> nodes = change.fusion().nodes();
      if (change.result() == Fusion.Result.FOLDED && nodes.size() > 1) {
        Double epsilon = change.epsilon();
        if (epsilon == null) {
          throw new ReportException(
              "the report does not say which eps '%s' has, as those of version 5 on do; fuse it again"
                  .formatted(nodes.get(1)));
        }
        epsilons.put(nodes.get(1), epsilon);
      }
      if (change.fusion().rule().startsWith(TRANSPOSED)) {
        transposed.add(nodes.get(0));
      }
    }
    return StateFusionRequest.eval(
            ModuleList.of(changes.stream().map(change -> change.fusion().nodes()).toList()))
        .by(WORD)
        .with(Epsilons.of(Epsilons.DEFAULT.standard(), WORD).shown(epsilons))
        .withTransposed(transposed);
  }

  private RuleSet rules() throws ReportException {
    try {
      return Rules.named(report.rules());
    } catch (IllegalArgumentException e) {
      throw new ReportException("the report's rules: " + e.getMessage());
    }
  }
}
