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
package dev.fusewright.pipeline.cache;

import dev.fusewright.io.storage.FetchDeadline;
import dev.fusewright.io.storage.Listings;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.cache.CacheDecision.Reason;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.report.FileStates.Likeness;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.Receipt;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Comparison of cache keys with cache entries: the up-to-date check. Safe for use by several
 * threads.
 *
 * <p>Asking for an entry takes a handful of requests: for its source, its receipt and its outputs.
 * Of most entries {@link #isUnchanged} can tell by what was learned of many of them at once.
 */
public final class CacheLookup {
  /** Selection of the receipts that count. */
  public enum Trust {
    EVERY_RUN,
    /** Everything is done anew, but not twice by one run. */
    THIS_RUN_ONLY
  }

  private final Store store;
  private final ActionCache cache;
  private final Trust trust;
  private final InstantSource time;

  /** A lookup in a store and its action cache. */
  public CacheLookup(Store store, ActionCache cache, Trust trust) {
    this(store, cache, trust, InstantSource.system());
  }

  /** The same, by another clock. */
  CacheLookup(Store store, ActionCache cache, Trust trust, InstantSource time) {
    this.store = store;
    this.cache = cache;
    this.trust = trust;
    this.time = time;
  }

  /** Source of the statuses of files. */
  @FunctionalInterface
  private interface Statuses {
    Optional<StoredFile> of(Location file) throws IOException;
  }

  /** Announces that {@link #isUnchanged} will be asked of an entry. */
  public void expect(CacheKey key, Listings listings) {
    listings.expect(key.source());
    listings.expect(key.target());
  }

  /**
   * Whether an entry is seen to be unchanged, without asking for any of its files: everything is as
   * a receipt of it says, which is not of this very run. Where this is not seen, {@link #decide}
   * tells.
   *
   * @param receipt of the entry; whether it is the newest does not matter where all is as it says
   */
  public boolean isUnchanged(CacheKey key, Receipt receipt, Listings listings) throws IOException {
    StoredFile source = listings.find(key.source()).orElse(null);
    return trust == Trust.EVERY_RUN
        && !isOwn(key, receipt)
        && source != null
        && changed(key, receipt, source, listings::find) == Reason.UNCHANGED;
  }

  /**
   * Decides without reading a model.
   *
   * @throws IOException if the store fails
   */
  public CacheDecision decide(CacheKey key) throws IOException {
    StoredFile source = store.status(key.source()).orElse(null);
    if (source == null) {
      return new CacheDecision(Reason.SOURCE_MISSING, null, null);
    }
    Receipt cached = cache.find(key.id()).orElse(null);
    boolean isOwn = cached != null && isOwn(key, cached);
    if (trust == Trust.THIS_RUN_ONLY && !isOwn) {
      return new CacheDecision(Reason.FORCED, null, source);
    }
    if (cached == null) {
      return new CacheDecision(Reason.NEW, null, source);
    }
    Reason reason = changed(key, cached, source, store::status);
    return new CacheDecision(
        reason == Reason.UNCHANGED && isOwn ? Reason.DONE_BY_THIS_RUN : reason, cached, source);
  }

  /**
   * The receipt of a model of some content, if it counts.
   *
   * @param runId of the run that asks; null outside of one
   * @throws IOException if the store fails
   */
  Optional<Receipt> findContent(@Nullable String runId, String content) throws IOException {
    return cache
        .findContent(content)
        .filter(
            receipt ->
                switch (trust) {
                  case EVERY_RUN -> true;
                  case THIS_RUN_ONLY -> isOwn(runId, receipt);
                });
  }

  private static boolean isOwn(CacheKey key, Receipt receipt) {
    return isOwn(key.runId(), receipt);
  }

  private static boolean isOwn(@Nullable String runId, Receipt receipt) {
    return runId != null && runId.equals(receipt.getReport().getRunId());
  }

  private static Reason changed(CacheKey key, Receipt receipt, StoredFile source, Statuses statuses)
      throws IOException {
    FusionReport report = receipt.getReport();
    if (!key.converter().equals(report.getProvenance().getConverterVersion())) {
      return Reason.CONVERTER_CHANGED;
    }
    if (!key.configuration().equals(report.getProvenance().getConfigurationSha256())
        || !key.target().toString().equals(receipt.getTarget())
        || (key.format() != null && !key.format().equals(report.getFormat()))) {
      return Reason.CONFIGURATION_CHANGED;
    }
    if (!key.source().toString().equals(receipt.getSource().getUri())
        || (key.sha256() != null && !key.sha256().equals(receipt.getSource().getSha256()))) {
      return Reason.SOURCE_CHANGED;
    }
    Reason output = output(key, receipt, statuses);
    return output == Reason.UNCHANGED ? source(receipt, source, statuses) : output;
  }

  private static Reason output(CacheKey key, Receipt receipt, Statuses statuses)
      throws IOException {
    // A copy may be that of an UNCHANGED entry, which had no output for the same reason.
    boolean isOmitted =
        key.unfused() == CacheKey.Unfused.LEFT_OUT
            && receipt.getReport().getOutcome() != Outcome.FUSED;
    if (receipt.getOutputs().isEmpty() && !isOmitted) {
      return Reason.OUTPUT_MISSING;
    }
    for (FileState file : receipt.getOutputs()) {
      StoredFile now = statuses.of(Location.of(file.getUri())).orElse(null);
      if (now == null) {
        return Reason.OUTPUT_MISSING;
      }
      if (!FileStates.isIntact(file, now)) {
        return Reason.OUTPUT_CHANGED;
      }
    }
    return Reason.UNCHANGED;
  }

  private static Reason source(Receipt receipt, StoredFile source, Statuses statuses)
      throws IOException {
    Reason reason = reason(receipt, receipt.getSource(), source);
    for (FileState companion : receipt.getCompanions()) {
      if (reason == Reason.SOURCE_CHANGED) {
        return reason;
      }
      StoredFile now = statuses.of(Location.of(companion.getUri())).orElse(null);
      Reason own = now == null ? Reason.SOURCE_CHANGED : reason(receipt, companion, now);
      reason = own == Reason.UNCHANGED ? reason : own;
    }
    return reason;
  }

  private static Reason reason(Receipt receipt, FileState then, StoredFile now) {
    Likeness likeness = FileStates.likeness(then, now, receipt.getRead());
    return switch (likeness) {
      case SAME -> Reason.UNCHANGED;
      case DIFFERENT -> Reason.SOURCE_CHANGED;
      case UNCERTAIN -> then.getSha256() == null ? Reason.SOURCE_CHANGED : Reason.SOURCE_TOUCHED;
    };
  }

  /**
   * Decides by reading the source, where only its content can tell. A receipt that turns out to be
   * right takes over how its files look now, so that the next lookup need not read. Where it is
   * not, the source is to be asked for anew: reading took a while.
   *
   * @throws IOException if the store fails
   */
  public CacheDecision confirm(CacheKey key, CacheDecision touched, FetchDeadline.Progress progress)
      throws IOException {
    Receipt receipt = touched.known();
    Instant read = time.instant().truncatedTo(ChronoUnit.MILLIS);
    FileState source = confirmed(receipt.getSource(), progress);
    List<FileState> companions = new ArrayList<>();
    for (FileState companion : receipt.getCompanions()) {
      FileState now = source == null ? null : confirmed(companion, progress);
      if (now == null) {
        return new CacheDecision(Reason.SOURCE_CHANGED, receipt, null);
      }
      companions.add(now);
    }
    if (source == null) {
      return new CacheDecision(Reason.SOURCE_CHANGED, receipt, null);
    }
    Receipt confirmed =
        Receipt.newBuilder(receipt)
            .setRead(read)
            .setSource(source)
            .setCompanions(companions)
            .build();
    cache.put(confirmed);
    return new CacheDecision(
        isOwn(key, receipt) ? Reason.DONE_BY_THIS_RUN : Reason.UNCHANGED,
        confirmed,
        touched.source());
  }

  /** How a file looks now, if its content is what it was; null otherwise. */
  private @Nullable FileState confirmed(FileState then, FetchDeadline.Progress progress)
      throws IOException {
    Location location = Location.of(then.getUri());
    StoredFile before = store.status(location).orElse(null);
    if (before == null || before.bytes() != then.getBytes()) {
      return null;
    }
    if (then.getSha256() == null) {
      return FileStates.isIntact(then, before) ? then : null;
    }
    String sha256;
    try (InputStream in = store.open(location)) {
      sha256 = Staging.sha256(in, progress);
    } catch (FileNotFoundException e) {
      return null;
    }
    boolean isSame =
        sha256.equals(then.getSha256())
            && Objects.equals(before, store.status(location).orElse(null));
    return isSame ? FileStates.of(before, sha256) : null;
  }
}
