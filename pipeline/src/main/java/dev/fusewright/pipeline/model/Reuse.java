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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import dev.fusewright.report.OutputFile;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes for a model what was published for another of the same content, with the other's proof.
 * Whatever is not as the other's receipt says, or fails, leaves the model to be worked on itself.
 */
final class Reuse {
  private static final Logger LOG = LoggerFactory.getLogger(Reuse.class);

  private final FuseRequest request;
  private final FuseModel flow;
  private final StageClock clock;
  private final ReportBuilder report;
  private final EarlierResults results;

  Reuse(
      FuseRequest request,
      FuseModel flow,
      StageClock clock,
      ReportBuilder report,
      EarlierResults results) {
    this.request = request;
    this.flow = flow;
    this.clock = clock;
    this.report = report;
    this.results = results;
  }

  /**
   * Publishes a model that has not been fetched, if its catalogue says its digest, and that digest
   * was found in an object of the same size and etag: then it is that object's.
   *
   * @param known what the store says of the source; null if nobody has asked
   * @return the outcome; empty if the model is to be fetched
   */
  Optional<Outcome> unfetched(@Nullable StoredFile known) throws Exception {
    String sha256 = request.sha256();
    if (sha256 == null
        || known == null
        || known.etag() == null
        || request.source().equals(request.target())) {
      return Optional.empty();
    }
    return attempt(
        sha256,
        earlier -> {
          FileState then = earlier.getSource();
          boolean wasRead =
              then.getBytes() == known.bytes() && Objects.equals(then.getEtag(), known.etag());
          return wasRead && earlier.getCompanions().isEmpty() && earlier.getOutputs().size() <= 1
              ? published(earlier, known, sha256, List.of())
              : Optional.empty();
        });
  }

  /**
   * Publishes a model that has been fetched.
   *
   * @return the outcome; empty if the model is to be worked on
   */
  Optional<Outcome> fetched(Staged source, Scratch scratch, Mounting mounting) throws Exception {
    return attempt(
        source.sha256(),
        earlier -> {
          Optional<List<FileState>> companions =
              new SameContent(request, flow.store(), scratch).companions(source, earlier);
          JobContext context =
              new JobContext(request, flow, clock, report, scratch, mounting, source);
          UntouchedFiles.require(context);
          return companions.isPresent()
                  && haveSameNames(earlier)
                  && new Publication(context).mayCopy(companions.get(), dataFiles(earlier))
              ? published(earlier, source.source(), source.sha256(), companions.get())
              : Optional.empty();
        });
  }

  /**
   * Whether the data files of both outputs are called alike. Their names are in the model; the name
   * of the target decides them, and whether it lies beside its source.
   */
  private boolean haveSameNames(Receipt earlier) throws IOException {
    Location target = Objects.requireNonNull(request.target());
    Location other = Location.of(earlier.getTarget());
    return earlier.getOutputs().size() <= 1
        || (target.name().equals(other.name())
            && !FuseRequest.isBeside(target, request.source())
            && !FuseRequest.isBeside(other, Location.of(earlier.getSource().getUri())));
  }

  /** Something that is published with an earlier result, or is not. */
  private interface Use {
    /** Empty if the earlier result is not that of the same content. */
    Optional<Published> of(Receipt earlier) throws Exception;
  }

  /**
   * What was published.
   *
   * @param outputs data files first, the model last; none of a model that is left out
   */
  private record Published(
      StoredFile source, String sha256, List<FileState> companions, List<FileState> outputs) {}

  private Optional<Outcome> attempt(String sha256, Use use) throws Exception {
    String content =
        results == EarlierResults.NONE ? null : ContentKey.of(request, sha256).orElse(null);
    if (content == null) {
      return Optional.empty();
    }
    report.content(content);
    Optional<Receipt> earlier = Optional.empty();
    try {
      earlier = clock.at(Stage.LOOKUP, () -> find(content, sha256));
      if (earlier.isEmpty()) {
        return Optional.empty();
      }
      Receipt found = earlier.get();
      Optional<Published> published = clock.at(Stage.PUBLISH, () -> use.of(found));
      published.ifPresent(
          it -> report.reused(found, it.source(), it.sha256(), it.companions(), it.outputs()));
      return published.map(it -> found.getReport().getOutcome());
    } catch (IOException | RuntimeException | RequestException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      LOG.warn(
          "{} is fused itself, and not published as {} was: {}",
          request.id(),
          earlier.map(it -> it.getReport().getId()).orElse("another of the same content"),
          StorageErrors.describe(e));
      return Optional.empty();
    }
  }

  /** The receipt of the same content, if it is another's and all of a piece. */
  private Optional<Receipt> find(String content, String sha256) throws IOException {
    return results.find(content).filter(earlier -> isWhole(earlier, content, sha256));
  }

  private boolean isWhole(Receipt earlier, String content, String sha256) {
    FusionReport made = earlier.getReport();
    boolean isPublished =
        switch (made.getOutcome()) {
          case FUSED -> made.getOutput() != null;
          case NOTHING_TO_FUSE -> true;
          case UNCHANGED, REJECTED, FAILED -> false;
        };
    return isPublished
        && content.equals(earlier.getContent())
        && sha256.equals(earlier.getSource().getSha256())
        && made.getProvenance().getConverterVersion().equals(Converter.versionAndBuild())
        && !made.getId().equals(request.id())
        && earlier.getTarget() != null
        && !earlier.getTarget().equals(String.valueOf(request.target()))
        && areOutputs(made.getOutput(), earlier.getOutputs());
  }

  private static boolean areOutputs(@Nullable OutputFile output, List<FileState> files) {
    if (output == null || files.isEmpty()) {
      return output == null && files.isEmpty();
    }
    FileState model = files.get(files.size() - 1);
    Location folder = Location.of(output.getUri()).parent();
    List<String> expected = new ArrayList<>();
    output.getDataFiles().forEach(name -> expected.add(folder.resolve(name).toString()));
    expected.add(output.getUri());
    return output.getSha256().equals(model.getSha256())
        && files.stream().allMatch(Reuse::isRecognizable)
        && expected.equals(files.stream().map(FileState::getUri).toList());
  }

  /** Whether a file that somebody has altered would be known from what was published. */
  private static boolean isRecognizable(FileState file) {
    return file.getEtag() != null || file.getSha256() != null;
  }

  private static List<String> dataFiles(Receipt earlier) {
    OutputFile output = earlier.getReport().getOutput();
    return output == null ? List.of() : output.getDataFiles();
  }

  /** Copies what was published, data files first: a reader that sees the model finds them. */
  private Optional<Published> published(
      Receipt earlier, StoredFile source, String sha256, List<FileState> companions)
      throws IOException {
    Location target = Objects.requireNonNull(request.target());
    List<String> names = dataFiles(earlier);
    List<StoredFile> seen = new ArrayList<>();
    for (FileState file : earlier.getOutputs()) {
      StoredFile now = intact(file);
      if (now == null) {
        return Optional.empty();
      }
      seen.add(now);
    }
    Store store = flow.store();
    List<FileState> outputs = new ArrayList<>();
    for (int i = 0; i < seen.size(); i++) {
      Location to = i < names.size() ? target.parent().resolve(names.get(i)) : target;
      outputs.add(
          FileStates.of(store.copy(seen.get(i), to), earlier.getOutputs().get(i).getSha256()));
    }
    return Optional.of(new Published(source, sha256, companions, outputs));
  }

  /**
   * A file that was published, if it is what it was; null otherwise. With an etag, the store itself
   * refuses to copy another; without one, its bytes tell.
   */
  private @Nullable StoredFile intact(FileState file) throws IOException {
    Location location = Location.of(file.getUri());
    if (file.getEtag() != null) {
      return new StoredFile(location, file.getBytes(), file.getModified(), file.getEtag());
    }
    Store store = flow.store();
    StoredFile now = store.status(location).orElse(null);
    if (now == null || !FileStates.isIntact(file, now)) {
      return null;
    }
    try (InputStream in = store.open(now, 0)) {
      return Staging.sha256(in).equals(file.getSha256()) ? now : null;
    }
  }
}
