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

import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.Checkpoint;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.Outcome;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One try at holding a candidate, whoever made it, against its original. Nothing is published: the
 * request's target is the candidate. Equal models have nothing to fuse; what differs, or cannot be
 * told, is rejected.
 */
final class VerifyJob {
  /** Folder of the candidate in the scratch space: its files may be called like the original's. */
  private static final String FOLDER = ".candidate/";

  private final FuseRequest request;
  private final RequestedSource requested;
  private final FuseModel flow;
  private final StageClock clock = new StageClock();
  private final ReportBuilder report;

  /**
   * A job.
   *
   * @param known what the store says of the original; null if nobody has asked
   */
  VerifyJob(FuseRequest request, @Nullable StoredFile known, FuseModel flow) {
    this.request = request;
    this.flow = flow;
    this.report = new ReportBuilder(request);
    this.requested = new RequestedSource(request, known, flow.store(), report);
  }

  JobResult verify() {
    return new Attempt(request, clock, report).at(this::compare);
  }

  private Outcome compare() throws Exception {
    try (Scratch scratch = flow.scratch().folder()) {
      if (request.problem() != null) {
        throw new RequestException(request.problem());
      }
      requested.refuseUnknownFormat();
      Location target = Objects.requireNonNull(request.target(), "what is verified has a place");
      Mounting mounting = Mounting.none(request, flow, scratch);
      Staged original = clock.at(Stage.FETCH, () -> requested.fetch(scratch, mounting));
      // What is verified is verified, whatever is said of proving what is fused.
      FuseSettings settings = request.settings().with(SettingFields.VERIFY_LEVEL, VerifyLevel.ALL);
      JobContext context =
          new JobContext(request.with(settings), flow, clock, report, scratch, mounting, original);
      Format format = clock.at(Stage.READ, () -> requested.format(original));
      DataFiles data = new DataFiles(context);
      clock.at(Stage.FETCH, () -> data.fetch(request.source(), original));
      Staged candidate = clock.at(Stage.FETCH, () -> candidate(target, data, context));
      ComparedModel first =
          clock.at(Stage.READ, () -> read(original, format, "converted", scratch, data));
      Format other = Formats.of(candidate.file(), target.name());
      ComparedModel second =
          clock.at(Stage.READ, () -> read(candidate, other, "converted-candidate", scratch, data));
      Verifier.Finding found = new ModelPair(first, second, context).compare();
      report.equivalence(found);
      judge(found.equivalence());
      UntouchedFiles.require(context);
      return Outcome.NOTHING_TO_FUSE;
    }
  }

  private Staged candidate(Location target, DataFiles data, JobContext context) throws Exception {
    Staged candidate = context.staging().fetch(target, context.scratch(), FOLDER + target.name());
    report.companion(candidate.source(), candidate.sha256());
    data.fetch(target, candidate, FOLDER);
    return candidate;
  }

  private static ComparedModel read(
      Staged staged, Format format, String folder, Scratch scratch, DataFiles data)
      throws Exception {
    Staged read = Conversion.of(staged, format, scratch, folder);
    ComparedModel model =
        new ComparedModel(read, read == staged ? format : Formats.written(format));
    try (Checkpoint checkpoint = model.open()) {
      data.note(staged.source().location(), checkpoint.dataFiles());
    }
    return model;
  }

  private void judge(Equivalence found) throws RejectedException {
    if (!Acceptance.accepts(request.settings(), found)) {
      throw new RejectedException("the candidate", found.verdict(), found);
    }
  }
}
