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
package dev.fusewright.pipeline.ledger;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.ledger.Decision.Reason;
import dev.fusewright.pipeline.ledger.FileStates.Likeness;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.Receipt;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds what is asked against what was done. Safe for use by several threads. */
public final class Lookup {
  /** Which receipts count. */
  public enum Trust {
    EVERY_RUN,
    /** Everything is done anew, but not twice by one run. */
    THIS_RUN_ONLY
  }

  private final Store store;
  private final Ledger ledger;
  private final Trust trust;

  /** A lookup in a store and its ledger. */
  public Lookup(Store store, Ledger ledger, Trust trust) {
    this.store = store;
    this.ledger = ledger;
    this.trust = trust;
  }

  /**
   * Decides without reading a model.
   *
   * @throws IOException if the store fails
   */
  public Decision decide(Asked asked) throws IOException {
    Optional<StoredFile> source = store.status(asked.source());
    long bytes = source.map(StoredFile::bytes).orElse(-1L);
    if (source.isEmpty()) {
      return new Decision(Reason.SOURCE_MISSING, null, bytes);
    }
    Receipt receipt = ledger.find(asked.id()).orElse(null);
    boolean isOwn = receipt != null && isOwn(asked, receipt);
    if (trust == Trust.THIS_RUN_ONLY && !isOwn) {
      return new Decision(Reason.FORCED, null, bytes);
    }
    if (receipt == null) {
      return new Decision(Reason.NEW, null, bytes);
    }
    Reason reason = changed(asked, receipt, source.get());
    return new Decision(
        reason == Reason.UNCHANGED && isOwn ? Reason.DONE_BY_THIS_RUN : reason, receipt, bytes);
  }

  private static boolean isOwn(Asked asked, Receipt receipt) {
    return asked.runId() != null && asked.runId().equals(receipt.getReport().getRunId());
  }

  private Reason changed(Asked asked, Receipt receipt, StoredFile source) throws IOException {
    FusionReport report = receipt.getReport();
    if (!asked.converter().equals(report.getProvenance().getConverterVersion())) {
      return Reason.CONVERTER_CHANGED;
    }
    if (!asked.configuration().equals(report.getProvenance().getConfigurationSha256())
        || !asked.target().toString().equals(receipt.getTarget())
        || (asked.format() != null && !asked.format().equals(report.getFormat()))) {
      return Reason.CONFIGURATION_CHANGED;
    }
    if (!asked.source().toString().equals(receipt.getSource().getUri())
        || (asked.sha256() != null && !asked.sha256().equals(receipt.getSource().getSha256()))) {
      return Reason.SOURCE_CHANGED;
    }
    Reason output = output(asked, receipt);
    return output == Reason.UNCHANGED ? source(receipt, source) : output;
  }

  private Reason output(Asked asked, Receipt receipt) throws IOException {
    boolean isOmitted =
        asked.unfused() == Asked.Unfused.LEFT_OUT
            && receipt.getReport().getOutcome() == Outcome.NOTHING_TO_FUSE;
    if (receipt.getOutputs().isEmpty() && !isOmitted) {
      return Reason.OUTPUT_MISSING;
    }
    for (FileState file : receipt.getOutputs()) {
      StoredFile now = store.status(Location.of(file.getUri())).orElse(null);
      if (now == null) {
        return Reason.OUTPUT_MISSING;
      }
      if (!FileStates.isIntact(file, now)) {
        return Reason.OUTPUT_CHANGED;
      }
    }
    return Reason.UNCHANGED;
  }

  private Reason source(Receipt receipt, StoredFile source) throws IOException {
    Reason reason = reason(receipt, receipt.getSource(), source);
    for (FileState companion : receipt.getCompanions()) {
      if (reason == Reason.SOURCE_CHANGED) {
        return reason;
      }
      StoredFile now = store.status(Location.of(companion.getUri())).orElse(null);
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
   * Settles what only the content of the source can tell, by reading it. A receipt that turns out
   * to be right takes over how its files look now, so that the next lookup need not read.
   *
   * @throws IOException if the store fails
   */
  public Decision confirm(Asked asked, Decision touched) throws IOException {
    Receipt receipt = touched.known();
    Instant read = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    FileState source = confirmed(receipt.getSource());
    List<FileState> companions = new ArrayList<>();
    for (FileState companion : receipt.getCompanions()) {
      FileState now = source == null ? null : confirmed(companion);
      if (now == null) {
        return new Decision(Reason.SOURCE_CHANGED, receipt, touched.bytes());
      }
      companions.add(now);
    }
    if (source == null) {
      return new Decision(Reason.SOURCE_CHANGED, receipt, touched.bytes());
    }
    Receipt settled =
        Receipt.newBuilder(receipt)
            .setRead(read)
            .setSource(source)
            .setCompanions(companions)
            .build();
    ledger.keep(settled);
    return new Decision(
        isOwn(asked, settled) ? Reason.DONE_BY_THIS_RUN : Reason.UNCHANGED,
        settled,
        touched.bytes());
  }

  /** How a file looks now, if its content is what it was; null otherwise. */
  private @Nullable FileState confirmed(FileState then) throws IOException {
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
      sha256 = Staging.sha256(in);
    } catch (FileNotFoundException e) {
      return null;
    }
    boolean isSame =
        sha256.equals(then.getSha256())
            && Objects.equals(before, store.status(location).orElse(null));
    return isSame ? FileStates.of(before, sha256) : null;
  }
}
