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
import java.time.Duration;
import java.util.Optional;
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

  private Submission(PipelineOptions options, @Nullable RemoteFlink cluster, int modelsPerWorker) {
    this.options = options;
    this.cluster = cluster;
    this.modelsPerWorker = modelsPerWorker;
  }

  /**
   * Completes the options with what the cluster has.
   *
   * @throws IllegalArgumentException if the cluster is of another release of Flink
   * @throws RunFailedException if it cannot be reached or has no slot
   */
  static Submission of(PipelineOptions options) throws RunFailedException {
    if (!options.getRunner().equals(FlinkRunner.class)) {
      return new Submission(options, null, 1);
    }
    FlinkPipelineOptions flink = options.as(FlinkPipelineOptions.class);
    return switch (flink.getFlinkMaster()) {
      case BeamOptions.LOCAL -> new Submission(options, null, flink.getParallelism());
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
    return new Submission(flink, null, Math.max(1, slots));
  }

  private static Submission to(RemoteFlink cluster, FlinkPipelineOptions flink)
      throws RunFailedException {
    RemoteFlink.Offer offer = cluster.offer(PATIENCE);
    if (flink.getParallelism() <= 0 && offer.slots() > 0) {
      flink.setParallelism(offer.slots());
    }
    flink.setAttachedMode(false);
    return new Submission(flink, cluster, offer.slotsPerTaskManager());
  }

  /** How many models one worker process works on at the same time. */
  int modelsPerWorker() {
    return modelsPerWorker;
  }

  /**
   * Runs to the end.
   *
   * @param folder of the run's reports, for messages
   * @throws RunFailedException if the runner gave up
   */
  void runToEnd(Pipeline pipeline, Location folder) throws RunFailedException {
    PipelineResult.State state;
    try {
      state = pipeline.run().waitUntilFinish();
    } catch (RuntimeException e) {
      throw gaveUp(root(e).toString(), folder, e);
    }
    if (state != PipelineResult.State.DONE) {
      throw gaveUp("it ended as " + state + cause(), folder, null);
    }
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
      Optional<String> job = job();
      return cluster == null || job.isEmpty()
          ? ""
          : cluster.failure(job.get()).map(failure -> ": " + failure).orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private Optional<String> job() throws IOException {
    return cluster == null ? Optional.empty() : cluster.jobId(options.getJobName());
  }

  /**
   * Submits, and does not wait.
   *
   * @return Flink's id of the job
   * @throws RunFailedException if the cluster did not take it
   */
  String handOver(Pipeline pipeline) throws RunFailedException {
    if (cluster == null) {
      throw new IllegalArgumentException(
          "--attachedMode=false: only a cluster takes a run over. Name one with --flinkMaster=HOST:PORT");
    }
    try {
      pipeline.run();
      return job().orElse("(unknown to the JobManager)");
    } catch (RuntimeException e) {
      throw new RunFailedException("Flink did not take the job: " + root(e), e);
    } catch (IOException e) {
      throw new RunFailedException(
          "the job was submitted, and then Flink could not be reached: " + e, e);
    }
  }
}
