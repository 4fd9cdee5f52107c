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
package dev.fusewright.pipeline.report;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.OperandDigest;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.StoredFigures;
import dev.fusewright.core.verify.Comparison;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.OutputFigures;
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
import dev.fusewright.report.ReceiptRecord;
import dev.fusewright.report.RefusalRecord;
import dev.fusewright.report.SourceFile;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Reports with something in every field. */
public final class ExampleReports {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00.123Z");

  private ExampleReports() {}

  /** A rejected model of which everything is known. */
  public static FusionReport full() {
    FusionRecord fusion =
        FusionRecord.newBuilder()
            .setRule("conv-batch-norm")
            .setModule("ConvReLU2d")
            .setScope("function a.B")
            .setNodes(List.of("conv", "bn", "relu"))
            .setResult("folded")
            .setNotes(List.of("the weight was copied"))
            .setEpsilon(1e-3)
            .build();
    ModelSize size =
        ModelSize.newBuilder()
            .setNodes(3)
            .setParameters(1000)
            .setBytes(5000)
            .setOperators(Map.of("Conv", 1L, "Relu", 1L, "BatchNormalization", 1L))
            .setTensors(7L)
            .setMultiplyAdds(123L)
            .setMultiplyAddsFormula("123·N")
            .build();
    return FusionReport.newBuilder()
        .setReportVersion(ReportFiles.VERSION)
        .setRunId("a-run")
        .setId("vision/model")
        .setOutcome(Outcome.REJECTED)
        .setOutcomeDetail("A_FINER_ONE")
        .setFormat("onnx")
        .setMode("eval")
        .setRules("inference")
        .setSource(
            SourceFile.newBuilder()
                .setUri("s3a://zoo/model.onnx")
                .setBytes(5000L)
                .setSha256("ab".repeat(32))
                .setEtag("\"etag\"")
                .setModified(NOON)
                .setIrVersion(8L)
                .setOpsets(Map.of("", 17L))
                .setProducer("pytorch 2.1")
                .build())
        .setOutput(
            OutputFile.newBuilder()
                .setUri("s3a://fused/vision/model.onnx")
                .setBytes(4000)
                .setSha256("cd".repeat(32))
                .setEtag("\"other\"")
                .setDataFiles(List.of("model.onnx.data"))
                .build())
        .setFusions(List.of(fusion))
        .setRefusals(
            List.of(
                RefusalRecord.newBuilder()
                    .setRule("conv-batch-norm")
                    .setScope("")
                    .setNodes(List.of("c2", "b2"))
                    .setReason("OTHER_USES")
                    .setMessage("'y' is read by 'z' too")
                    .build()))
        .setDropped(
            List.of(
                FusionRecord.newBuilder(fusion)
                    .setLevel("site")
                    .setReason("DROPPED_BY_VERIFICATION")
                    .setMessage("z[0] differs by 0.5")
                    .build()))
        .setBefore(size)
        .setAfter(size)
        .setBeside(
            List.of(
                BesideRecord.newBuilder()
                    .setPath("optimizer")
                    .setDescription("dict of 2")
                    .setFate("carried")
                    .build()))
        .setEquivalence(equivalenceRecord())
        .setNotes(List.of("an EMA copy was left unfused"))
        .setStarted(NOON)
        .setTimingsMs(Map.of("fetch", 1.5, "read", 0.25))
        .setError(
            ErrorRecord.newBuilder()
                .setStage("verify")
                .setType("RejectedException")
                .setMessage("it is different")
                .setRetryable(false)
                .build())
        .setProvenance(
            Provenance.newBuilder()
                .setConverter("fusewright")
                .setConverterVersion("0.1.0")
                .setConfigurationSha256("ef".repeat(32))
                .build())
        .setReceipt(
            ReceiptRecord.newBuilder()
                .setFile(file("s3a://fused/reports/ledger/vision/model.avro"))
                .setTarget("s3a://fused/vision/model.onnx")
                .setRead(NOON)
                .setSource(file("s3a://zoo/model.onnx"))
                .setCompanions(List.of(file("s3a://zoo/model.onnx.data")))
                .setOutputs(
                    List.of(
                        file("s3a://fused/vision/model.onnx.data"),
                        file("s3a://fused/vision/model.onnx")))
                .build())
        .setReusedFrom("vision/twin")
        .build();
  }

  private static FileState file(String uri) {
    return FileState.newBuilder()
        .setUri(uri)
        .setBytes(4000)
        .setModified(NOON)
        .setEtag("\"other\"")
        .setSha256("cd".repeat(32))
        .build();
  }

  private static EquivalenceRecord equivalenceRecord() {
    EquivalenceRecord record = EquivalenceRecords.of(equivalence(), "a runner");
    record.getLevels().put("structure", record.getLevels().getSite());
    return record;
  }

  private static Equivalence equivalence() {
    Comparison comparison =
        new Comparison(
            10,
            0,
            1.5e-7,
            2e-7,
            3e-8,
            1,
            Double.POSITIVE_INFINITY,
            4,
            1,
            List.of(9L, 1L, 0L, 0L, 0L, 0L),
            0,
            0);
    LevelVerdict same = LevelVerdict.equivalent("the same");
    return new Equivalence(
        Map.of(
            Level.CERTIFICATE, same,
            Level.SITE, same,
            Level.MODEL, LevelVerdict.inconclusive(InconclusiveReason.NOISE, "noisy")),
        3,
        42,
        List.of(new OutputFigures("y", "normal [1,3]", comparison, 1e-7, 1e-6, null, 0.5, 2)),
        List.of(
            new SiteResult(
                "conv-batch-norm",
                "function a.B",
                List.of("conv", "bn"),
                same,
                same,
                List.of(
                    new OperandDigest(
                        "w", ElementType.FLOAT, Shape.of(4, 3, 3, 3), "0a".repeat(32))),
                new StoredFigures(108, -1.5, 2.25, 3, 1, 0.5, 0.75))),
        List.of(
            new Assumption(
                Assumption.Kind.LISTED, "'bn1' alone follows 'conv1'", "the module list")));
  }
}
