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

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.state.StateComparison;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.pipeline.verification.SiteProof;
import dev.fusewright.pipeline.verification.Verifier;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * Proves the folds of state dicts as they were written, each by itself; and that nothing else was
 * written but what was planned.
 */
final class StateProof {
  private StateProof() {}

  /**
   * Judges what was written.
   *
   * @param written by label
   * @param isProvenOtherwise whether a tensor, by its label and name, is left to the certificates;
   *     every other must be bit for bit what was planned
   * @param otherDifferences that were found already, a sentence each
   * @param threads that take part
   */
  static Verifier.Finding of(
      StatePlan states,
      FusionPlan plan,
      Map<String, StateDict> written,
      BiPredicate<String, String> isProvenOtherwise,
      List<String> otherDifferences,
      long seed,
      int threads) {
    List<String> differences = new ArrayList<>(otherDifferences);
    states
        .states(plan)
        .forEach(
            (label, state) ->
                differences.addAll(
                    StateComparison.differences(
                        state,
                        written.getOrDefault(label, state),
                        name -> isProvenOtherwise.test(label, name))));
    boolean isFolded =
        plan.fusions().stream().anyMatch(fusion -> fusion.result() == Fusion.Result.FOLDED);
    Verifier.Finding found =
        isFolded
            ? SiteProof.of(plan, states.reread(plan, written), seed, threads)
            : new Verifier.Finding(unchanged(seed), null);
    if (differences.isEmpty()) {
      return found;
    }
    Map<Level, LevelVerdict> levels = new EnumMap<>(found.equivalence().levels());
    levels.put(Level.SITE, LevelVerdict.different(differences.get(0)));
    return new Verifier.Finding(found.equivalence().withLevels(levels), null, found.culprits());
  }

  private static Equivalence unchanged(long seed) {
    LevelVerdict same =
        LevelVerdict.equivalent("no value changed: every tensor is bit for bit the original's");
    return new Equivalence(
        Map.of(Level.CERTIFICATE, same, Level.SITE, same), 0, seed, List.of(), List.of());
  }

  /**
   * The state dicts of a file that was written, by the labels of those that they were made of: a
   * file with a single state dict may hold it elsewhere than its source did.
   */
  static Map<String, StateDict> written(StateCheckpoint source, StateCheckpoint file) {
    Map<String, StateDict> written = new LinkedHashMap<>();
    for (NestedState nested : source.states()) {
      written.put(
          StatePlanning.label(nested),
          file.states().stream()
              .filter(found -> found.path().equals(nested.path()))
              .findFirst()
              .orElse(file.states().get(0))
              .state());
    }
    return written;
  }
}
