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

import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.beam.FuseRun.RunFailedException;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.runners.flink.FlinkRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Gives a pipeline to the runner that its options name, and waits for its end.
 *
 * <p>A cluster is asked first whether it is there, which release it is and what slots it has,
 * because Flink's own client says none of this clearly, or only after minutes.
 */
final class Submission {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final PipelineOptions options;
  private final @Nullable RemoteFlink cluster;
  private final int modelsPerWorker;
  private final boolean isEmbedded;

  private Submission(
      PipelineOptions options,
      @Nullable RemoteFlink cluster,
      int modelsPerWorker,
      boolean isEmbedded) {
    this.options = options;
    this.cluster = cluster;
    this.modelsPerWorker = modelsPerWorker;
    this.isEmbedded = isEmbedded;
  }

  /**
   * Completes the options with what the cluster has.
   *
   * @throws IllegalArgumentException if the cluster is of another release of Flink
   * @throws RunFailedException if it cannot be reached or has no slot
   */
  static Submission of(PipelineOptions options) throws RunFailedException {
    if (!options.getRunner().equals(FlinkRunner.class)) {
      return new Submission(options, null, 1, false);
    }
    FlinkPipelineOptions flink = options.as(FlinkPipelineOptions.class);
    return switch (flink.getFlinkMaster()) {
      case BeamOptions.LOCAL -> new Submission(options, null, flink.getParallelism(), true);
      case BeamOptions.CONTEXT -> inContext(flink);
      default -> to(RemoteFlink.at(flink.getFlinkMaster()), flink);
    };
  }

  private static Submission inContext(FlinkPipelineOptions flink) {
    // What Beam calls detached is a client that asks how far the job is, and waits for it as well.
    // The other way, Beam reads results that a JobManager running an application has not yet.
    flink.setAttachedMode(false);
    flink.setJobCheckIntervalInSecs(1);
    int slots =
        StreamExecutionEnvironment.getExecutionEnvironment()
            .getConfiguration()
            .get(TaskManagerOptions.NUM_TASK_SLOTS);
    return new Submission(flink, null, Math.max(1, slots), false);
  }

  private static Submission to(RemoteFlink cluster, FlinkPipelineOptions flink)
      throws RunFailedException {
    RemoteFlink.Offer offer = cluster.offer(PATIENCE);
    if (flink.getParallelism() <= 0 && offer.slots() > 0) {
      flink.setParallelism(offer.slots());
    }
    flink.setAttachedMode(false);
    return new Submission(flink, cluster, offer.slotsPerTaskManager(), false);
  }

  /** How many models one worker process works on at the same time. */
  int modelsPerWorker() {
    return modelsPerWorker;
  }

  /** Whether a Flink inside this process, which is not started yet, would do the work. */
  boolean isEmbedded() {
    return isEmbedded;
  }

  /** A pipeline with these options, still empty. */
  Pipeline pipeline() {
    return Pipeline.create(options);
  }

  /** Whether a cluster does the work. */
  boolean isRemote() {
    return cluster != null;
  }

  /**
   * What a cluster made of a pipeline.
   *
   * @param cluster where Flink is asked about it, {@code http://HOST:PORT}
   * @param id Flink's
   */
  record Job(String cluster, String id) {}

  /**
   * Runs to the end.
   *
   * @param folder of the run's reports, for messages
   * @param submitted is told when a cluster has it; of a run in this process never
   * @throws RunFailedException if the runner gave up
   */
  void runToEnd(Pipeline pipeline, Location folder, Consumer<Job> submitted)
      throws RunFailedException {
    PipelineResult.State state;
    try {
      PipelineResult running = pipeline.run();
      tell(submitted);
      state = running.waitUntilFinish();
    } catch (RuntimeException e) {
      throw gaveUp(why(root(e)), folder, e);
    }
    if (state != PipelineResult.State.DONE) {
      throw gaveUp("it ended as " + state + cause(), folder, null);
    }
  }

  private String why(Throwable root) {
    return cluster != null && root instanceof ConnectException
        ? "Flink at %s is there no longer (%s)".formatted(cluster.address(), root.getMessage())
        : root.toString();
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static RunFailedException gaveUp(String why, Location folder, @Nullable Throwable cause) {
    return new RunFailedException(
        "the run gave up: %s. What it published until then is right; start it again to go on. Its reports so far are in %s"
            .formatted(why, folder),
        cause);
  }

  private String cause() {
    try {
      Optional<Job> job = job();
      return cluster == null || job.isEmpty()
          ? ""
          : cluster.failure(job.get().id()).map(failure -> ": " + failure).orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  /** A cluster that does not say the job's id just now is not asked again: the run counts. */
  private void tell(Consumer<Job> submitted) {
    try {
      job().ifPresent(submitted);
    } catch (IOException e) {
      // Whoever waits for the run's end will see whether it was lost.
    }
  }

  private Optional<Job> job() throws IOException {
    if (cluster == null) {
      return Optional.empty();
    }
    return cluster.jobId(options.getJobName()).map(id -> new Job(cluster.address(), id));
  }

  /**
   * Submits, and does not wait.
   *
   * @throws RunFailedException if the cluster did not take it
   */
  Job handOver(Pipeline pipeline) throws RunFailedException {
    if (cluster == null) {
      throw new IllegalArgumentException(
          "--attachedMode=false: only a cluster takes a run over. Name one with --flinkMaster=HOST:PORT");
    }
    try {
      pipeline.run();
      return job().orElse(new Job(cluster.address(), "(unknown to the JobManager)"));
    } catch (RuntimeException e) {
      throw new RunFailedException("Flink did not take the job: " + root(e), e);
    } catch (IOException e) {
      throw new RunFailedException(
          "the job was submitted, and then Flink could not be reached: " + e, e);
    }
  }
}
