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

import dev.fusewright.io.storage.Listings;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.cache.CacheKey;
import dev.fusewright.pipeline.cache.CacheLookup;
import dev.fusewright.pipeline.cache.Incremental;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CatalogueIndex;
import dev.fusewright.pipeline.catalogue.CatalogueLines;
import dev.fusewright.pipeline.catalogue.CatalogueWriter;
import dev.fusewright.pipeline.catalogue.CostOrder;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.catalogue.EntryRequests;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.Map;
import org.apache.avro.file.DataFileWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles, before a run begins, the entries that are seen to be unchanged: by their receipts, of
 * which a batch has hundreds, and by listings. That takes a request for some hundred entries, where
 * looking at each takes several for each. Receipts stream past an index of the catalogue, so that
 * it holds some thirty bytes for an entry, of catalogues of any size.
 */
public final class UpToDateCheck {
  private static final Logger LOG = LoggerFactory.getLogger(UpToDateCheck.class);

  private final Store store;
  private final RunFolder folder;
  private final CacheLookup lookup;
  private final Listings listings;
  private final BitSet settled = new BitSet();
  private final RunTotals totals = new RunTotals();
  private final Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  private UpToDateCheck(Store store, RunFolder folder, CacheLookup lookup) {
    this.store = store;
    this.folder = folder;
    this.lookup = lookup;
    this.listings = Listings.of(store);
  }

  /**
   * Settles what is unchanged, and writes the reports of that, and the lines of what is left, into
   * the run's folder. Without receipts, or if they cannot be read, nothing is settled: the workers
   * look at each entry.
   *
   * @param run as it begins, with its catalogue in its folder
   * @param local the same catalogue on this machine
   * @param reports folder of all runs' reports
   */
  public static UpToDateEntries of(
      RunRecord run,
      Path local,
      CacheLookup.Trust trust,
      Store store,
      Location reports,
      Scratch scratch)
      throws IOException {
    RunFolder folder = RunFolder.of(reports, run.id());
    ActionCache cache =
        ActionCache.below(store, reports, FuseSettings.resolve(run.settings()).mode());
    CacheLookup lookup = new CacheLookup(store, cache, trust);
    UpToDateCheck settlement = new UpToDateCheck(store, folder, lookup);
    if (trust == CacheLookup.Trust.EVERY_RUN) {
      try {
        cache.merge(scratch);
        if (cache.hasBatches() && settlement.settle(run, local, cache)) {
          PreparedCatalogue left = settlement.left(local, scratch);
          LOG.info(
              "{} of {} entries are unchanged, {} are left for the workers",
              settlement.totals.total(),
              run.prepared().entries(),
              left.entries());
          return new UpToDateEntries(left, settlement.totals);
        }
        LOG.info(
            "none of {} entries is seen to be unchanged, each is looked at",
            run.prepared().entries());
      } catch (IOException | RuntimeException e) {
        LOG.warn(
            "what was done before is not known, every entry is looked at: {}",
            StorageErrors.describe(e));
      }
    }
    withdraw(store, folder);
    return UpToDateEntries.none(run.prepared());
  }

  /**
   * What is settled of a run that goes on: what was when it began, unless that is not to count, or
   * cannot be read any more; then nothing is.
   *
   * @param run as it began
   * @param reports folder of all runs' reports
   */
  public static UpToDateEntries again(
      RunRecord run, CacheLookup.Trust trust, Store store, Location reports, Scratch scratch)
      throws IOException {
    RunFolder folder = RunFolder.of(reports, run.id());
    Mode mode = FuseSettings.resolve(run.settings()).mode();
    if (mode != Mode.AUDIT) {
      ActionCache.below(store, reports, mode).merge(scratch);
    }
    if (trust == CacheLookup.Trust.EVERY_RUN && run.left().entries() < run.prepared().entries()) {
      try {
        RunTotals totals = new RunTotals();
        ReportFiles.read(store, folder.settled(), totals::add);
        if (totals.total() + run.left().entries() == run.prepared().entries()) {
          return new UpToDateEntries(run.left(), totals);
        }
        LOG.info("what was settled has been withdrawn since, every entry is looked at");
      } catch (IOException | RuntimeException e) {
        LOG.warn(
            "what was settled is not known any more, every entry is looked at: {}",
            StorageErrors.describe(e));
      }
    }
    withdraw(store, folder);
    return UpToDateEntries.none(run.prepared());
  }

  /** Whether there was anything to settle. */
  private boolean settle(RunRecord run, Path local, ActionCache cache) throws IOException {
    try (CatalogueIndex entries =
            CatalogueIndex.of(
                run.prepared(), local, entry -> lookup.expect(asked(run, entry), listings));
        PendingFile file = store.create(folder.settled())) {
      try (DataFileWriter<FusionReport> reports = ReportFiles.writer(file)) {
        cache.forEach(new Settling(run, entries, reports));
      }
      if (!settled.isEmpty()) {
        file.commit();
      }
      return !settled.isEmpty();
    }
  }

  /** An earlier start of this run may have settled something. */
  private static void withdraw(Store store, RunFolder folder) throws IOException {
    if (store.status(folder.settled()).isPresent()) {
      try (PendingFile file = store.create(folder.settled())) {
        ReportFiles.writer(file).close();
        file.commit();
      }
    }
  }

  private static CacheKey asked(RunRecord run, CatalogueEntry entry) {
    return Incremental.asked(
        EntryRequests.of(
            entry, run.id(), run.settings(), run.output(), OutputConflicts.NONE, null));
  }

  /** Settles the entries of receipts, one at a time. */
  private final class Settling implements ActionCache.Each {
    private final RunRecord run;
    private final CatalogueIndex entries;
    private final DataFileWriter<FusionReport> reports;

    /** The entry that was wanted last. */
    private CatalogueIndex.@Nullable Found wanted;

    Settling(RunRecord run, CatalogueIndex entries, DataFileWriter<FusionReport> reports) {
      this.run = run;
      this.entries = entries;
      this.reports = reports;
    }

    @Override
    public boolean isWanted(String id) throws IOException {
      CatalogueIndex.Found found = entries.find(id);
      wanted = found != null && !settled.get(found.position()) ? found : null;
      return wanted != null;
    }

    @Override
    public void accept(Receipt receipt) throws IOException {
      CatalogueIndex.Found found = wanted;
      if (found != null && lookup.isUnchanged(asked(run, found.entry()), receipt, listings)) {
        settled.set(found.position());
        FusionReport report = Incremental.unchanged(run.id(), receipt, started, Map.of());
        reports.append(report);
        totals.add(report);
      }
    }
  }

  private PreparedCatalogue left(Path local, Scratch scratch) throws IOException {
    Path unordered = scratch.file("left.jsonl");
    Path ordered = scratch.file("work.jsonl");
    PreparedCatalogue left;
    try (CatalogueLines lines = new CatalogueLines(Files.newInputStream(local));
        CatalogueWriter writer = new CatalogueWriter(unordered)) {
      int position = 0;
      for (var line = lines.next(); line != null; line = lines.next(), position++) {
        if (!settled.get(position)) {
          writer.add(EntryJson.prepared(line.text()));
        }
      }
      left = writer.at(Location.of(unordered));
    }
    // Of fewer entries the mean size is another one.
    PreparedCatalogue work = CostOrder.sorted(left, ordered).at(folder.work());
    store.publish(ordered, work.location());
    return work;
  }
}
