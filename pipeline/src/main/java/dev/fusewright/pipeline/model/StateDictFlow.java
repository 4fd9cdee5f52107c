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

import dev.fusewright.core.rule.fold.FoldArithmetic;
import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusion;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.format.Checkpoint;
import dev.fusewright.io.format.StateDictReader;
import dev.fusewright.io.format.StateDictWriter;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.StateWriting;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.pipeline.settings.ModuleRequest;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.settings.RuleChoice;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of a file of state dicts. It has no graph: what is fused is named by a list, a recipe or
 * a companion graph. Every pair is proven by itself, and with a companion graph the whole model.
 *
 * <p>What was asked for is done as a whole or refused; what cannot be proven is dropped, as a
 * parameter that makes a fold unsound leaves its group out, and the rest is published.
 */
final class StateDictFlow implements CheckpointFlow {
  private final JobContext work;
  private final ModelFormat format;
  private final Publication publication;

  StateDictFlow(JobContext work, ModelFormat format) {
    this.work = work;
    this.format = format;
    this.publication = new Publication(work);
  }

  @Override
  public Outcome fuse(Staged source, Scratch scratch) throws Exception {
    try (Checkpoint checkpoint = read(source);
        Companion companion = companion(scratch)) {
      publication.refuseToReplaceTheSource();
      CompanionProof whole =
          companion == null || !work.settings().proof().checksModel()
              ? null
              : new CompanionProof(work, companion, checkpoint, source, scratch);
      return publishFused(source, checkpoint, asked(companion), whole, scratch);
    }
  }

  @Override
  public Outcome inspect(Staged source, Scratch scratch) throws Exception {
    try (Checkpoint checkpoint = read(source);
        Companion companion = companion(scratch)) {
      return changes(planned(checkpoint, asked(companion)))
          ? Outcome.FUSED
          : Outcome.NOTHING_TO_FUSE;
    }
  }

  private Outcome publishFused(
      Staged source,
      Checkpoint checkpoint,
      CheckpointFuser.Request asked,
      @Nullable CompanionProof whole,
      Scratch scratch)
      throws Exception {
    Path candidate = scratch.file("fused-" + publication.name());
    Set<StateGroup> dropped = new LinkedHashSet<>();
    Map<StatePath, StateFusion> fusions = planned(checkpoint, asked);
    while (changes(fusions)) {
      Map<StatePath, StateFusion> carriedOut = fusions;
      StateWriting writing =
          work.clock().at(Stage.WRITE, () -> write(checkpoint, carriedOut, candidate));
      work.findings().written(checkpoint, writing);
      Set<StateGroup> culprits = new LinkedHashSet<>();
      Verifier.Finding found =
          work.clock().at(Stage.VERIFY, () -> prove(carriedOut, candidate, whole, culprits));
      work.findings().equivalence(found);
      boolean isWholeDifferent =
          found.equivalence().level(Level.MODEL).verdict() == Verdict.DIFFERENT;
      if (isWholeDifferent && whole != null) {
        culprits.addAll(
            work.clock()
                .at(
                    Stage.VERIFY,
                    () ->
                        bisected(
                            checkpoint,
                            asked,
                            StateGroup.of(carriedOut),
                            dropped,
                            whole,
                            scratch)));
      }
      if (culprits.isEmpty()) {
        Acceptance.judge(work.settings(), found.equivalence());
        work.clock().at(Stage.PUBLISH, () -> publication.publish(source, candidate, List.of()));
        return Outcome.FUSED;
      }
      dropped.addAll(culprits);
      fusions = planned(checkpoint, asked.dropping(StateGroup.byState(dropped)));
    }
    publication.copy(source, List.of());
    return Outcome.NOTHING_TO_FUSE;
  }

  private static StateWriting write(
      Checkpoint checkpoint, Map<StatePath, StateFusion> fusions, Path target) throws IOException {
    Map<StatePath, StateDict> states = new LinkedHashMap<>();
    fusions.forEach((path, fusion) -> states.put(path, fusion.state()));
    return StateDictWriter.write(checkpoint, states, target);
  }

  /**
   * Judges the file that is about to be published.
   *
   * @param culprits receives the groups that were not proven by themselves
   */
  private Verifier.Finding prove(
      Map<StatePath, StateFusion> fusions,
      Path candidate,
      @Nullable CompanionProof whole,
      Set<StateGroup> culprits)
      throws IOException, RequestException {
    if (work.settings().proof() == VerifyLevel.NONE) {
      return new Verifier.Finding(Equivalence.notChecked("--verify none"), null);
    }
    try (Checkpoint written = StateDictReader.read(candidate)) {
      StateProof pairs = StateProof.of(fusions, written, work.settings().seed());
      culprits.addAll(pairs.culprits());
      if (whole == null || !pairs.isProven()) {
        return new Verifier.Finding(pairs.with(Equivalence.notChecked(notRun(whole))), null);
      }
      Verifier.Finding ran = whole.check(fusions, written);
      return new Verifier.Finding(pairs.with(ran.equivalence()), ran.runner());
    }
  }

  private String notRun(@Nullable CompanionProof whole) {
    if (whole != null) {
      return "a pair is not proven by itself";
    }
    return work.settings().modules().graph() == null
        ? "a state dict has no graph that could be run"
        : "not asked for";
  }

  /** The groups that make the whole model different although each of them is proven by itself. */
  private Set<StateGroup> bisected(
      Checkpoint checkpoint,
      CheckpointFuser.Request asked,
      List<StateGroup> suspects,
      Set<StateGroup> dropped,
      CompanionProof whole,
      Scratch scratch)
      throws Exception {
    Path trial = scratch.file("trial-" + publication.name());
    return Bisection.culprits(
        suspects,
        kept -> {
          Set<StateGroup> others = new LinkedHashSet<>(dropped);
          others.addAll(suspects);
          kept.forEach(others::remove);
          Map<StatePath, StateFusion> part =
              CheckpointFuser.fuse(checkpoint, asked.dropping(StateGroup.byState(others)));
          if (!changes(part)) {
            return false;
          }
          write(checkpoint, part, trial);
          try (Checkpoint written = StateDictReader.read(trial)) {
            return whole.check(part, written).equivalence().verdict() == Verdict.DIFFERENT;
          }
        });
  }

  private static boolean changes(Map<StatePath, StateFusion> fusions) {
    return fusions.values().stream().anyMatch(fusion -> !fusion.groups().isEmpty());
  }

  private Checkpoint read(Staged source) throws Exception {
    Checkpoint checkpoint = work.clock().at(Stage.READ, () -> StateDictReader.read(source.file()));
    work.findings().checkpoint(format, checkpoint, source.source().bytes());
    return checkpoint;
  }

  private @Nullable Companion companion(Scratch scratch) throws Exception {
    Location graph = work.settings().modules().graph();
    return graph == null
        ? null
        : work.clock().at(Stage.READ, () -> Companion.open(graph, work, scratch));
  }

  private Map<StatePath, StateFusion> planned(Checkpoint checkpoint, CheckpointFuser.Request asked)
      throws Exception {
    Map<StatePath, StateFusion> fusions =
        work.clock().at(Stage.PLAN, () -> CheckpointFuser.fuse(checkpoint, asked));
    work.findings().states(checkpoint, fusions);
    return fusions;
  }

  private CheckpointFuser.Request asked(@Nullable Companion companion) throws RequestException {
    ModuleRequest modules = work.settings().modules();
    if (!modules.fusers().isEmpty()) {
      throw new RequestException("custom fusers work on graphs, and a state dict has none");
    }
    Double epsilon = modules.epsilon();
    return new CheckpointFuser.Request(
        Optional.ofNullable(modules.list()),
        Optional.ofNullable(companion).map(Companion::graph),
        epsilon == null ? OptionalDouble.empty() : OptionalDouble.of(epsilon),
        stage(modules),
        modules.backend() == null
            ? DefaultQatConfig.FBGEMM
            : DefaultQatConfig.named(modules.backend().text()).orElseThrow(),
        arithmetic(),
        Map.of());
  }

  private StateStage stage(ModuleRequest modules) {
    return switch (work.settings().mode()) {
      case EVAL -> StateStage.EVAL;
      case QAT -> modules.backend() == null ? StateStage.QAT : StateStage.PREPARED;
    };
  }

  private FoldArithmetic arithmetic() throws RequestException {
    String rules = RuleChoice.of(work.settings(), RuleChoice.Kind.STATE_DICT);
    return switch (rules) {
      case "torch" -> FoldArithmetic.TORCH;
      case "inference" -> FoldArithmetic.EXACT;
      default ->
          throw new RequestException(
              "a state dict is fused with the rules inference or torch, not '%s'".formatted(rules));
    };
  }
}
