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
package dev.fusewright.pipeline.flink;

import dev.fusewright.pipeline.beam.PipelineArguments;
import dev.fusewright.pipeline.run.RunFailedException;
import dev.fusewright.pipeline.run.Submitter;
import dev.fusewright.pipeline.run.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.sdk.util.ReleaseInfo;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Gives runs to Flink.
 *
 * <p>A cluster is asked first whether it is there, which release it is and what slots it has,
 * because Flink's own client says none of this clearly, or only after minutes.
 */
public final class FlinkSubmitter implements Submitter {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The spellings of Beam's runner that Beam takes, in lower case. */
  private static final Set<String> NAMES =
      Set.of("flink", "flinkrunner", "org.apache.beam.runners.flink.flinkrunner");

  private final PipelineArguments arguments;

  /** With these options. */
  public FlinkSubmitter(PipelineArguments arguments) {
    this.arguments = arguments;
  }

  /** Whether the options ask for Flink, or for no runner at all. */
  public static boolean isAskedFor(PipelineArguments arguments) {
    return arguments
        .value("runner")
        .map(name -> NAMES.contains(name.toLowerCase(Locale.ROOT)))
        .orElse(true);
  }

  @Override
  public boolean isDetached() {
    return arguments.value("attachedMode").map("false"::equals).orElse(false);
  }

  @Override
  public Map<String, String> versions() {
    return Map.of(
        "beam", ReleaseInfo.getReleaseInfo().getVersion(), "flink", FlinkRelease.version());
  }

  @Override
  public Prepared prepare(String jobName, Path scratch) throws IOException {
    FlinkPipelineOptions options = FlinkOptions.of(arguments, scratch);
    options.setJobName(jobName);
    return () -> reach(options);
  }

  private static Workers reach(FlinkPipelineOptions options) throws RunFailedException {
    return switch (options.getFlinkMaster()) {
      case FlinkOptions.LOCAL ->
          new FlinkProcess(options, Workers.Place.EMBEDDED, options.getParallelism());
      case FlinkOptions.CONTEXT -> inContext(options);
      default -> on(RemoteFlink.at(options.getFlinkMaster()), options);
    };
  }

  private static Workers inContext(FlinkPipelineOptions options) {
    // What Beam calls detached is a client that asks how far the job is, and waits for it as well.
    // The other way, Beam reads results that a JobManager running an application has not yet.
    options.setAttachedMode(false);
    options.setJobCheckIntervalInSecs(1);
    int slots =
        StreamExecutionEnvironment.getExecutionEnvironment()
            .getConfiguration()
            .get(TaskManagerOptions.NUM_TASK_SLOTS);
    return new FlinkProcess(options, Workers.Place.AROUND, Math.max(1, slots));
  }

  private static Workers on(RemoteFlink cluster, FlinkPipelineOptions options)
      throws RunFailedException {
    RemoteFlink.Offer offer = cluster.offer(PATIENCE);
    if (options.getParallelism() <= 0 && offer.slots() > 0) {
      options.setParallelism(offer.slots());
    }
    options.setAttachedMode(false);
    return new FlinkCluster(options, cluster, offer.slotsPerTaskManager());
  }
}
