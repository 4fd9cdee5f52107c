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

import dev.fusewright.core.diff.ParameterDiff;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.pipeline.settings.ModuleRequest;
import dev.fusewright.pipeline.verification.Verifier;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/**
 * Two files of state dicts, of whatever formats. They are the same where every tensor is, bit for
 * bit. With a list, recipe or companion graph the second is held against what the first becomes by
 * it: folded parameters by their certificates, everything else bit for bit.
 */
final class StatePair {
  private static final int NAMED = 3;

  private final Staged first;
  private final Staged second;
  private final JobContext context;

  StatePair(Staged first, Staged second, JobContext context) {
    this.first = first;
    this.second = second;
    this.context = context;
  }

  Verifier.Finding compare() throws Exception {
    ModuleRequest asked = context.settings().modules();
    if (asked.list() == null && asked.graph() == null) {
      return plain();
    }
    StateCheckpoint checkpoint = Formats.openStates(first.file());
    StateDictCandidates candidates;
    try {
      candidates = StateDictCandidates.of(checkpoint, context);
    } catch (Exception e) {
      checkpoint.close();
      throw e;
    }
    try (candidates) {
      FusionPlan plan = context.clock().at(Stage.PLAN, candidates::plan);
      candidates.report(plan);
      if (plan.changesModel()) {
        context.report().output(second.source(), second.sha256(), List.of());
        return context
            .clock()
            .at(Stage.VERIFY, () -> candidates.proveOfOthers(plan, second.file()));
      }
    }
    return plain();
  }

  private Verifier.Finding plain() throws Exception {
    return context.clock().at(Stage.VERIFY, this::tensors);
  }

  private Verifier.Finding tensors() {
    try (StateCheckpoint before = Formats.openStates(first.file());
        StateCheckpoint after = Formats.openStates(second.file())) {
      context.report().checkpoint(before, before.extraEntries());
      context.report().after(after.states().stream().map(NestedState::state).toList());
      context.report().output(second.source(), second.sha256(), after.dataFiles());
      ParameterDiff found = NamedParameters.ofStates(before, after).difference();
      LevelVerdict verdict =
          found.isSame()
              ? LevelVerdict.equivalent(found.summary() + notCompared(before, after))
              : LevelVerdict.different(found.summary());
      boolean isCode = isCode(before) || isCode(after);
      boolean sameBytes =
          first.sha256().equals(second.sha256())
              && before.dataFiles().isEmpty()
              && after.dataFiles().isEmpty();
      boolean isAll =
          sameBytes
              || (!isCode
                  && NamedParameters.opaque(before).isEmpty()
                  && NamedParameters.opaque(after).isEmpty());
      return new Verifier.Finding(
          new Equivalence(
              // What holds more than tensors is the same by them, and by somebody's word.
              Map.of(isAll ? Level.STRUCTURE : Level.SITE, verdict),
              0,
              context.settings().seed(),
              List.of(),
              List.of(),
              isAll ? List.of() : List.of(assumption(isCode))),
          null);
    }
  }

  private static Assumption assumption(boolean isCode) {
    return new Assumption(
        Assumption.Kind.LISTED,
        isCode
            ? "the modules compute the same with the same parameters"
            : "what is no tensor in the state dicts is the same",
        "whoever made the candidate");
  }

  /** Whole modules and scripts hold more than parameters. */
  private static boolean isCode(StateCheckpoint checkpoint) {
    return checkpoint.states().stream()
        .anyMatch(nested -> nested.origin() != NestedState.Origin.STATE_DICT);
  }

  private static String notCompared(StateCheckpoint before, StateCheckpoint after) {
    SortedSet<String> names = NamedParameters.opaque(before);
    names.addAll(NamedParameters.opaque(after));
    if (names.isEmpty()) {
      return "";
    }
    return "; not compared, since they are no plain tensors: "
        + String.join(", ", names.stream().limit(NAMED).toList())
        + (names.size() > NAMED ? ", and %d more".formatted(names.size() - NAMED) : "");
  }
}
