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
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.pipeline.verification.Verifier;
import java.util.List;
import java.util.Map;

/**
 * A file of state dicts and a graph whose parameters have the same names. Only the parameters can
 * be held against each other: that the graph computes what the modules of the state dict do, no
 * file shows, and the verdict is at most as listed.
 */
final class MixedPair {
  private final ComparedModel first;
  private final ComparedModel second;
  private final JobContext context;

  MixedPair(ComparedModel first, ComparedModel second, JobContext context) {
    this.first = first;
    this.second = second;
    this.context = context;
  }

  Verifier.Finding compare() throws Exception {
    boolean isGraphSecond = first.format() instanceof StateFormat;
    Staged states = (isGraphSecond ? first : second).file();
    Staged graph = (isGraphSecond ? second : first).file();
    try (StateCheckpoint checkpoint = Formats.openStates(states.file());
        GraphCheckpoint model = Formats.openGraph(graph.file())) {
      NamedParameters parameters =
          isGraphSecond
              ? NamedParameters.mixed(checkpoint, model)
              : NamedParameters.mixed(model, checkpoint);
      NestedState nested = checkpoint.states().get(0);
      if (isGraphSecond) {
        context.report().checkpoint(checkpoint, checkpoint.extraEntries());
        context.report().after(model.graph());
        context.report().output(graph.source(), graph.sha256(), model.dataFiles());
      } else {
        context.report().model(model);
        context.report().after(List.of(nested.state()));
        context.report().output(states.source(), states.sha256(), checkpoint.dataFiles());
      }
      return context.clock().at(Stage.VERIFY, () -> compare(parameters));
    }
  }

  private Verifier.Finding compare(NamedParameters parameters) {
    ParameterDiff found = parameters.difference();
    return new Verifier.Finding(
        new Equivalence(
            Map.of(Level.SITE, verdict(found)),
            0,
            context.settings().seed(),
            List.of(),
            List.of(),
            List.of(
                new Assumption(
                    Assumption.Kind.LISTED,
                    "the graph computes with its parameters what the modules of the state dict do",
                    "the names of the parameters"))),
        null);
  }

  /** A name that has no counterpart says nothing of the parameter: an export may have folded it. */
  private static LevelVerdict verdict(ParameterDiff found) {
    if (!found.changed().isEmpty()) {
      return LevelVerdict.different(found.summary());
    }
    if (found.isSame() && !found.same().isEmpty()) {
      return LevelVerdict.equivalent(found.summary());
    }
    return LevelVerdict.inconclusive(
        InconclusiveReason.OTHER_STRUCTURE,
        "%s of the same name, and others have no counterpart by name: %s"
            .formatted(
                Amounts.count(found.same().size(), "tensor is the same", "tensors are the same"),
                found.summary()));
  }
}
