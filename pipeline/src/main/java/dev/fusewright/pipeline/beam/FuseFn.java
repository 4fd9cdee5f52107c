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

import dev.fusewright.io.storage.ScratchSpace;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.UploadBuffers;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.cache.Incremental;
import dev.fusewright.pipeline.catalogue.CatalogueConflicts;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.EntryRequests;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.OutputConflicts;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.FailureLimit;
import dev.fusewright.pipeline.run.RunProgress;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.pipeline.verification.BoundedVerifier;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.util.Objects;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.jspecify.annotations.Nullable;

/**
 * Fuses and publishes each model, and says what became of it.
 *
 * <p>Trying an entry again is safe: what this run has published is found in the ledger and reported
 * as before; what is done again is published atomically and with the same bytes. A model that fails
 * is an outcome; only an error of the machine fails the task.
 */
final class FuseFn extends DoFn<CatalogueEntry, FusionReport> {
  private final RunSpec run;
  private transient @Nullable Verifier proof;
  private transient @Nullable UploadBuffers buffers;
  private transient @Nullable Incremental flow;
  private transient @Nullable FailureLimit limit;
  private transient @Nullable OutputConflicts conflicts;

  FuseFn(RunSpec run) {
    this.run = run;
  }

  @Setup
  public void start() throws IOException {
    proof = new BoundedVerifier(RuntimeVerifier.withThreads(run.threads()));
    ScratchSpace scratch = ScratchSpace.shared(run.storage().scratch());
    buffers = scratch.buffers(run.storage());
    Store store = run.store(buffers.configuration());
    flow =
        new Incremental(
            new FuseModel(store, proof, scratch),
            ActionCache.below(store, run.reports(), run.mode()),
            run.choices().trust());
    limit = new FailureLimit(run, store);
    conflicts = new CatalogueConflicts(store, run.catalogue(), run.output(), run.reports());
  }

  @ProcessElement
  public void fuse(@Element CatalogueEntry entry, OutputReceiver<FusionReport> reports)
      throws IOException {
    FailureLimit threshold = Objects.requireNonNull(limit);
    if (threshold.isReached()) {
      count(LiveCounters.NOT_TRIED, 1);
      return;
    }
    RunProgress.begun(run.id(), entry.id());
    FusionReport report =
        Objects.requireNonNull(flow)
            .fuse(
                EntryRequests.of(
                    entry,
                    run.id(),
                    run.settings(),
                    run.output(),
                    Objects.requireNonNull(conflicts),
                    run.folder().quarantine()));
    if (report.getError() != null) {
      threshold.countFailure(entry.id());
    }
    count(LiveCounters.of(report.getOutcome()), 1);
    count(LiveCounters.BYTES_IN, RunTotals.bytesIn(report));
    count(LiveCounters.BYTES_OUT, RunTotals.bytesOut(report));
    LiveCounters.note(
        LiveCounters.BYTES_DONE, Objects.requireNonNullElse(report.getSource().getBytes(), 0L));
    RunProgress.done(run.id(), report);
    reports.output(report);
  }

  /** For those who watch, and for the result of the pipeline. */
  private static void count(String name, long more) {
    LiveCounters.note(name, more);
    Metrics.counter(FuseModels.class, name).inc(more);
  }

  @Teardown
  public void stop() throws IOException {
    if (proof != null) {
      proof.close();
    }
    if (buffers != null) {
      buffers.close();
      buffers = null;
    }
  }
}
