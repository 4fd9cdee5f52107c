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
package dev.fusewright.pipeline.files;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.cache.CacheLookup;
import dev.fusewright.pipeline.cache.Incremental;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.pipeline.run.RunRecord;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FusionReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;

/** Right files of a run, which a fuzzer begins with. */
final class RecordSeeds {
  static final Store STORE = Stores.of(StorageConfiguration.defaults());

  private RecordSeeds() {}

  /** The report of a small model that was fused and not proven. */
  static FusionReport report(Path folder) {
    FuseSettings unproven =
        FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE);
    Incremental flow =
        new Incremental(
            new FuseModel(STORE, NoVerifier.INSTANCE, folder),
            ActionCache.below(STORE, Location.of(folder)),
            CacheLookup.Trust.EVERY_RUN);
    FusionReport report =
        flow.fuse(
            FuseRequest.of(
                Location.of(ExampleModels.model("mlp_bn")),
                Location.of(folder.resolve("out.onnx")),
                FuseRequest.Placement.BESIDE,
                unproven));
    flow.writeReceipts();
    return report;
  }

  /** Writes the record of a run. */
  static void record(RunFolder run) throws IOException {
    PreparedCatalogue catalogue = new PreparedCatalogue(run.catalogue(), 3, 2, 100);
    new RunRecord(
            "a-run",
            Instant.EPOCH,
            Location.of("/zoo.jsonl"),
            catalogue,
            catalogue,
            Location.of("/out"),
            Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE),
            /* receipts= */ null)
        .write(STORE, run, Map.of());
  }

  /** A report's part with a codec. */
  static byte[] part(CodecFactory codec) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DataFileWriter<FusionReport> writer =
        new DataFileWriter<FusionReport>(new SpecificDatumWriter<>(FusionReport.class))
            .setCodec(codec)) {
      writer.create(FusionReport.getClassSchema(), out);
      writer.append(report(Files.createTempDirectory("seeds")));
    }
    return out.toByteArray();
  }

  /** The batch with the receipt of that model. */
  static byte[] receipts() throws IOException {
    Path folder = Files.createTempDirectory("seeds");
    report(folder);
    return Files.readAllBytes(batch(folder));
  }

  /** The batch of receipts below a folder of reports that has only one. */
  static Path batch(Path reports) throws IOException {
    try (Stream<Path> batches = Files.list(reports.resolve("receipts/new"))) {
      return batches.findFirst().orElseThrow();
    }
  }
}
