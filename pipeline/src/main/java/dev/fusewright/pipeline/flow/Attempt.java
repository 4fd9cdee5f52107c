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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.qat.RunningStatistics;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.Verdict;
import dev.fusewright.io.onnx.OnnxModel;
import dev.fusewright.io.onnx.OnnxReader;
import dev.fusewright.io.onnx.OnnxWriter;
import dev.fusewright.io.onnx.WriteSummary;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One try at one model. */
final class Attempt {
  private final FuseRequest request;
  private final FuseModel flow;
  private final StageClock clock = new StageClock();
  private final Findings findings;

  Attempt(FuseRequest request, FuseModel flow) {
    this.request = request;
    this.flow = flow;
    this.findings = new Findings(request);
  }

  /** What is done with a model that was read and planned. */
  private interface Ending {
    Outcome end(Staged source, OnnxModel model, FusionPlan plan, Scratch scratch) throws Exception;
  }

  FusionReport fuse() {
    return run(this::publishFused);
  }

  FusionReport inspect() {
    return run(
        (source, model, plan, scratch) -> {
          findings.after(plan.apply());
          return plan.changesModel() ? Outcome.FUSED : Outcome.NOTHING_TO_FUSE;
        });
  }

  /** Errors of the machine, above all a lack of memory, are not a model's: they end the process. */
  private FusionReport run(Ending ending) {
    try (Scratch scratch = Scratch.in(flow.scratchRoot())) {
      refuseWhatIsNotSupported();
      Staged source = clock.at(Stage.FETCH, () -> fetch(scratch));
      try (OnnxModel model = clock.at(Stage.READ, () -> OnnxReader.read(source.file()))) {
        findings.model(model.facts(), model.graph());
        FusionPlan plan = clock.at(Stage.PLAN, () -> plan(model.graph()));
        findings.plan(plan);
        Outcome outcome = ending.end(source, model, plan, scratch);
        return findings.report(outcome, clock.milliseconds());
      }
    } catch (RejectedException e) {
      findings.failed(clock.current(), e);
      return findings.report(Outcome.REJECTED, clock.milliseconds());
    } catch (Exception | StackOverflowError e) {
      findings.failed(clock.current(), e);
      return findings.report(Outcome.FAILED, clock.milliseconds());
    }
  }

  private void refuseWhatIsNotSupported() throws RequestException {
    if (request.format() != null && !request.format().equals(Findings.ONNX)) {
      throw new RequestException(
          "format '%s': only onnx is supported so far".formatted(request.format()));
    }
    planner().check();
  }

  private Planner planner() {
    return new Planner(request.settings(), flow);
  }

  private Staged fetch(Scratch scratch) throws Exception {
    Staging staging = new Staging(flow.store());
    Staged source = staging.fetch(request.source(), scratch);
    findings.source(source);
    if (request.sha256() != null && !request.sha256().equals(source.sha256())) {
      throw new SourceChangedException(
          "%s: expected the sha256 %s, as its catalogue says, found %s"
              .formatted(request.source(), request.sha256(), source.sha256()));
    }
    if (!request.source().isLocal()) {
      Location folder = request.source().parent();
      for (String data : OnnxReader.dataFiles(source.file())) {
        staging.fetch(folder.resolve(data), scratch, data);
      }
    }
    return source;
  }

  private FusionPlan plan(ModelGraph graph) throws RequestException {
    ModelGraph seen =
        request.settings().inputs() == InputPolicy.FREEZE ? withoutDefaultedInputs(graph) : graph;
    return planner().plan(seen);
  }

  /** The model with initializers no longer among its inputs: constants. */
  private static ModelGraph withoutDefaultedInputs(ModelGraph model) {
    Graph graph = model.graph();
    Set<String> constants =
        graph.initializers().stream().map(constant -> constant.name()).collect(Collectors.toSet());
    return model.withGraph(
        graph.withInputs(
            graph.inputs().stream().filter(input -> !constants.contains(input.name())).toList()));
  }

  private Outcome publishFused(Staged source, OnnxModel model, FusionPlan planned, Scratch scratch)
      throws Exception {
    refuseToReplaceTheSource();
    FusionPlan plan = planned;
    Path candidate = scratch.file(name());
    while (plan.changesModel()) {
      WriteSummary written = written(source, model, plan, candidate);
      if (!written.nonFinite().isEmpty()) {
        plan = plan.refusing(madeBy(plan, written.nonFinite()), Reason.NON_FINITE_RESULT);
        findings.plan(plan);
        continue;
      }
      FusionPlan carriedOut = plan;
      findings.after(plan.apply());
      boolean isTraining = request.settings().mode() == Mode.QAT;
      Proof.Finding found =
          clock.at(
              Stage.VERIFY,
              () ->
                  isTraining
                      ? proveTraining(model, carriedOut, scratch)
                      : prove(source, carriedOut, candidate));
      findings.equivalence(found);
      Set<Integer> guilty =
          isTraining || accepts(found)
              ? Set.of()
              : clock.at(Stage.VERIFY, () -> guilty(source, model, carriedOut, found, scratch));
      if (guilty.isEmpty()) {
        judge(found);
        clock.at(Stage.PUBLISH, () -> publish(source, candidate, written.dataFiles()));
        return Outcome.FUSED;
      }
      keepRepros(found, scratch);
      plan = plan.without(guilty);
      findings.plan(plan);
    }
    return copy(source, model);
  }

  private WriteSummary written(Staged source, OnnxModel model, FusionPlan plan, Path candidate)
      throws Exception {
    return clock.at(Stage.WRITE, () -> write(source, model, plan, candidate));
  }

  /**
   * The fusions to drop. Those that were not proven by themselves; otherwise, where the whole model
   * differs, those that make it differ; none where nothing can be told.
   */
  private Set<Integer> guilty(
      Staged source, OnnxModel model, FusionPlan plan, Proof.Finding found, Scratch scratch)
      throws Exception {
    if (!found.guilty().isEmpty() || found.equivalence().verdict() != Verdict.DIFFERENT) {
      return found.guilty();
    }
    Path trial = scratch.file("trial.onnx");
    return Bisection.guilty(
        plan,
        part -> {
          write(source, model, part, trial);
          return prove(source, part, trial).equivalence().verdict() == Verdict.DIFFERENT;
        });
  }

  private void keepRepros(Proof.Finding found, Scratch scratch) throws IOException {
    Location folder = request.quarantine();
    if (folder != null) {
      Repros.keep(found.repros(), folder, flow.store(), scratch);
    }
  }

  private String name() {
    return request.target() == null ? request.source().name() : request.target().name();
  }

  private void refuseToReplaceTheSource() throws Exception {
    Location target = request.target();
    if (target == null || request.placement() == FuseRequest.Placement.IN_PLACE) {
      return;
    }
    boolean same =
        (target.isLocal() && request.source().isLocal() && Files.exists(target.localPath()))
            ? Files.isSameFile(target.localPath(), request.source().localPath())
            : target.equals(request.source());
    if (same) {
      throw new RequestException(
          target + ": the output is the source itself; choose another place for the output");
    }
  }

  private WriteSummary write(Staged source, OnnxModel model, FusionPlan plan, Path candidate)
      throws IOException {
    return OnnxWriter.write(model, plan.apply(), provenance(source, plan), candidate);
  }

  /** Only what is the same for every run: the same model fused twice has the same bytes. */
  private static Map<String, String> provenance(Staged source, FusionPlan plan) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("fusewright.version", Converter.version());
    metadata.put("fusewright.source_sha256", source.sha256());
    metadata.put(
        "fusewright.rules",
        plan.fusions().stream()
            .filter(fusion -> fusion.result() == Fusion.Result.FOLDED)
            .map(Fusion::rule)
            .collect(Collectors.toCollection(TreeSet::new))
            .stream()
            .collect(Collectors.joining(",")));
    return metadata;
  }

  /** The fusions that had a hand in these tensors. */
  private static Set<Integer> madeBy(FusionPlan plan, List<WriteSummary.Rewritten> tensors) {
    Set<Integer> ids = new HashSet<>();
    for (WriteSummary.Rewritten tensor : tensors) {
      plan.fusions().stream()
          .filter(fusion -> fusion.scope().equals(tensor.scope()))
          .filter(fusion -> fusion.touchesValue(tensor.name()))
          .forEach(fusion -> ids.add(fusion.id()));
    }
    if (ids.isEmpty()) {
      throw new IllegalStateException("no fusion made the tensors that are not finite: " + tensors);
    }
    return ids;
  }

  private Proof.Finding prove(Staged source, FusionPlan plan, Path candidate) {
    FuseSettings settings = request.settings();
    return settings.proof() == ProofLevel.NONE
        ? new Proof.Finding(Equivalence.notChecked("--verify none"), null)
        : flow.proof()
            .check(new Proof.Case(source.file(), source.sha256(), plan, candidate), settings);
  }

  /**
   * QAT modules are compared with what they were made of as a whole, with the statistics that both
   * update among the outputs. Fake-quantization changes what a model computes, as it is meant to:
   * then it is the same modules without it that are compared.
   */
  private Proof.Finding proveTraining(OnnxModel model, FusionPlan plan, Scratch scratch)
      throws Exception {
    FuseSettings settings = request.settings();
    if (settings.proof() == ProofLevel.NONE) {
      return new Proof.Finding(Equivalence.notChecked("--verify none"), null);
    }
    ModelGraph exposed = RunningStatistics.exposed(plan.original());
    FusionPlan unquantized = planner().withoutQuantization(exposed);
    Path before = scratch.file("training-before.onnx");
    Path after = scratch.file("training-after.onnx");
    OnnxWriter.write(model, exposed, Map.of(), before);
    OnnxWriter.write(model, unquantized.apply(), Map.of(), after);
    return flow.proof()
        .check(
            new Proof.Case(before, Staging.sha256(before), unquantized, after),
            settings.withProof(ProofLevel.MODEL));
  }

  private boolean accepts(Proof.Finding found) {
    FuseSettings settings = request.settings();
    return switch (found.equivalence().verdict()) {
      case EQUIVALENT -> true;
      case DIFFERENT -> false;
      case INCONCLUSIVE -> settings.doubt() == FuseSettings.Doubtful.ACCEPT;
      case NOT_CHECKED -> settings.proof() == ProofLevel.NONE;
    };
  }

  private void judge(Proof.Finding found) throws RejectedException {
    if (!accepts(found)) {
      throw new RejectedException(found.equivalence().verdict(), found.equivalence());
    }
  }

  private Outcome copy(Staged source, OnnxModel model) throws Exception {
    findings.after(model.graph());
    Location target = request.target();
    if (target != null
        && request.placement() == FuseRequest.Placement.BESIDE
        && request.settings().unfused() == FuseSettings.Unfused.COPY) {
      clock.at(
          Stage.PUBLISH,
          () -> {
            Path folder = source.file().resolveSibling("");
            for (String data : model.facts().dataFiles()) {
              flow.store().publish(folder.resolve(data), target.parent().resolve(data));
            }
            StoredFile published = flow.store().publish(source.file(), target);
            findings.output(published, source.sha256(), model.facts().dataFiles());
            return published;
          });
    }
    return Outcome.NOTHING_TO_FUSE;
  }

  /** Data files first: a reader that sees the model finds them. */
  private StoredFile publish(Staged source, Path candidate, List<Path> dataFiles) throws Exception {
    Location target = java.util.Objects.requireNonNull(request.target());
    requireUntouched(source);
    Path folder = candidate.resolveSibling("");
    List<String> names =
        dataFiles.stream().map(file -> folder.relativize(file).toString()).toList();
    for (String name : names) {
      flow.store().take(folder.resolve(name), target.parent().resolve(name));
    }
    String sha256 = Staging.sha256(candidate);
    StoredFile published = flow.store().take(candidate, target);
    findings.output(published, sha256, names);
    return published;
  }

  /** A local source is read where it lies; what was read must have been one version of it. */
  private void requireUntouched(Staged source) throws Exception {
    StoredFile now = flow.store().status(request.source()).orElse(null);
    if (request.source().isLocal() && !source.source().equals(now)) {
      throw new SourceChangedException(
          request.source() + " was changed or removed while it was being fused; try again");
    }
  }
}
