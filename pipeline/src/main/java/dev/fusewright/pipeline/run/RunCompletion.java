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

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fusewright.core.text.Amounts;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.ScratchSpace;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.report.RunSummary;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.settings.Mode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last step of a run, whose reports are written: the summary, and what marks it as complete.
 */
public final class RunCompletion {
  private static final Logger LOG = LoggerFactory.getLogger(RunCompletion.class);

  private RunCompletion() {}

  /**
   * Ends a run whose reports add up, or that {@link FailureLimit} has stopped: that one has a
   * summary and is not complete.
   *
   * <p>Doing it again is safe: every file is replaced by its like, and {@code _SUCCESS} comes last.
   *
   * @param totals of all its reports
   * @throws IllegalStateException if reports are missing, and nobody stopped it
   */
  public static void complete(RunSpec run, RunTotals totals) throws IOException {
    Store store = run.store();
    long missing = run.catalogue().entries() - totals.total();
    boolean isStopped = missing > 0 && new FailureLimit(run, store).isReached();
    if (missing != 0 && !isStopped) {
      throw new IllegalStateException(
          "run %s: expected a report of each of %s, found %d; nothing that was published is wrong, but the run is not complete"
              .formatted(
                  run.id(),
                  Amounts.count(run.catalogue().entries(), "entry", "entries"),
                  totals.total()));
    }
    // A clock that was set back meanwhile says nothing of how long it took.
    double seconds = Math.max(0, Duration.between(run.started(), Instant.now()).toMillis() / 1e3);
    RunSummary summary = new RunSummary(run.id(), totals, missing, seconds);
    RunFolder folder = run.folder();
    RetryCatalogue.write(store, folder);
    store.publish(summary.json().getBytes(UTF_8), folder.summary());
    Instant now = store.publish(summary.markdown().getBytes(UTF_8), folder.page()).modified();
    if (run.mode().fuses()) {
      removeOrphans(store, run.output(), now);
    }
    if (!run.mode().fuses() || !run.reports().isBelow(run.output())) {
      removeOrphans(store, run.reports(), now);
    }
    if (run.mode() != Mode.AUDIT) {
      mergeReceipts(run, store);
    }
    if (!isStopped) {
      store.publish(summary.prometheus(now).getBytes(UTF_8), LatestRun.figures(run.reports()));
      LatestRun.write(store, run.reports(), run.id());
      store.publish(new byte[0], folder.success());
    }
  }

  /** What killed workers left is hidden and harms nobody: no reason for a run to fail. */
  private static void removeOrphans(Store store, Location folder, Instant now) {
    try {
      int removed = store.removeOrphans(folder, now);
      if (removed > 0) {
        LOG.info("removed {} unfinished files of killed writers below {}", removed, folder);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "some unfinished files of killed writers may be left below {}: {}", folder, e.toString());
    }
  }

  private static void mergeReceipts(RunSpec run, Store store) {
    try (Scratch scratch = ScratchSpace.shared(run.storage().scratch()).folder()) {
      ActionCache.below(store, run.reports(), run.mode()).merge(scratch);
    } catch (IOException e) {
      LOG.warn("without scratch space receipts are not merged: {}", e.toString());
    }
  }
}
