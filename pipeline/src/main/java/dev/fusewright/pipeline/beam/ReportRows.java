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
package dev.fusewright.pipeline.beam;

import dev.fusewright.report.ErrorRecord;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.util.CoderUtils;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * Reports as rows: what one looks at first, in types that every SDK knows, and the whole report as
 * bytes, for {@link WriteReports}.
 */
public final class ReportRows {
  private static final Coder<FusionReport> CODER = AvroCoder.specific(FusionReport.class);

  /** All fields. Of {@code report} it is Avro's binary encoding, in the schema of this version. */
  public static final Schema SCHEMA =
      Schema.builder()
          .addStringField("id")
          .addStringField("outcome")
          .addNullableField("outcome_detail", FieldType.STRING)
          .addStringField("verdict")
          .addStringField("source")
          .addNullableField("output", FieldType.STRING)
          .addNullableField("sha256", FieldType.STRING)
          .addInt32Field("fusions")
          .addNullableField("stage", FieldType.STRING)
          .addNullableField("message", FieldType.STRING)
          .addByteArrayField("report")
          .build();

  private ReportRows() {}

  /** Reports as rows. */
  public static PTransform<PCollection<FusionReport>, PCollection<Row>> write() {
    return new Write();
  }

  /** Rows as the reports that they were made of. */
  public static PTransform<PCollection<Row>, PCollection<FusionReport>> read() {
    return new Read();
  }

  static Row row(FusionReport report) {
    ErrorRecord error = report.getError();
    return Row.withSchema(SCHEMA)
        .withFieldValue("id", report.getId())
        .withFieldValue("outcome", report.getOutcome().name())
        .withFieldValue("outcome_detail", report.getOutcomeDetail())
        .withFieldValue("verdict", report.getEquivalence().getVerdict())
        .withFieldValue("source", report.getSource().getUri())
        .withFieldValue("output", report.getOutput() == null ? null : report.getOutput().getUri())
        .withFieldValue(
            "sha256", report.getOutput() == null ? null : report.getOutput().getSha256())
        .withFieldValue("fusions", report.getFusions().size())
        .withFieldValue("stage", error == null ? null : error.getStage())
        .withFieldValue("message", error == null ? null : error.getMessage())
        .withFieldValue("report", encoded(report))
        .build();
  }

  private static byte[] encoded(FusionReport report) {
    try {
      return CoderUtils.encodeToByteArray(CODER, report);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static FusionReport report(Row row) {
    byte[] encoded = row.getBytes("report");
    if (encoded == null) {
      throw new IllegalArgumentException("field 'report' is missing");
    }
    try {
      return CoderUtils.decodeFromByteArray(CODER, encoded);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Write extends PTransform<PCollection<FusionReport>, PCollection<Row>> {
    @Override
    public PCollection<Row> expand(PCollection<FusionReport> reports) {
      return reports
          .apply("Reports as rows", MapElements.into(TypeDescriptors.rows()).via(ReportRows::row))
          .setRowSchema(SCHEMA);
    }
  }

  private static final class Read extends PTransform<PCollection<Row>, PCollection<FusionReport>> {
    @Override
    public PCollection<FusionReport> expand(PCollection<Row> rows) {
      return rows.apply(
              "Rows as reports",
              MapElements.into(TypeDescriptor.of(FusionReport.class)).via(ReportRows::report))
          .setCoder(CODER);
    }
  }
}
