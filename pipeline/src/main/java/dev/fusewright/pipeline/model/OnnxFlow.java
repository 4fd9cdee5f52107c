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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.qat.RunningStatistics;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.onnx.OnnxModel;
import dev.fusewright.io.onnx.OnnxReader;
import dev.fusewright.io.onnx.OnnxWriter;
import dev.fusewright.io.onnx.WriteSummary;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputPolicy;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.Verifier;
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

/**
 * The way of an ONNX model, planned over and over until every fusion that is left is proven.
 *
 * <p>Its graph says everything: what is fused, with which eps, and what the whole model computes.
 */
final class OnnxFlow implements CheckpointFlow {
  private final JobContext work;
  private final FuseRequest request;
  private final FuseModel flow;
  private final StageClock clock;
  private final ReportBuilder findings;
  private final Publication publication;
  private List<Map<String, Tensor>> samples = List.of();

  OnnxFlow(JobContext work) {
    this.work = work;
    this.request = work.request();
    this.flow = work.flow();
    this.clock = work.clock();
    this.findings = work.findings();
    this.publication = new Publication(work);
  }

  @Override
  public Outcome fuse(Staged source, Scratch scratch) throws Exception {
    try (OnnxModel model = read(source, scratch)) {
      return publishFused(source, model, planned(model), scratch);
    }
  }

  @Override
  public Outcome inspect(Staged source, Scratch scratch) throws Exception {
    try (OnnxModel model = read(source, scratch)) {
      FusionPlan plan = planned(model);
      findings.after(plan.apply());
      return plan.changesModel() ? Outcome.FUSED : Outcome.NOTHING_TO_FUSE;
    }
  }

  private OnnxModel read(Staged source, Scratch scratch) throws Exception {
    request.settings().modules().refuseCompanion();
    clock.at(Stage.FETCH, () -> new DataFiles(work).fetch(request.source(), source, scratch));
    OnnxModel model = clock.at(Stage.READ, () -> OnnxReader.read(source.file()));
    new DataFiles(work).note(request.source(), model.facts().dataFiles(), scratch);
    findings.model(model.facts(), model.graph());
    return model;
  }

  private FusionPlan planned(OnnxModel model) throws Exception {
    FusionPlan plan = clock.at(Stage.PLAN, () -> plan(model.graph()));
    findings.plan(plan);
    return plan;
  }

  private Planner planner() {
    return new Planner(request.settings(), flow);
  }

  private FusionPlan plan(ModelGraph graph) throws RequestException {
    ModelGraph seen = request.settings().inputs() == InputPolicy.FREEZE ? graph.frozen() : graph;
    return planner().plan(seen);
  }

  private Outcome publishFused(Staged source, OnnxModel model, FusionPlan planned, Scratch scratch)
      throws Exception {
    publication.refuseToReplaceTheSource();
    if (planned.changesModel() && request.settings().proof().checksModel()) {
      samples = clock.at(Stage.FETCH, () -> ModelInputs.samples(planned.original(), work, scratch));
    }
    FusionPlan plan = planned;
    // Apart from what was fetched, which may have the same name.
    Path candidate = scratch.file("fused/" + publication.name());
    Files.createDirectories(candidate.resolveSibling("."));
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
      Verifier.Finding found =
          clock.at(
              Stage.VERIFY,
              () ->
                  isTraining
                      ? proveTraining(model, carriedOut, scratch)
                      : prove(source, carriedOut, candidate));
      findings.equivalence(found);
      Set<Integer> culprits =
          isTraining || Acceptance.accepts(request.settings(), found.equivalence())
              ? Set.of()
              : clock.at(Stage.VERIFY, () -> culprits(source, model, carriedOut, found, scratch));
      if (culprits.isEmpty()) {
        Acceptance.judge(request.settings(), found.equivalence());
        clock.at(Stage.PUBLISH, () -> publication.publish(source, candidate, written.dataFiles()));
        return Outcome.FUSED;
      }
      keepRepros(found, scratch);
      plan = plan.without(culprits);
      findings.plan(plan);
    }
    if (!plan.dropped().isEmpty()) {
      findings.equivalence(
          new Verifier.Finding(
              Equivalence.notChecked(
                  "every fusion was dropped; what is published is the original, byte for byte"),
              null));
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
  private Set<Integer> culprits(
      Staged source, OnnxModel model, FusionPlan plan, Verifier.Finding found, Scratch scratch)
      throws Exception {
    if (!found.culprits().isEmpty() || found.equivalence().verdict() != Verdict.DIFFERENT) {
      return found.culprits();
    }
    Path trial = scratch.file("trial.onnx");
    return Bisection.culprits(
        plan,
        part -> {
          write(source, model, part, trial);
          return prove(source, part, trial).equivalence().verdict() == Verdict.DIFFERENT;
        });
  }

  private void keepRepros(Verifier.Finding found, Scratch scratch) throws IOException {
    Location folder = request.quarantine();
    if (folder != null) {
      Repros.keep(found.repros(), folder, flow.store(), scratch);
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

  private Verifier.Finding prove(Staged source, FusionPlan plan, Path candidate) {
    FuseSettings settings = request.settings();
    return settings.proof() == VerifyLevel.NONE
        ? new Verifier.Finding(Equivalence.notChecked("--verify none"), null)
        : flow.proof()
            .check(
                new Verifier.Case(source.file(), source.sha256(), plan, candidate, samples),
                settings);
  }

  /**
   * QAT modules are compared with what they were made of as a whole, with the statistics that both
   * update among the outputs. Fake-quantization changes what a model computes, as it is meant to:
   * then it is the same modules without it that are compared.
   */
  private Verifier.Finding proveTraining(OnnxModel model, FusionPlan plan, Scratch scratch)
      throws Exception {
    FuseSettings settings = request.settings();
    if (settings.proof() == VerifyLevel.NONE) {
      return new Verifier.Finding(Equivalence.notChecked("--verify none"), null);
    }
    ModelGraph exposed = RunningStatistics.exposed(plan.original());
    FusionPlan unquantized = planner().withoutQuantization(exposed);
    Path before = scratch.file("training-before.onnx");
    Path after = scratch.file("training-after.onnx");
    OnnxWriter.write(model, exposed, Map.of(), before);
    OnnxWriter.write(model, unquantized.apply(), Map.of(), after);
    return flow.proof()
        .check(
            new Verifier.Case(before, Staging.sha256(before), unquantized, after, samples),
            settings.with(SettingFields.VERIFY_LEVEL, VerifyLevel.MODEL));
  }

  private Outcome copy(Staged source, OnnxModel model) throws Exception {
    findings.after(model.graph());
    publication.copy(source, model.facts().dataFiles());
    return Outcome.NOTHING_TO_FUSE;
  }
}
