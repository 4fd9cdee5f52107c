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
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusion;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
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
  private final JobContext work;
  private final Companion companion;
  private final StateCheckpoint checkpoint;
  private final Staged source;
  private final Scratch scratch;
  private @Nullable List<Map<String, Tensor>> samples;

  CompanionProof(
      JobContext work,
      Companion companion,
      StateCheckpoint checkpoint,
      Staged source,
      Scratch scratch) {
    this.work = work;
    this.companion = companion;
    this.checkpoint = checkpoint;
    this.source = source;
    this.scratch = scratch;
  }

  /** Runs the model of every state dict that was fused; the first that is not proven decides. */
  Verifier.Finding check(Map<StatePath, StateFusion> fusions, StateCheckpoint written)
      throws IOException, RequestException {
    Verifier.Finding found = null;
    for (Map.Entry<StatePath, StateFusion> fusion : fusions.entrySet()) {
      if (fusion.getValue().groups().isEmpty()) {
        continue;
      }
      found = check(fusion.getKey(), fusion.getValue(), StateProof.at(written, fusion.getKey()));
      if (found.equivalence().level(Level.MODEL).verdict() != Verdict.EQUIVALENT) {
        return found;
      }
    }
    return found == null
        ? new Verifier.Finding(Equivalence.notChecked("nothing was changed"), null)
        : found;
  }

  private Verifier.Finding check(StatePath path, StateFusion fusion, StateDict written)
      throws IOException, RequestException {
    NestedState nested =
        checkpoint.states().stream()
            .filter(state -> state.path().equals(path))
            .findFirst()
            .orElseThrow();
    CompanionGraph graph = companion.graph();
    Path before = scratch.file("companion-before.onnx");
    Path after = scratch.file("companion-after.onnx");
    ModelGraph original = graph.original(nested.state(), nested.prefix());
    companion.write(original, before);
    companion.write(graph.fused(nested.state(), fusion, written, nested.prefix()), after);
    try {
      if (samples == null) {
        samples = ModelInputs.samples(original, work, scratch);
      }
      Verifier.Finding found =
          work.flow()
              .proof()
              .compare(new Verifier.Pair(before, source.sha256(), after, samples), work.settings());
      return explained(found, graph.unused(nested.state(), nested.prefix()));
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
            "%s%sthe graph does not compute with %d tensors of the state dict, such as '%s'"
                .formatted(
                    verdict.reason(),
                    verdict.reason().isEmpty() ? "" : "; ",
                    unused.size(),
                    unused.get(0)));
    Equivalence equivalence = found.equivalence();
    return new Verifier.Finding(
        new Equivalence(
            Map.of(Level.MODEL, explained),
            equivalence.samples(),
            equivalence.seed(),
            equivalence.outputs(),
            equivalence.sites()),
        found.runner());
  }
}
