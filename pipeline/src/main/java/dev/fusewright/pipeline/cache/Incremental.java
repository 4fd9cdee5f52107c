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

import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.FetchDeadline;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.model.Converter;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.model.JobResult;
import dev.fusewright.pipeline.model.Stage;
import dev.fusewright.pipeline.model.StageClock;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fusing of one model unless the action cache holds its result: an entry whose receipt says that
 * its output is still right is {@code UNCHANGED}, with what its own attempt reported. One that is
 * new, but of the same content as another, is published as that was, with its proof.
 *
 * <p>An entry that this same run has done, before its worker was started again, has the report that
 * it had: the totals of a run that was disturbed are those of one that was not.
 */
public final class Incremental {
  private static final Logger LOG = LoggerFactory.getLogger(Incremental.class);

  private final FuseModel flow;
  private final ActionCache cache;
  private final CacheLookup lookup;
  private final InstantSource time;

  /** A flow with an action cache. */
  public Incremental(FuseModel flow, ActionCache cache, CacheLookup.Trust trust) {
    this(flow, cache, trust, InstantSource.system());
  }

  /** The same, by another clock. */
  Incremental(FuseModel flow, ActionCache cache, CacheLookup.Trust trust, InstantSource time) {
    this.flow = flow;
    this.cache = cache;
    this.lookup = new CacheLookup(flow.store(), cache, trust, time);
    this.time = time;
  }

  /** The cache key of a request. */
  public static CacheKey asked(FuseRequest request) {
    return new CacheKey(
        request.runId(),
        request.id(),
        request.source(),
        Objects.requireNonNull(request.target(), "a run publishes"),
        written(request.format()),
        request.sha256(),
        unfused(request.settings()),
        Converter.versionAndBuild(),
        request.digest());
  }

  /** Where candidates are verified, nothing is published of any. */
  private static CacheKey.Unfused unfused(FuseSettings settings) {
    if (settings.mode() == Mode.VERIFY) {
      return CacheKey.Unfused.LEFT_OUT;
    }
    return switch (settings.unfused()) {
      case COPY -> CacheKey.Unfused.PUBLISHED;
      case OMIT -> CacheKey.Unfused.LEFT_OUT;
    };
  }

  /** The format that a report has where an entry says this one. */
  private static @Nullable String written(@Nullable String format) {
    return format == null
        ? null
        : Formats.find(format).map(known -> Formats.written(known).id()).orElse(format);
  }

  /** Fuses, verifies or audits one model; what has been fused or verified is not done again. */
  public FusionReport fuse(FuseRequest request) {
    if (request.settings().mode() == Mode.AUDIT) {
      return new PublishedAudit(flow.store(), cache).audit(request);
    }
    // What is long to come must not keep what is done from being remembered.
    cache.writeIfDue();
    Instant started = time.instant().truncatedTo(ChronoUnit.MILLIS);
    StageClock clock = new StageClock();
    CacheDecision decision = decide(asked(request), request.settings().fetchTimeout(), clock);
    return switch (decision.reason()) {
      case DONE_BY_THIS_RUN -> decision.known().getReport();
      case UNCHANGED -> unchanged(request.runId(), decision.known(), started, clock.milliseconds());
      case NEW,
          FORCED,
          CONVERTER_CHANGED,
          CONFIGURATION_CHANGED,
          OUTPUT_MISSING,
          OUTPUT_CHANGED,
          SOURCE_CHANGED,
          SOURCE_MISSING,
          SOURCE_TOUCHED ->
          fuseAnew(request, decision.source(), started);
    };
  }

  /** Writes the receipts of what was done, of which some may only be remembered so far. */
  public void writeReceipts() {
    cache.write();
  }

  /** A store that fails here will fail the attempt too, which says so in its report. */
  private CacheDecision decide(CacheKey asked, Duration deadline, StageClock clock) {
    try {
      return clock.at(
          Stage.LOOKUP,
          () ->
              FetchDeadline.run(
                  deadline,
                  asked.source().toString(),
                  progress -> {
                    CacheDecision decision = lookup.decide(asked);
                    return decision.action() == CacheDecision.Action.CONFIRM
                        ? lookup.confirm(asked, decision, progress)
                        : decision;
                  }));
    } catch (Exception e) {
      LOG.warn("{}: what was done before is not known: {}", asked.id(), StorageErrors.describe(e));
      return new CacheDecision(CacheDecision.Reason.NEW, null, null);
    }
  }

  /**
   * The report of an entry that is unchanged: that of the attempt which made it.
   *
   * @param milliseconds by stage, of finding that out
   */
  public static FusionReport unchanged(
      @Nullable String runId, Receipt known, Instant started, Map<String, Double> milliseconds) {
    return FusionReport.newBuilder(known.getReport())
        .setReportVersion(ReportFiles.VERSION)
        .setRunId(runId)
        .setOutcome(Outcome.UNCHANGED)
        .setStarted(started)
        .setTimingsMs(milliseconds)
        .build();
  }

  private FusionReport fuseAnew(FuseRequest request, @Nullable StoredFile source, Instant started) {
    JobResult attempted =
        flow.attempt(request, source, content -> lookup.findContent(request.runId(), content));
    return switch (attempted.report().getOutcome()) {
      case FUSED, NOTHING_TO_FUSE -> kept(request, attempted, started);
      case UNCHANGED, REJECTED, FAILED -> attempted.report();
    };
  }

  /** What is published is right without a receipt too; the next run will only do it again. */
  private FusionReport kept(FuseRequest request, JobResult attempted, Instant started) {
    try {
      cache.put(
          Receipt.newBuilder()
              .setReceiptVersion(ActionCache.RECEIPT_VERSION)
              .setTarget(Objects.requireNonNull(request.target()).toString())
              .setRead(started)
              .setSource(Objects.requireNonNull(attempted.source(), "what is done was read"))
              .setCompanions(telling(attempted.companions(), started))
              .setOutputs(attempted.published())
              .setReport(attempted.report())
              .setContent(attempted.content())
              .build());
    } catch (IOException e) {
      LOG.warn(
          "{}: published, but its receipt could not be written: {}",
          request.id(),
          StorageErrors.describe(e));
    }
    return attempted.report();
  }

  /** With the digest of those whose time of modification cannot tell. */
  private List<FileState> telling(List<FileState> companions, Instant read) throws IOException {
    List<FileState> telling = new ArrayList<>();
    for (FileState companion : companions) {
      Location file = Location.of(companion.getUri());
      boolean isSettled =
          companion.getSha256() != null || FileStates.isTelling(companion, read) || !file.isLocal();
      telling.add(
          isSettled
              ? companion
              : FileState.newBuilder(companion)
                  .setSha256(Staging.sha256(file.localPath()))
                  .build());
    }
    return telling;
  }
}
