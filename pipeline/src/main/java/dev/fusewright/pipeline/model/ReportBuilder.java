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
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFacts;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.report.DropCause;
import dev.fusewright.pipeline.report.EquivalenceRecords;
import dev.fusewright.pipeline.report.ExtraEntryRecords;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.report.ModelSizes;
import dev.fusewright.pipeline.report.PlanRecords;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.settings.RuleChoice;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.BesideRecord;
import dev.fusewright.report.EquivalenceRecord;
import dev.fusewright.report.ErrorRecord;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.ModelSize;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.OutputFile;
import dev.fusewright.report.Provenance;
import dev.fusewright.report.Receipt;
import dev.fusewright.report.RefusalRecord;
import dev.fusewright.report.SourceFile;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is known of a model so far: the report of an attempt that may end at any moment. */
public final class ReportBuilder {
  private final FuseRequest request;
  private final Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final SourceFile.Builder source;
  private EquivalenceRecord equivalence =
      EquivalenceRecords.of(Equivalence.notChecked("nothing was changed"), null);
  private List<FusionRecord> fusions = List.of();
  private List<RefusalRecord> refusals = List.of();
  private List<FusionRecord> dropped = List.of();
  private final IdentityHashMap<Fusion, DropCause> causes = new IdentityHashMap<>();
  private final Map<Integer, String> scopes = new HashMap<>();
  private List<BesideRecord> beside = List.of();
  private List<String> notes = List.of();
  private boolean omits;
  private @Nullable String format;
  private RuleChoice.Kind kind = RuleChoice.Kind.GRAPH;
  private @Nullable OutputFile output;
  private ModelInterface modelInterface = ModelInterface.NONE;
  private @Nullable ModelSize before;
  private @Nullable ModelSize after;
  private @Nullable ErrorRecord error;
  private @Nullable FileState read;
  private @Nullable String content;
  private @Nullable FusionReport reused;
  private final List<FileState> companions = new ArrayList<>();
  private final List<FileState> published = new ArrayList<>();

  public ReportBuilder(FuseRequest request) {
    this.request = request;
    this.source = SourceFile.newBuilder().setUri(request.source().toString());
  }

  public void source(Staged staged) {
    source(staged.source(), staged.sha256());
  }

  private void source(StoredFile file, String sha256) {
    source
        .setBytes(file.bytes())
        .setEtag(file.etag())
        .setModified(file.modified().truncatedTo(ChronoUnit.MILLIS))
        .setSha256(sha256);
    read = FileStates.of(file, sha256);
  }

  /** The key of what decides the result, as far as it is known by its content. */
  void content(String key) {
    content = key;
  }

  /**
   * What was made of the same content was published again: everything but where and when is said as
   * it was of that.
   *
   * @param outputs data files first, the model last; none of a model that is left out
   */
  void reused(
      Receipt earlier,
      StoredFile file,
      String sha256,
      List<FileState> readBeside,
      List<FileState> outputs) {
    FusionReport other = earlier.getReport();
    reused = other;
    source(file, sha256);
    source
        .setIrVersion(other.getSource().getIrVersion())
        .setOpsets(other.getSource().getOpsets())
        .setProducer(other.getSource().getProducer());
    companions.addAll(readBeside);
    published.addAll(outputs);
    if (!outputs.isEmpty() && other.getOutput() != null) {
      FileState model = outputs.get(outputs.size() - 1);
      output =
          OutputFile.newBuilder(other.getOutput())
              .setUri(model.getUri())
              .setEtag(model.getEtag())
              .build();
    }
  }

  /** A file that was read beside the source. */
  void companion(StoredFile file, @Nullable String sha256) {
    companions.add(FileStates.of(file, sha256));
  }

  /** What was read beside the source. */
  List<FileState> companions() {
    return companions;
  }

  public void model(GraphCheckpoint model) {
    GraphFacts facts = model.facts();
    format = model.format().id();
    before = ModelSizes.of(model.graph(), model.bytes());
    modelInterface = ModelInterface.of(model.graph().graph());
    String producer = (facts.producerName() + " " + facts.producerVersion()).strip();
    source
        .setIrVersion(facts.irVersion().isPresent() ? facts.irVersion().getAsLong() : null)
        .setOpsets(facts.opsets())
        .setProducer(producer.isEmpty() ? null : producer);
  }

  /**
   * A plan.
   *
   * @param scope what the report calls the scope of a fusion
   */
  void plan(FusionPlan current, Function<Fusion, String> scope) {
    plan(current, scope, fusion -> null);
  }

  /**
   * A plan of state dicts.
   *
   * @param scope what the report calls the scope of a fusion
   * @param epsilon of the BatchNorm that a fusion folds; null if it folds none, or the file says it
   */
  void plan(
      FusionPlan current,
      Function<Fusion, String> scope,
      Function<Fusion, @Nullable Double> epsilon) {
    fusions = PlanRecords.fusions(current.fusions(), scope, epsilon);
    dropped = PlanRecords.dropped(current.dropped(), scope, causes);
    refusals = PlanRecords.explained(PlanRecords.refusals(current.refusals()), dropped);
    for (Fusion fusion : current.fusions()) {
      scopes.put(fusion.id(), scope.apply(fusion));
    }
  }

  /**
   * Fusions are about to be taken out of a plan, as a check has found.
   *
   * @param culprits ids of those that it blames
   * @param lost all of them, with those that build on a culprit, in plan order
   */
  void dropping(Set<Integer> culprits, List<Fusion> lost, Equivalence found) {
    DropCause last = null;
    for (Fusion fusion : lost) {
      if (culprits.contains(fusion.id()) || last == null) {
        last = DropCause.of(fusion, scopes.getOrDefault(fusion.id(), ""), found);
        causes.put(fusion, last);
      } else {
        causes.put(fusion, DropCause.dependent(last));
      }
    }
  }

  /** What people should know of the whole file. */
  void notes(List<String> sentences) {
    notes = List.copyOf(sentences);
  }

  /**
   * A file of state dicts was read.
   *
   * @param extra what stands beside them
   */
  void checkpoint(StateCheckpoint checkpoint, List<ExtraEntry> extra) {
    format = checkpoint.format().id();
    kind = RuleChoice.Kind.STATE_DICT;
    beside = ExtraEntryRecords.of(extra);
    before =
        ModelSizes.of(
            checkpoint.states().stream().map(NestedState::state).toList(), checkpoint.bytes());
  }

  /** What the file that was written does not hold any more. */
  void written(List<ExtraEntry> extra, WriteSummary writing) {
    List<ExtraEntry> all = new ArrayList<>(extra);
    Set<StatePath> gone =
        writing.dropped().stream().map(ExtraEntry::path).collect(Collectors.toSet());
    all.removeIf(item -> gone.contains(item.path()));
    all.addAll(writing.dropped());
    beside = ExtraEntryRecords.of(all);
  }

  /** The state dicts as they become. */
  void after(List<StateDict> states) {
    after = ModelSizes.of(states, before == null ? 0 : before.getBytes());
  }

  /** Nothing could be planned, for these reasons. */
  void refused(List<Refusal> reasons) {
    refusals = PlanRecords.refusals(reasons);
  }

  /** The model as it becomes; its bytes are those of the file, once there is one. */
  public void after(ModelGraph graph) {
    after = ModelSizes.of(graph, before == null ? 0 : before.getBytes());
  }

  public void equivalence(Verifier.Finding found) {
    equivalence = EquivalenceRecords.of(found.equivalence(), found.runner());
  }

  /** A file that was made visible, in the order in which that happened. */
  StoredFile published(StoredFile file, @Nullable String sha256) {
    published.add(FileStates.of(file, sha256));
    return file;
  }

  public void output(StoredFile model, String sha256, List<String> dataFiles) {
    output =
        OutputFile.newBuilder()
            .setUri(model.location().toString())
            .setBytes(model.bytes())
            .setSha256(sha256)
            .setEtag(model.etag())
            .setDataFiles(dataFiles)
            .build();
    if (after != null) {
      after = ModelSize.newBuilder(after).setBytes(model.bytes()).build();
    }
  }

  public void failed(Stage stage, Throwable thrown) {
    error = Failures.of(request.source(), stage, thrown);
  }

  JobResult attempted(Outcome outcome, Map<String, Double> milliseconds) {
    return new JobResult(
        report(outcome, milliseconds),
        read,
        List.copyOf(companions),
        List.copyOf(published),
        modelInterface,
        content);
  }

  /** A model with nothing to fuse stays out of the output. */
  void omitted() {
    omits = true;
  }

  public FusionReport report(Outcome outcome, Map<String, Double> milliseconds) {
    FusionReport other = reused;
    return other == null
        ? made(outcome, milliseconds)
        : FusionReport.newBuilder(other)
            .setReportVersion(ReportFiles.VERSION)
            .setRunId(request.runId())
            .setId(request.id())
            .setSource(source.build())
            .setOutput(output)
            .setStarted(started)
            .setTimingsMs(milliseconds)
            .setProvenance(provenance())
            .setReusedFrom(Objects.requireNonNullElse(other.getReusedFrom(), other.getId()))
            .build();
  }

  private Provenance provenance() {
    return Provenance.newBuilder()
        .setConverter(Converter.NAME)
        .setConverterVersion(Converter.versionAndBuild())
        .setConfigurationSha256(request.digest())
        .build();
  }

  private FusionReport made(Outcome outcome, Map<String, Double> milliseconds) {
    return FusionReport.newBuilder()
        .setReportVersion(ReportFiles.VERSION)
        .setRunId(request.runId())
        .setId(request.id())
        .setOutcome(outcome)
        .setOutcomeDetail(
            OutcomeDetails.of(
                outcome, !dropped.isEmpty(), omits, equivalence.getVerdict().toString()))
        .setFormat(format)
        .setMode(request.settings().mode().text())
        .setRules(RuleChoice.of(request.settings(), kind))
        .setSource(source.build())
        .setOutput(output)
        .setFusions(fusions)
        .setRefusals(refusals)
        .setDropped(dropped)
        .setBefore(before)
        .setAfter(after)
        .setBeside(beside)
        .setNotes(notes)
        .setEquivalence(equivalence)
        .setStarted(started)
        .setTimingsMs(milliseconds)
        .setError(error)
        .setProvenance(provenance())
        .build();
  }
}
