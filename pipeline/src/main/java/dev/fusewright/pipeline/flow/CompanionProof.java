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
package dev.fusewright.pipeline.flow;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.state.CompanionGraph;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusion;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.Level;
import dev.fusewright.core.verify.LevelVerdict;
import dev.fusewright.core.verify.Verdict;
import dev.fusewright.io.state.Checkpoint;
import dev.fusewright.io.state.NestedState;
import dev.fusewright.io.state.StatePath;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
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
  private final Work work;
  private final Companion companion;
  private final Checkpoint checkpoint;
  private final Staged source;
  private final Scratch scratch;
  private @Nullable List<Map<String, Tensor>> samples;

  CompanionProof(
      Work work, Companion companion, Checkpoint checkpoint, Staged source, Scratch scratch) {
    this.work = work;
    this.companion = companion;
    this.checkpoint = checkpoint;
    this.source = source;
    this.scratch = scratch;
  }

  /** Runs the model of every state dict that was fused; the first that is not proven decides. */
  Proof.Finding check(Map<StatePath, StateFusion> fusions, Checkpoint written)
      throws IOException, RequestException {
    Proof.Finding found = null;
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
        ? new Proof.Finding(Equivalence.notChecked("nothing was changed"), null)
        : found;
  }

  private Proof.Finding check(StatePath path, StateFusion fusion, StateDict written)
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
      Proof.Finding found =
          work.flow()
              .proof()
              .compare(new Proof.Pair(before, source.sha256(), after, samples), work.settings());
      return explained(found, graph.unused(nested.state(), nested.prefix()));
    } finally {
      Files.deleteIfExists(before);
      Files.deleteIfExists(after);
    }
  }

  /** What an export leaves out is not proven by running it. */
  private static Proof.Finding explained(Proof.Finding found, List<String> unused) {
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
    return new Proof.Finding(
        new Equivalence(
            Map.of(Level.MODEL, explained),
            equivalence.samples(),
            equivalence.seed(),
            equivalence.outputs(),
            equivalence.sites()),
        found.runner());
  }
}
