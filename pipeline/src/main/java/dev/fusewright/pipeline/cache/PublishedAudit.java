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
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.model.AuditException;
import dev.fusewright.pipeline.model.AuditException.Kind;
import dev.fusewright.pipeline.model.Converter;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.ReportBuilder;
import dev.fusewright.pipeline.model.Stage;
import dev.fusewright.pipeline.model.StageClock;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.Receipt;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds what was published of an entry against its receipt, and the original against what was read
 * then. Every file whose digest is known is read; nothing is written, and no earlier audit counts.
 *
 * <p>An entry that is still right is {@code UNCHANGED}, with the report of the attempt that made
 * it. Otherwise it is rejected: missing, altered, or stale, as {@link Kind} says; what the store
 * cannot give is failed.
 */
final class PublishedAudit {
  private final Store store;
  private final ActionCache cache;

  PublishedAudit(Store store, ActionCache cache) {
    this.store = store;
    this.cache = cache;
  }

  /** What is wrong with one file. */
  private record Fault(Kind kind, String sentence) {}

  FusionReport audit(FuseRequest request) {
    Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    StageClock clock = new StageClock();
    ReportBuilder report = new ReportBuilder(request);
    try {
      if (request.problem() != null) {
        throw new RequestException(request.problem());
      }
      Receipt known =
          clock.at(Stage.LOOKUP, () -> cache.find(request.id())).orElseThrow(() -> none(request));
      clock.at(Stage.VERIFY, () -> requireIntact(request, known));
      FusionReport unchanged =
          Incremental.unchanged(request.runId(), known, started, clock.milliseconds());
      return FusionReport.newBuilder(unchanged).setNotes(notes(unchanged)).build();
    } catch (AuditException e) {
      report.failed(Stage.VERIFY, e);
      return FusionReport.newBuilder(report.report(Outcome.REJECTED, clock.milliseconds()))
          .setOutcomeDetail(e.kind().name())
          .build();
    } catch (Exception e) {
      report.failed(clock.current(), e);
      return FusionReport.newBuilder(report.report(Outcome.FAILED, clock.milliseconds()))
          .setOutcomeDetail(Kind.UNREADABLE.name())
          .build();
    }
  }

  private AuditException none(FuseRequest request) {
    return new AuditException(
        Kind.MISSING,
        "%s: expected the receipt of a published model in %s, found none: it was never published, or was rejected or failed the last time"
            .formatted(request.id(), cache.location()));
  }

  /** Says with which version it was published, where that is another than this. */
  private static List<String> notes(FusionReport report) {
    List<String> notes = new ArrayList<>(report.getNotes());
    String made = report.getProvenance().getConverterVersion();
    if (!made.equals(Converter.versionAndBuild())) {
      notes.add(
          "published by %s; this is %s, which would fuse it anew"
              .formatted(made, Converter.versionAndBuild()));
    }
    return notes;
  }

  private Receipt requireIntact(FuseRequest request, Receipt receipt)
      throws IOException, AuditException {
    List<Fault> faults = new ArrayList<>();
    String target = String.valueOf(request.target());
    if (!target.equals(receipt.getTarget())) {
      faults.add(
          new Fault(
              Kind.MISSING,
              "%s: expected a published model, found the receipt of %s"
                  .formatted(target, receipt.getTarget())));
    }
    Duration deadline = request.settings().fetchTimeout();
    for (FileState file : receipt.getOutputs()) {
      fault(file, deadline, Kind.MISSING, Kind.ALTERED).ifPresent(faults::add);
    }
    if (!request.source().toString().equals(receipt.getSource().getUri())) {
      faults.add(
          new Fault(
              Kind.STALE,
              "the original was %s, and is %s now"
                  .formatted(receipt.getSource().getUri(), request.source())));
    } else {
      fault(receipt.getSource(), deadline, Kind.STALE, Kind.STALE).ifPresent(faults::add);
    }
    for (FileState file : receipt.getCompanions()) {
      fault(file, deadline, Kind.STALE, Kind.STALE).ifPresent(faults::add);
    }
    if (!faults.isEmpty()) {
      throw new AuditException(
          faults.stream().map(Fault::kind).min(Kind::compareTo).orElseThrow(),
          String.join("; ", faults.stream().map(Fault::sentence).toList()));
    }
    return receipt;
  }

  /** What is wrong with a file; empty if it has the bytes that it had. */
  private Optional<Fault> fault(FileState then, Duration deadline, Kind gone, Kind changed)
      throws IOException {
    Location location = Location.of(then.getUri());
    return FetchDeadline.run(
        deadline,
        location.toString(),
        progress -> {
          StoredFile now = store.status(location).orElse(null);
          if (now == null) {
            return Optional.of(new Fault(gone, location + ": expected a file, found nothing"));
          }
          if (now.bytes() != then.getBytes()) {
            return Optional.of(
                new Fault(
                    changed,
                    "%s: expected %d bytes, found %d"
                        .formatted(location, then.getBytes(), now.bytes())));
          }
          return then.getSha256() == null
              ? byStatus(then, now, changed)
              : byContent(then, progress, gone, changed);
        });
  }

  private static Optional<Fault> byStatus(FileState then, StoredFile now, Kind changed) {
    return FileStates.isIntact(then, now)
        ? Optional.empty()
        : Optional.of(
            new Fault(
                changed,
                "%s: expected the file as it was written at %s, found one of %s; no digest of it is kept"
                    .formatted(then.getUri(), then.getModified(), now.modified())));
  }

  private Optional<Fault> byContent(
      FileState then, FetchDeadline.Progress progress, Kind gone, Kind changed) throws IOException {
    try (InputStream in = store.open(Location.of(then.getUri()))) {
      String sha256 = Staging.sha256(in, progress);
      return sha256.equals(then.getSha256())
          ? Optional.empty()
          : Optional.of(
              new Fault(
                  changed,
                  "%s: expected the sha256 %s, found %s"
                      .formatted(then.getUri(), then.getSha256(), sha256)));
    } catch (FileNotFoundException e) {
      return Optional.of(new Fault(gone, then.getUri() + ": expected a file, found nothing"));
    }
  }
}
