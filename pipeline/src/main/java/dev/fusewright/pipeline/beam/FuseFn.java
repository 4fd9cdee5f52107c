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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.ScratchSpace;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.storage.UploadBuffers;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.cache.Incremental;
import dev.fusewright.pipeline.cache.RecentResults;
import dev.fusewright.pipeline.catalogue.CatalogueConflicts;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.EntryRequests;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.FailureLimit;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.pipeline.run.RunProgress;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.verification.BoundedVerifier;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.jspecify.annotations.Nullable;

/**
 * Fuses and publishes each model, and says what became of it.
 *
 * <p>Trying an entry again is safe: what this run has published is found by its receipt and
 * reported as before; what is done again is published atomically and with the same bytes. A model
 * that fails is an outcome; only an error of the machine fails the task.
 */
final class FuseFn extends DoFn<CatalogueEntry, FusionReport> {
  private final FuseConfiguration configuration;

  /** Null outside of a run: then nothing is known of other entries, and no failures are counted. */
  private final @Nullable RunSpec run;

  private transient @Nullable Verifier proof;
  private transient @Nullable UploadBuffers buffers;
  private transient @Nullable Incremental flow;
  private transient @Nullable FailureLimit limit;
  private transient @Nullable OutputConflicts conflicts;

  FuseFn(FuseConfiguration configuration, @Nullable RunSpec run) {
    this.configuration = configuration;
    this.run = run;
  }

  @Setup
  public void start() throws IOException {
    proof = new BoundedVerifier(RuntimeVerifier.withThreads(run == null ? 1 : run.threads()));
    StorageConfiguration storage = configuration.storage();
    ScratchSpace scratch = ScratchSpace.shared(storage.scratch());
    buffers = scratch.buffers(storage);
    Store store =
        run == null ? Stores.of(buffers.configuration()) : run.store(buffers.configuration());
    Location receipts = run == null ? configuration.reports() : run.receipts();
    flow =
        new Incremental(
            new FuseModel(store, proof, scratch),
            ActionCache.below(
                store,
                receipts,
                FuseSettings.resolve(configuration.settings()).mode(),
                RecentResults.shared(List.of(storage, receipts))),
            configuration.trust());
    if (run != null) {
      limit = new FailureLimit(run, store);
      conflicts = new CatalogueConflicts(store, run.catalogue(), run.output(), run.reports());
    }
  }

  @ProcessElement
  public void fuse(@Element CatalogueEntry entry, MultiOutputReceiver outputs) throws IOException {
    FusionReport report = fuse(entry);
    if (report != null) {
      outputs.get(FuseModels.REPORTS).output(report);
      outputs.get(FuseModels.output(report)).output(report);
    }
  }

  /** What became of an entry; null if it was not tried. */
  @Nullable FusionReport fuse(CatalogueEntry entry) throws IOException {
    if (limit != null && limit.isReached()) {
      count(LiveCounters.NOT_TRIED, 1);
      return null;
    }
    String runId = configuration.runId();
    RunProgress.begun(runId, entry.id());
    FusionReport report = Objects.requireNonNull(flow).fuse(request(entry));
    if (limit != null && report.getError() != null) {
      limit.countFailure(entry.id());
    }
    count(LiveCounters.of(report.getOutcome()), 1);
    if (RunTotals.isReuse(report)) {
      count(LiveCounters.REUSED, 1);
    }
    count(LiveCounters.BYTES_IN, RunTotals.bytesIn(report));
    count(LiveCounters.BYTES_OUT, RunTotals.bytesOut(report));
    LiveCounters.note(
        LiveCounters.BYTES_DONE, Objects.requireNonNullElse(report.getSource().getBytes(), 0L));
    RunProgress.done(runId, report);
    return report;
  }

  private FuseRequest request(CatalogueEntry entry) {
    Location output = configuration.output();
    return EntryRequests.of(
        entry,
        configuration.runId(),
        configuration.settings(),
        output,
        conflicts == null ? OutputConflicts.outside(output.resolve(entry.id())) : conflicts,
        RunFolder.of(configuration.reports(), configuration.runId()).quarantine());
  }

  /** What of receipts is only remembered is written before the bundle counts as done. */
  @FinishBundle
  public void finish() {
    Objects.requireNonNull(flow).writeReceipts();
  }

  /** For those who watch, and for the result of the pipeline. */
  private static void count(String name, long more) {
    LiveCounters.note(name, more);
    Metrics.counter(FuseModels.class, name).inc(more);
  }

  @Teardown
  public void stop() throws IOException {
    if (flow != null) {
      flow.writeReceipts();
    }
    if (proof != null) {
      proof.close();
    }
    if (buffers != null) {
      buffers.close();
      buffers = null;
    }
  }
}
