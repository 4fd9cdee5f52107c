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
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.state.FusedGroup;
import dev.fusewright.core.state.ModuleGroup;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.ModelComparison;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.verification.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Proves the whole model of a state dict, where a companion graph says what it is: the graph with
 * the checkpoint's parameters against the graph as fusing changes it, with the parameters that the
 * written file has.
 */
final class CompanionProof {
  private final JobContext context;
  private final Companion companion;
  private final StateCheckpoint checkpoint;
  private @Nullable List<Map<String, Tensor>> samples;

  CompanionProof(JobContext context, Companion companion, StateCheckpoint checkpoint) {
    this.context = context;
    this.companion = companion;
    this.checkpoint = checkpoint;
  }

  /**
   * Runs the model of every state dict that was fused; the first that is not proven decides.
   *
   * @param written the file's state dicts, by label
   */
  Verifier.Finding check(StatePlan states, FusionPlan plan, Map<String, StateDict> written)
      throws IOException, RequestException {
    Verifier.Finding found = null;
    for (NestedState nested : checkpoint.states()) {
      String label = StatePlanning.label(nested);
      List<ModuleGroup> fused = states.groups(plan, label).stream().map(FusedGroup::group).toList();
      if (fused.isEmpty()) {
        continue;
      }
      found = check(nested, fused, written.getOrDefault(label, nested.state()));
      if (found.equivalence().level(Level.MODEL).verdict() != Verdict.EQUIVALENT) {
        return found;
      }
    }
    return found == null
        ? new Verifier.Finding(Equivalence.notChecked("nothing was changed"), null)
        : found;
  }

  private Verifier.Finding check(NestedState nested, List<ModuleGroup> fused, StateDict written)
      throws IOException, RequestException {
    if (!companion.unknown().isEmpty()) {
      return new Verifier.Finding(
          Equivalence.ofModel(ModelComparison.notTranslated(companion.unknown())), null);
    }
    CompanionPlace place =
        CompanionPlace.of(companion.graph(), nested.state(), nested.path().toString());
    CompanionGraph graph = place.graph();
    Path before = context.scratch().file("companion-before.onnx");
    Path after = context.scratch().file("companion-after.onnx");
    ModelGraph original = graph.original(nested.state(), place.prefix());
    companion.write(original, before);
    companion.write(graph.fused(nested.state(), fused, written, place.prefix()), after);
    try {
      if (samples == null) {
        samples = ModelInputs.samples(original, context);
      }
      Verifier.Finding found =
          context
              .flow()
              .proof()
              .compare(
                  new Verifier.Pair(before, context.source().sha256(), after, samples),
                  context.settings());
      return explained(found, graph.unused(nested.state(), place.prefix()));
    } finally {
      Files.deleteIfExists(before);
      Files.deleteIfExists(after);
    }
  }

  /** What an export leaves out is not proven by running it. */
  private static Verifier.Finding explained(Verifier.Finding found, List<String> unused) {
    LevelVerdict verdict = found.equivalence().level(Level.MODEL);
    if (unused.isEmpty() || verdict.verdict() != Verdict.EQUIVALENT) {
      return found;
    }
    LevelVerdict explained =
        LevelVerdict.equivalent(
            "%s%sthe graph does not compute with %s of the state dict, such as '%s'"
                .formatted(
                    verdict.reason(),
                    verdict.reason().isEmpty() ? "" : "; ",
                    Amounts.count(unused.size(), "tensor"),
                    unused.get(0)));
    Equivalence equivalence = found.equivalence();
    return new Verifier.Finding(
        equivalence.withLevels(Map.of(Level.MODEL, explained)), found.runner());
  }
}
