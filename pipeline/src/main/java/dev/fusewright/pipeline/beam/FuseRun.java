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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.flow.FuseSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/**
 * Starts a run and waits for its end.
 *
 * @param catalogue JSON Lines, or a glob
 * @param output folder of the published models
 * @param reports folder of all runs' reports
 * @param runnerOptions Beam's and the runner's own
 */
public record FuseRun(
    Location catalogue,
    Location output,
    Location reports,
    FuseSettings settings,
    StorageConfiguration storage,
    List<String> runnerOptions) {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Copies the options. */
  public FuseRun {
    runnerOptions = List.copyOf(runnerOptions);
  }

  /**
   * A run that has ended.
   *
   * @param folder of its reports
   * @param summary its {@code summary.json}
   */
  public record Ended(String id, Location folder, JsonNode summary) {}

  /** A run that could not be carried through; what was published until then is right. */
  public static final class RunFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    RunFailedException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A run that goes on without this process.
   *
   * @param folder where its reports will be; {@code _SUCCESS} comes last
   * @param job Flink's id of it
   */
  public record Submitted(String id, Location folder, String job) {}

  /** Whether the options ask that nobody waits for the end: {@code --attachedMode=false}. */
  public boolean isDetached() {
    return BeamOptions.isDetached(runnerOptions);
  }

  /**
   * Runs to the end.
   *
   * @param started is told the run's id and its number of entries before the first is begun
   * @throws CatalogueException if the catalogue is wrong; nothing has been written then
   * @throws IllegalArgumentException if an option is wrong; nothing has been written then
   * @throws RunFailedException if the runner gave up
   */
  public Ended execute(BiConsumer<String, Long> started)
      throws CatalogueException, IOException, RunFailedException {
    return start(
        started,
        (submission, pipeline, id, folder) -> {
          submission.runToEnd(pipeline, folder);
          return new Ended(id, folder, summary(Stores.hadoop(storage), folder));
        });
  }

  /**
   * Gives the run to a cluster, and does not wait for its end.
   *
   * @throws CatalogueException if the catalogue is wrong; nothing has been written then
   * @throws IllegalArgumentException if an option is wrong; nothing has been written then
   * @throws RunFailedException if the cluster did not take it
   */
  public Submitted submit() throws CatalogueException, IOException, RunFailedException {
    return start(
        (id, entries) -> {},
        (submission, pipeline, id, folder) ->
            new Submitted(id, folder, submission.handOver(pipeline)));
  }

  /** What is done with a pipeline that is complete. */
  @FunctionalInterface
  private interface Last<T> {
    T run(Submission submission, Pipeline pipeline, String id, Location folder)
        throws IOException, RunFailedException;
  }

  private <T> T start(BiConsumer<String, Long> started, Last<T> last)
      throws CatalogueException, IOException, RunFailedException {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    String id = STAMP.format(now) + "-" + UUID.randomUUID().toString().substring(0, 8);
    Store store = Stores.hadoop(storage);
    try (Scratch scratch = Scratch.in(Path.of(System.getProperty("java.io.tmpdir")))) {
      PipelineOptions options = BeamOptions.parse(runnerOptions, scratch.folder());
      options.setJobName("fusewright-" + id);
      PreparedCatalogue prepared =
          CataloguePreparation.prepare(store, catalogue, scratch.file("catalogue.jsonl"));
      Submission submission = Submission.of(options);
      Location folder = RunSpec.folder(reports, id);
      Location copy = folder.resolve("catalogue.jsonl");
      store.publish(prepared.location().localPath(), copy);
      Pipeline pipeline = Pipeline.create(options);
      FusePipeline.build(pipeline, spec(id, now, prepared.at(copy), submission.modelsPerWorker()));
      started.accept(id, prepared.entries());
      return last.run(submission, pipeline, id, folder);
    }
  }

  private RunSpec spec(String id, Instant now, PreparedCatalogue prepared, int modelsPerWorker) {
    return new RunSpec(
        id,
        now,
        prepared,
        output,
        reports,
        settings,
        storage,
        Math.max(1, (int) Math.min(16, prepared.entries() / 1000)),
        modelsPerWorker);
  }

  private static JsonNode summary(Store store, Location folder) throws IOException {
    try (InputStream in = store.open(folder.resolve("summary.json"))) {
      return new ObjectMapper().readTree(in);
    }
  }
}
