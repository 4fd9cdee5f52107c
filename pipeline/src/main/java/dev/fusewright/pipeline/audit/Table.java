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
package dev.fusewright.pipeline.audit;

import static dev.fusewright.pipeline.audit.Column.Type.BOOLEAN;
import static dev.fusewright.pipeline.audit.Column.Type.DOUBLE;
import static dev.fusewright.pipeline.audit.Column.Type.LONG;
import static dev.fusewright.pipeline.audit.Column.Type.TEXT;
import static dev.fusewright.pipeline.audit.Column.Type.TIME;

import dev.fusewright.pipeline.report.LevelWords;
import dev.fusewright.report.ErrorRecord;
import dev.fusewright.report.FusionRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.LevelRecord;
import dev.fusewright.report.LevelsRecord;
import dev.fusewright.report.ModelSize;
import dev.fusewright.report.OutputFiguresRecord;
import dev.fusewright.report.OutputFile;
import dev.fusewright.report.RefusalRecord;
import dev.fusewright.report.SiteRecord;
import dev.fusewright.report.StoredRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A flat table of a run for analysts.
 *
 * @param name of the table, in its files' names
 * @param rows of a model
 * @param <R> what a row is made of
 */
record Table<R>(String name, List<Column<R>> columns, Function<FusionReport, Stream<R>> rows) {
  /** A row per model. */
  static final Table<ModelFacts> MODELS = models();

  /** A row per site that was fused or dropped, or of which something was proven. */
  static final Table<SiteFacts> SITES = sites();

  /** A row per refusal. */
  static final Table<Refused> REFUSALS = refusals();

  static final List<Table<?>> ALL = List.of(MODELS, SITES, REFUSALS);

  /** A refusal of a model. */
  record Refused(FusionReport report, RefusalRecord refusal) {}

  /** Writes the rows of a model. */
  void write(FusionReport report, TableWriter out) throws IOException {
    for (R row : rows.apply(report).toList()) {
      List<@Nullable Object> values = new ArrayList<>();
      for (Column<R> column : columns) {
        values.add(column.value(row));
      }
      out.row(values);
    }
  }

  private static Table<ModelFacts> models() {
    Columns<ModelFacts> c = new Columns<>();
    c.add("run_id", TEXT, m -> m.report().getRunId());
    c.add("id", TEXT, m -> m.report().getId());
    c.add("outcome", TEXT, m -> m.outcome().name());
    c.add("outcome_detail", TEXT, m -> m.report().getOutcomeDetail());
    c.add("verdict", TEXT, ModelFacts::verdict);
    c.add("levels", TEXT, ModelFacts::levels);
    c.add("certificate", TEXT, m -> standing(levels(m).getCertificate()));
    c.add("site", TEXT, m -> standing(levels(m).getSite()));
    c.add("whole_model", TEXT, m -> standing(levels(m).getModel()));
    c.add("whole_model_reason", TEXT, m -> levels(m).getModel().getReason());
    c.add("structure", TEXT, m -> standing(levels(m).getStructure()));
    c.add("format", TEXT, m -> m.report().getFormat());
    c.add("mode", TEXT, m -> m.report().getMode());
    c.add("rules", TEXT, m -> m.report().getRules());
    c.add("fused", LONG, ModelFacts::folds);
    c.add("containers", LONG, ModelFacts::containers);
    c.add("refused", LONG, m -> (long) m.report().getRefusals().size());
    c.add("dropped", LONG, m -> (long) m.report().getDropped().size());
    c.add("wrong_export", BOOLEAN, ModelFacts::isTrainingExport);
    c.add("nodes_before", LONG, ModelFacts::nodesBefore);
    c.add("nodes_after", LONG, ModelFacts::nodesAfter);
    c.add("parameters_before", LONG, m -> of(m.report().getBefore(), ModelSize::getParameters));
    c.add("parameters_after", LONG, m -> of(m.report().getAfter(), ModelSize::getParameters));
    c.add("multiply_adds", LONG, m -> of(m.report().getBefore(), ModelSize::getMultiplyAdds));
    c.add("bytes_before", LONG, m -> m.report().getSource().getBytes());
    c.add("bytes_after", LONG, ModelFacts::bytesOut);
    c.add("seconds", DOUBLE, m -> seconds(m.milliseconds()));
    c.add("verify_seconds", DOUBLE, m -> stage(m, "verify"));
    c.add("started", TIME, m -> m.report().getStarted());
    c.add("samples", LONG, m -> (long) m.report().getEquivalence().getSamples());
    c.add("seed", LONG, m -> m.report().getEquivalence().getSeed());
    c.add("runner", TEXT, m -> m.report().getEquivalence().getRunner());
    c.add("worst_output", TEXT, m -> worst(m, OutputFiguresRecord::getName));
    c.add("worst_error", DOUBLE, m -> worst(m, OutputFiguresRecord::getError));
    c.add("worst_tolerance", DOUBLE, m -> worst(m, OutputFiguresRecord::getTolerance));
    c.add("worst_ratio", DOUBLE, ModelFacts::worstRatio);
    c.add("worst_max_abs", DOUBLE, m -> worst(m, OutputFiguresRecord::getMaxAbs));
    c.add("worst_max_ulp", LONG, m -> worst(m, OutputFiguresRecord::getMaxUlp));
    c.add("source", TEXT, m -> m.report().getSource().getUri());
    c.add("source_sha256", TEXT, m -> m.report().getSource().getSha256());
    c.add("producer", TEXT, m -> m.report().getSource().getProducer());
    c.add("output", TEXT, m -> of(m.report().getOutput(), OutputFile::getUri));
    c.add("output_sha256", TEXT, m -> of(m.report().getOutput(), OutputFile::getSha256));
    c.add("converter_version", TEXT, m -> m.report().getProvenance().getConverterVersion());
    c.add("reused_from", TEXT, m -> m.report().getReusedFrom());
    c.add("error_stage", TEXT, m -> of(m.report().getError(), ErrorRecord::getStage));
    c.add("error_type", TEXT, m -> of(m.report().getError(), ErrorRecord::getType));
    c.add("error", TEXT, m -> of(m.report().getError(), ErrorRecord::getMessage));
    return new Table<>("models", c.list(), report -> Stream.of(new ModelFacts(report)));
  }

  private static Table<SiteFacts> sites() {
    Columns<SiteFacts> c = new Columns<>();
    c.add("run_id", TEXT, s -> s.report().getRunId());
    c.add("id", TEXT, s -> s.report().getId());
    c.add("site_number", LONG, s -> (long) s.number());
    c.add("rule", TEXT, SiteFacts::rule);
    c.add("module", TEXT, s -> of(s.fusion(), FusionRecord::getModule));
    c.add("result", TEXT, SiteFacts::result);
    c.add("scope", TEXT, SiteFacts::scope);
    c.add("nodes", TEXT, s -> String.join(", ", s.nodes()));
    c.add("epsilon", DOUBLE, s -> of(s.fusion(), FusionRecord::getEpsilon));
    c.add("proven_nodes", TEXT, s -> of(s.proof(), p -> String.join(", ", p.getNodes())));
    c.add("certificate", TEXT, s -> standing(of(s.proof(), SiteRecord::getCertificate)));
    c.add("certificate_reason", TEXT, s -> reason(of(s.proof(), SiteRecord::getCertificate)));
    c.add("site", TEXT, s -> standing(of(s.proof(), SiteRecord::getSite)));
    c.add("site_reason", TEXT, s -> reason(of(s.proof(), SiteRecord::getSite)));
    c.add("operands", LONG, s -> of(s.proof(), p -> (long) p.getOperands().size()));
    c.add("weights", LONG, s -> stored(s, StoredRecord::getWeights));
    c.add("least", DOUBLE, s -> stored(s, StoredRecord::getLeast));
    c.add("largest", DOUBLE, s -> stored(s, StoredRecord::getLargest));
    c.add("zeros", LONG, s -> stored(s, StoredRecord::getZeros));
    c.add("subnormals", LONG, s -> stored(s, StoredRecord::getSubnormals));
    c.add("weight_ulps", DOUBLE, s -> stored(s, StoredRecord::getWeightUlps));
    c.add("bias_ulps", DOUBLE, s -> stored(s, StoredRecord::getBiasUlps));
    c.add("dropped_level", TEXT, s -> of(s.fusion(), FusionRecord::getLevel));
    c.add("dropped_reason", TEXT, s -> of(s.fusion(), FusionRecord::getReason));
    c.add("dropped_message", TEXT, s -> of(s.fusion(), FusionRecord::getMessage));
    return new Table<>("sites", c.list(), SiteFacts::of);
  }

  private static Table<Refused> refusals() {
    Columns<Refused> c = new Columns<>();
    c.add("run_id", TEXT, r -> r.report().getRunId());
    c.add("id", TEXT, r -> r.report().getId());
    c.add("rule", TEXT, r -> r.refusal().getRule());
    c.add("reason", TEXT, r -> r.refusal().getReason());
    c.add("scope", TEXT, r -> r.refusal().getScope());
    c.add("nodes", TEXT, r -> String.join(", ", r.refusal().getNodes()));
    c.add("message", TEXT, r -> r.refusal().getMessage());
    return new Table<>(
        "refusals",
        c.list(),
        report -> report.getRefusals().stream().map(refusal -> new Refused(report, refusal)));
  }

  /** Columns being listed. */
  private static final class Columns<R> {
    private final List<Column<R>> columns = new ArrayList<>();

    void add(String name, Column.Type type, Function<R, @Nullable Object> of) {
      columns.add(new Column<>(name, type, of));
    }

    List<Column<R>> list() {
      return List.copyOf(columns);
    }
  }

  private static LevelsRecord levels(ModelFacts model) {
    return model.report().getEquivalence().getLevels();
  }

  private static <T, V> @Nullable V of(@Nullable T part, Function<T, @Nullable V> value) {
    return part == null ? null : value.apply(part);
  }

  private static @Nullable String standing(@Nullable LevelRecord level) {
    return of(level, LevelWords::standing);
  }

  private static @Nullable String reason(@Nullable LevelRecord level) {
    return of(level, LevelRecord::getReason);
  }

  private static <V> @Nullable V worst(
      ModelFacts model, Function<OutputFiguresRecord, @Nullable V> value) {
    return of(model.worst().orElse(null), value);
  }

  private static <V> @Nullable V stored(SiteFacts site, Function<StoredRecord, @Nullable V> value) {
    return of(of(site.proof(), SiteRecord::getStored), value);
  }

  private static @Nullable Double stage(ModelFacts model, String stage) {
    return of(model.report().getTimingsMs().get(stage), Table::seconds);
  }

  /** In whole microseconds: clocks tell no more. */
  private static double seconds(double milliseconds) {
    return Math.rint(milliseconds * 1e3) / 1e6;
  }
}
