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
package dev.fusewright.pipeline.model;

import dev.fusewright.io.Formats;
import dev.fusewright.io.format.Checkpoint;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.report.Outcome;
import org.jspecify.annotations.Nullable;

/** One try at one model, of whatever format: however it ends, it ends in a report. */
final class ModelJob {
  private final FuseRequest request;
  private final RequestedSource requested;
  private final FuseModel flow;
  private final StageClock clock = new StageClock();
  private final ReportBuilder report;

  /**
   * A job.
   *
   * @param known what the store says of the source; null if nobody has asked
   */
  ModelJob(FuseRequest request, @Nullable StoredFile known, FuseModel flow) {
    this.request = request;
    this.flow = flow;
    this.report = new ReportBuilder(request);
    this.requested = new RequestedSource(request, known, flow.store(), report);
  }

  /** The part of a job that begins when the model is open. */
  private interface Ending {
    Outcome end(PublishLoop loop) throws Exception;
  }

  JobResult fuse() {
    return run(PublishLoop::fuse, this::converted);
  }

  JobResult inspect() {
    return run(PublishLoop::inspect, (format, source, scratch) -> source);
  }

  /** What is worked on in the place of the source. */
  private interface Conversions {
    Staged of(Format format, Staged source, Scratch scratch) throws Exception;
  }

  private Staged converted(Format format, Staged source, Scratch scratch) throws Exception {
    if (Formats.written(format) != format
        && request.placement() == FuseRequest.Placement.IN_PLACE) {
      throw new RequestException(
          "%s: %s becomes %s, which cannot take its place; give another output"
              .formatted(request.source(), format.title(), Formats.written(format).title()));
    }
    return clock.at(Stage.READ, () -> Conversion.of(source, format, scratch));
  }

  private JobResult run(Ending ending, Conversions conversions) {
    return new Attempt(request, clock, report).at(() -> end(ending, conversions));
  }

  private Outcome end(Ending ending, Conversions conversions) throws Exception {
    try (Scratch scratch = flow.scratch().folder()) {
      if (request.problem() != null) {
        throw new RequestException(request.problem());
      }
      requested.refuseUnknownFormat();
      new Planner(request.settings(), flow).check();
      Mounting mounting = Mounting.of(request, flow, scratch);
      Staged fetched = clock.at(Stage.FETCH, () -> requested.fetch(scratch, mounting));
      Format given = clock.at(Stage.READ, () -> requested.format(fetched));
      Staged source = conversions.of(given, fetched, scratch);
      Format format = source == fetched ? given : Formats.written(given);
      JobContext context =
          withData(new JobContext(request, flow, clock, report, scratch, mounting, source));
      try (Candidates candidates = Candidates.of(open(format, context), context)) {
        return ending.end(new PublishLoop(context, candidates));
      }
    }
  }

  private JobContext withData(JobContext context) throws Exception {
    DataFiles data = new DataFiles(context);
    clock.at(Stage.FETCH, () -> data.fetch(request.source(), context.source()));
    return context.viewed();
  }

  private Checkpoint open(Format format, JobContext context) throws Exception {
    Checkpoint checkpoint = clock.at(Stage.READ, () -> format.open(context.source().file()));
    try {
      new DataFiles(context).note(request.source(), checkpoint.dataFiles());
      return checkpoint;
    } catch (Exception e) {
      checkpoint.close();
      throw e;
    }
  }
}
