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
package dev.fusewright.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.TakesLong;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ForwardingStore;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.cache.CacheLookup.Trust;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CatalogueWriter;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.model.Converter;
import dev.fusewright.pipeline.report.ExampleReports;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Provenance;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A catalogue of more entries than were once settled in a heap of a gigabyte; {@code
 * -Dfusewright.entries=1000000} takes a million.
 */
@TakesLong
final class LargeUpToDateCheckTest {
  private static final int ENTRIES = Integer.getInteger("fusewright.entries", 100_000);

  /** One in so many has another source since. */
  private static final int CHANGED = 1000;

  private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");
  private static final Location OUTPUT = Location.of("s3a://fused/out");
  private static final Location ZOO = Location.of("s3a://zoo/models");
  private static final Location CATALOGUE = Location.of("s3a://zoo/catalogue.jsonl");

  @TempDir Path folder;

  private Location reports() {
    return Location.of(folder.resolve("reports"));
  }

  private static String id(int i) {
    return "team/m%07d".formatted(i);
  }

  private static StoredFile file(Location location, int i) {
    return new StoredFile(location, 1000L + i, TIME.plusSeconds(i), "%032x".formatted(i));
  }

  private static StoredFile source(int i) {
    return file(ZOO.resolve(id(i) + ".onnx"), i);
  }

  private static StoredFile output(int i) {
    return file(OUTPUT.resolve(id(i) + ".onnx"), i);
  }

  @Test
  void all_that_is_unchanged_is_settled_at_once() throws Exception {
    Zoo store = new Zoo();
    Path local = folder.resolve("catalogue.jsonl");
    PreparedCatalogue prepared = writeCatalogue(local);
    writeReceipts(store);
    RunRecord run =
        new RunRecord(
            "second",
            TIME,
            CATALOGUE,
            prepared,
            prepared,
            OUTPUT,
            Settings.NONE,
            /* receipts= */ null);
    long began = System.nanoTime();
    UpToDateEntries entries;
    try (Scratch scratch = Scratch.in(folder)) {
      entries = UpToDateCheck.of(run, local, Trust.EVERY_RUN, store, reports(), scratch);
    }
    System.err.printf(
        "%d entries settled in %d ms, %d listings, heap of %,d bytes%n",
        entries.totals().total(),
        (System.nanoTime() - began) / 1_000_000,
        store.listings,
        Runtime.getRuntime().maxMemory());

    assertThat(entries.left().entries()).isEqualTo(ENTRIES / CHANGED);
    assertThat(entries.totals().total()).isEqualTo(ENTRIES - ENTRIES / CHANGED);
    assertThat(Files.readAllLines(entries.left().location().localPath()))
        .hasSize(ENTRIES / CHANGED)
        .allMatch(line -> line.matches("\\{\"id\":\"team/m[0-9]*000\".*"));
    assertThat(store.listings).as("sources, outputs").isEqualTo(2);
    assertThat(TestReceipts.batches(folder.resolve("reports"))).as("merged").isEmpty();
  }

  private static PreparedCatalogue writeCatalogue(Path file) throws IOException {
    try (CatalogueWriter writer = new CatalogueWriter(file)) {
      for (int i = 0; i < ENTRIES; i++) {
        writer.add(CatalogueEntry.of(id(i), source(i).location(), source(i).bytes()));
      }
      return writer.at(Location.of(file));
    }
  }

  /** As workers have left them, in an order of their own. */
  private void writeReceipts(Store store) throws IOException {
    FusionReport.Builder report =
        FusionReport.newBuilder(ExampleReports.full())
            .setRefusals(List.of())
            .setReceipt(null)
            .setProvenance(
                Provenance.newBuilder()
                    .setConverter(Converter.NAME)
                    .setConverterVersion(Converter.versionAndBuild())
                    .setConfigurationSha256(FuseSettings.resolve(Settings.NONE).digest())
                    .build());
    ActionCache cache = ActionCache.below(store, reports());
    for (int i = ENTRIES - 1; i >= 0; i--) {
      cache.put(
          Receipt.newBuilder()
              .setReceiptVersion(ActionCache.RECEIPT_VERSION)
              .setTarget(output(i).location().toString())
              .setRead(TIME)
              .setSource(FileStates.of(source(i), null))
              .setCompanions(List.of())
              .setOutputs(List.of(FileStates.of(output(i), null)))
              .setReport(report.setId(id(i)).build())
              .build());
    }
    cache.write();
  }

  /** A store that is full of models that are nowhere; the run's own files are on this disk. */
  private static final class Zoo extends ForwardingStore {
    private int listings;

    Zoo() {
      super(Stores.of(StorageConfiguration.defaults()));
    }

    @Override
    public boolean forEachBelow(Location place, int most, Consumer<StoredFile> file)
        throws IOException {
      if (place.isLocal()) {
        return super.forEachBelow(place, most, file);
      }
      listings++;
      assertThat(most).isGreaterThanOrEqualTo(ENTRIES);
      for (int i = 0; i < ENTRIES; i++) {
        if (output(i).location().isBelow(place)) {
          file.accept(output(i));
        } else {
          StoredFile source = source(i);
          file.accept(
              i % CHANGED == 0
                  ? new StoredFile(source.location(), source.bytes(), source.modified(), "new")
                  : source);
        }
      }
      return true;
    }
  }
}
