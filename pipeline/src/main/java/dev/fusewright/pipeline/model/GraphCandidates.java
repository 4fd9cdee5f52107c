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
import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.rule.qat.RunningStatistics;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.Fit;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputPolicy;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Candidates of a file with a graph, which says everything: what is fused, with which eps, and what
 * the whole model computes.
 */
final class GraphCandidates implements Candidates {
  private static final String REORDERED =
      "nodes stood before what they read from; the output lists them in topological order";

  private final GraphCheckpoint model;
  private final JobContext context;
  private List<Map<String, Tensor>> samples = List.of();
  private @Nullable Replanning replanning;

  GraphCandidates(GraphCheckpoint model, JobContext context) {
    this.model = model;
    this.context = context;
    context.report().model(model);
  }

  @Override
  public List<Assumption> premises() {
    return Premises.of(model);
  }

  @Override
  public FusionPlan plan() throws Exception {
    context.settings().modules().refuseCompanion();
    ModelGraph graph = model.graph();
    return fitting(
        ApplicablePlan.of(
            planner()
                .plan(context.settings().inputs() == InputPolicy.FREEZE ? graph.frozen() : graph)));
  }

  /** A plan without fusions whose results the file cannot hold. */
  private FusionPlan fitting(FusionPlan planned) {
    FusionPlan plan = planned;
    while (plan.changesModel()) {
      Fit fit = model.fit(plan.apply());
      if (fit.misfits().isEmpty()) {
        break;
      }
      plan = plan.refusing(unfit(plan, fit.misfits()), Reason.FORMAT);
    }
    return plan;
  }

  /** Why fusions do not fit, by their ids; all of them where it cannot be told which. */
  private static Map<Integer, String> unfit(FusionPlan plan, List<Fit.Misfit> misfits) {
    Map<Integer, String> sentences = new TreeMap<>();
    for (Fit.Misfit misfit : misfits) {
      for (Fusion fusion : plan.fusions()) {
        if (fusion.touchesValue(misfit.value())
            || fusion.output().equals(misfit.value())
            || fusion.nodes().contains(misfit.value())) {
          sentences.putIfAbsent(fusion.id(), misfit.sentence());
        }
      }
    }
    if (sentences.isEmpty()) {
      plan.fusions().forEach(fusion -> sentences.put(fusion.id(), misfits.get(0).sentence()));
    }
    return sentences;
  }

  private Planner planner() {
    return new Planner(context.settings(), context.flow(), model.format());
  }

  @Override
  public void report(FusionPlan plan) {
    context.report().plan(plan, fusion -> fusion.scope().text());
    context.report().notes(plan.reordersNodes() ? List.of(REORDERED) : List.of());
    context.report().after(plan.changesModel() ? model.fit(plan.apply()).graph() : model.graph());
  }

  @Override
  public void prepare(FusionPlan plan) throws Exception {
    if (context.settings().proof().checksModel()) {
      samples =
          context.clock().at(Stage.FETCH, () -> ModelInputs.samples(plan.original(), context));
    }
  }

  @Override
  public long computedBytes(FusionPlan plan) {
    ModelGraph edited = plan.apply();
    ComputedBytes bytes = new ComputedBytes();
    bytes.add(edited.graph());
    edited.functions().forEach(function -> bytes.add(function.body()));
    return bytes.total();
  }

  @Override
  public WriteSummary write(FusionPlan plan, Path target) throws Exception {
    return model.write(plan.apply(), provenance(plan), target);
  }

  /** Only what is the same for every run: the same model fused twice has the same bytes. */
  private Map<String, String> provenance(FusionPlan plan) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("fusewright.version", Converter.version());
    metadata.put("fusewright.source_sha256", context.source().sha256());
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

  @Override
  public Verifier.Finding prove(FusionPlan plan, Path written) throws Exception {
    FuseSettings settings = context.settings();
    if (settings.proof() == VerifyLevel.NONE) {
      return new Verifier.Finding(Equivalence.notChecked("--verify none"), null);
    }
    return switch (settings.fusion()) {
      case EVAL -> {
        Verifier.Finding found =
            context
                .flow()
                .proof()
                .check(
                    new Verifier.Case(
                        context.source().file(), context.source().sha256(), plan, written, samples),
                    settings);
        yield new Verifier.Finding(
            Premises.under(premises(), found.equivalence()), found.runner(), found.culprits());
      }
      case QAT -> proveTraining(plan);
    };
  }

  /**
   * QAT modules are compared with what they were made of as a whole, with the statistics that both
   * update among the outputs. Fake-quantization changes what a model computes, as it is meant to:
   * then it is the same modules without it that are compared.
   */
  private Verifier.Finding proveTraining(FusionPlan plan) throws Exception {
    ModelGraph exposed = RunningStatistics.exposed(plan.original());
    FusionPlan unquantized = planner().withoutQuantization(exposed);
    Path before = context.scratch().file("training-before.onnx");
    Path after = context.scratch().file("training-after.onnx");
    model.write(exposed, Map.of(), before);
    model.write(unquantized.apply(), Map.of(), after);
    return context
        .flow()
        .proof()
        .check(
            new Verifier.Case(before, Staging.sha256(before), unquantized, after, samples),
            context.settings().with(SettingFields.VERIFY_LEVEL, VerifyLevel.MODEL));
  }

  @Override
  public void keepRepros(FusionPlan plan, Path written, Set<Integer> culprits, Repros.Keeper keeper)
      throws IOException {
    try (GraphCheckpoint file = Formats.openGraph(written)) {
      keeper.keep(FusionProof.repros(plan, file.graph(), culprits, context.settings().seed()));
    }
  }

  @Override
  public Set<Integer> makers(FusionPlan plan, List<RewrittenTensor> written) {
    Set<Integer> ids = new HashSet<>();
    for (RewrittenTensor tensor : written) {
      plan.fusions().stream()
          .filter(fusion -> fusion.scope().text().equals(tensor.scope()))
          .filter(fusion -> fusion.touchesValue(tensor.name()))
          .forEach(fusion -> ids.add(fusion.id()));
    }
    if (ids.isEmpty() && !written.isEmpty()) {
      throw new IllegalStateException("no fusion made these tensors: " + written);
    }
    return ids;
  }

  @Override
  public FusionPlan without(FusionPlan plan, Set<Integer> fusions) {
    return plan.without(fusions);
  }

  /**
   * The groups of a module list are not planned anew: what a person listed is fused as it was
   * listed or left as it is, and no group is built on another.
   */
  @Override
  public FusionPlan replanned(FusionPlan plan, Set<Integer> fusions) throws Exception {
    if (!planner().canExclude()) {
      return plan.without(fusions);
    }
    Replanning current = replanning;
    if (current == null) {
      current =
          new Replanning(
              sites -> fitting(ApplicablePlan.of(planner().without(plan.original(), sites))),
              this::isProvenBySites);
      replanning = current;
    }
    return current.without(plan, fusions);
  }

  private boolean isProvenBySites(FusionPlan plan) {
    return context.settings().proof().checksSites()
        && context.flow().proof().isProvenBySites(plan, context.settings());
  }

  @Override
  public FusionPlan refusing(FusionPlan plan, Set<Integer> fusions, Reason reason) {
    return plan.refusing(fusions, reason);
  }

  /** QAT modules are proven as a whole. */
  @Override
  public boolean isDivisible() {
    return context.settings().fusion() == FusionMode.EVAL;
  }

  @Override
  public FuseSettings.Unfused unfused() {
    return context.settings().unfused();
  }

  @Override
  public List<String> dataFiles() {
    return model.dataFiles();
  }

  @Override
  public void close() {
    model.close();
  }
}
