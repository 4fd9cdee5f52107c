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

import dev.fusewright.core.fold.FoldArithmetic;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.state.QatBackend;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusion;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.onnx.OnnxModel;
import dev.fusewright.io.onnx.OnnxReader;
import dev.fusewright.io.state.Checkpoint;
import dev.fusewright.io.state.NestedState;
import dev.fusewright.io.state.StatePath;
import dev.fusewright.io.statefile.CheckpointFuser;
import dev.fusewright.io.statefile.StateDictReader;
import dev.fusewright.io.statefile.StateDictWriter;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.report.Outcome;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The way of a file of state dicts. It has no graph: what is fused is named by a list, a recipe or
 * a companion graph, and what is proven is every pair by itself.
 */
final class StateDictFlow implements CheckpointFlow {
  private final Work work;
  private final ModelFormat format;
  private final Publication publication;

  StateDictFlow(Work work, ModelFormat format) {
    this.work = work;
    this.format = format;
    this.publication = new Publication(work);
  }

  @Override
  public Outcome fuse(Staged source, Scratch scratch) throws Exception {
    try (Checkpoint checkpoint = read(source)) {
      publication.refuseToReplaceTheSource();
      Map<StatePath, StateFusion> fusions = planned(checkpoint, scratch);
      if (!changes(fusions)) {
        publication.copy(source, List.of());
        return Outcome.NOTHING_TO_FUSE;
      }
      Path candidate = scratch.file("fused-" + publication.name());
      Map<StatePath, StateDict> states = new LinkedHashMap<>();
      fusions.forEach((path, fusion) -> states.put(path, fusion.state()));
      work.clock().at(Stage.WRITE, () -> StateDictWriter.write(checkpoint, states, candidate));
      Equivalence found =
          work.clock().at(Stage.VERIFY, () -> StateProof.of(fusions, candidate, work.settings()));
      work.findings().equivalence(new Proof.Finding(found, null));
      Acceptance.judge(work.settings(), found);
      work.clock().at(Stage.PUBLISH, () -> publication.publish(source, candidate, List.of()));
      return Outcome.FUSED;
    }
  }

  @Override
  public Outcome inspect(Staged source, Scratch scratch) throws Exception {
    try (Checkpoint checkpoint = read(source)) {
      return changes(planned(checkpoint, scratch)) ? Outcome.FUSED : Outcome.NOTHING_TO_FUSE;
    }
  }

  private static boolean changes(Map<StatePath, StateFusion> fusions) {
    return fusions.values().stream().anyMatch(fusion -> !fusion.groups().isEmpty());
  }

  private Checkpoint read(Staged source) throws Exception {
    Checkpoint checkpoint = work.clock().at(Stage.READ, () -> StateDictReader.read(source.file()));
    work.findings()
        .checkpoint(
            format,
            checkpoint.states().stream().map(NestedState::state).toList(),
            source.source().bytes());
    return checkpoint;
  }

  private Map<StatePath, StateFusion> planned(Checkpoint checkpoint, Scratch scratch)
      throws Exception {
    Map<StatePath, StateFusion> fusions =
        work.clock().at(Stage.PLAN, () -> plan(checkpoint, scratch));
    work.findings().states(checkpoint, fusions);
    return fusions;
  }

  private Map<StatePath, StateFusion> plan(Checkpoint checkpoint, Scratch scratch)
      throws Exception {
    Location companion = work.settings().modules().graph();
    if (companion == null) {
      return CheckpointFuser.fuse(checkpoint, asked(Optional.empty()));
    }
    Staged file = new Staging(work.flow().store()).fetch(companion, scratch);
    OnnxFlow.fetchData(work.flow().store(), companion, file, scratch);
    try (OnnxModel graph = OnnxReader.read(file.file())) {
      return CheckpointFuser.fuse(checkpoint, asked(Optional.of(graph.graph())));
    }
  }

  private CheckpointFuser.Request asked(Optional<ModelGraph> graph) throws RequestException {
    ModuleRequest modules = work.settings().modules();
    if (!modules.fusers().isEmpty()) {
      throw new RequestException("custom fusers work on graphs, and a state dict has none");
    }
    Double epsilon = modules.epsilon();
    return new CheckpointFuser.Request(
        Optional.ofNullable(modules.list()),
        graph,
        epsilon == null ? OptionalDouble.empty() : OptionalDouble.of(epsilon),
        stage(modules),
        modules.backend() == null
            ? QatBackend.FBGEMM
            : QatBackend.named(modules.backend().text()).orElseThrow(),
        arithmetic());
  }

  private StateStage stage(ModuleRequest modules) {
    return switch (work.settings().mode()) {
      case EVAL -> StateStage.EVAL;
      case QAT -> modules.backend() == null ? StateStage.QAT : StateStage.PREPARED;
    };
  }

  private FoldArithmetic arithmetic() throws RequestException {
    return switch (work.settings().rules()) {
      case "torch" -> FoldArithmetic.TORCH;
      case "inference" -> FoldArithmetic.EXACT;
      default ->
          throw new RequestException(
              "a state dict is fused with the rules inference or torch, not '%s'"
                  .formatted(work.settings().rules()));
    };
  }
}
