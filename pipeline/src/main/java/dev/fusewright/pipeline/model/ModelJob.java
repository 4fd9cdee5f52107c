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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One try at one model, of whatever format: however it ends, it ends in a report. */
final class ModelJob {
  private final FuseRequest request;
  private final RequestedSource requested;
  private final FuseModel flow;
  private final StageClock clock = new StageClock();
  private final ReportBuilder report;
  private final @Nullable StoredFile known;
  private final EarlierResults earlier;

  /**
   * A job.
   *
   * @param known what the store says of the source; null if nobody has asked
   * @param earlier what was made before of models, and may be of this one
   */
  ModelJob(
      FuseRequest request, @Nullable StoredFile known, FuseModel flow, EarlierResults earlier) {
    this.request = request;
    this.known = known;
    this.earlier = earlier;
    this.flow = flow;
    this.report = new ReportBuilder(request);
    this.requested = new RequestedSource(request, known, flow.store(), report);
  }

  /** The part of a job that begins when the model is open. */
  private interface Ending {
    Outcome end(PublishLoop loop) throws Exception;
  }

  JobResult fuse() {
    return new Attempt(request, clock, report).at(this::fuseOrReuse);
  }

  JobResult inspect() {
    return new Attempt(request, clock, report)
        .at(
            () ->
                begun(
                    (scratch, mounting) ->
                        end(
                            PublishLoop::inspect,
                            (format, source, folder) -> source,
                            fetched(scratch, mounting),
                            scratch,
                            mounting)));
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

  /** What is done with a request that can be met, in a scratch folder. */
  private interface Work {
    Outcome run(Scratch scratch, Mounting mounting) throws Exception;
  }

  private Outcome begun(Work work) throws Exception {
    try (Scratch scratch = flow.scratch().folder()) {
      if (request.problem() != null) {
        throw new RequestException(request.problem());
      }
      requested.refuseUnknownFormat();
      new Planner(request.settings(), flow).check();
      return work.run(scratch, Mounting.of(request, flow, scratch));
    }
  }

  private Outcome fuseOrReuse() throws Exception {
    Reuse reuse = new Reuse(request, flow, clock, report, earlier);
    return begun(
        (scratch, mounting) -> {
          Optional<Outcome> unfetched = reuse.unfetched(known);
          if (unfetched.isPresent()) {
            return unfetched.get();
          }
          Staged fetched = fetched(scratch, mounting);
          Optional<Outcome> same = reuse.fetched(fetched, scratch, mounting);
          return same.isPresent()
              ? same.get()
              : end(PublishLoop::fuse, this::converted, fetched, scratch, mounting);
        });
  }

  private Staged fetched(Scratch scratch, Mounting mounting) throws Exception {
    return clock.at(Stage.FETCH, () -> requested.fetch(scratch, mounting));
  }

  private Outcome end(
      Ending ending, Conversions conversions, Staged fetched, Scratch scratch, Mounting mounting)
      throws Exception {
    Format given = clock.at(Stage.READ, () -> requested.format(fetched));
    Staged source = conversions.of(given, fetched, scratch);
    Format format = source == fetched ? given : Formats.written(given);
    JobContext context =
        withData(new JobContext(request, flow, clock, report, scratch, mounting, source));
    try (Candidates candidates = Candidates.of(open(format, context), context)) {
      return ending.end(new PublishLoop(context, candidates));
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
