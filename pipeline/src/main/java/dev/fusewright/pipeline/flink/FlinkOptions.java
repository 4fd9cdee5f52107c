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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.runners.flink.FlinkRunner;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.flink.configuration.BatchExecutionOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Options of Beam's Flink runner, with the defaults that a run needs. */
final class FlinkOptions {
  /** Flink inside this process. */
  static final String LOCAL = "[local]";

  /** The Flink that called this program. */
  static final String CONTEXT = "[auto]";

  private FlinkOptions() {}

  /** Whether the job is for the Flink that called this program. */
  static boolean isInContext(PipelineArguments given) {
    return given
        .value("flinkMaster")
        .map(CONTEXT::equals)
        .orElseGet(FlinkOptions::isStartedByFlink);
  }

  /**
   * Reads options, and completes them with what was not given.
   *
   * @param scratch an existing folder for the configuration that a job takes along
   * @throws IllegalArgumentException if neither Beam nor its runner knows one, or its value is
   *     wrong
   */
  static FlinkPipelineOptions of(PipelineArguments given, Path scratch) throws IOException {
    PipelineOptionsFactory.register(FlinkPipelineOptions.class);
    FlinkPipelineOptions flink = given.parse().as(FlinkPipelineOptions.class);
    flink.setRunner(FlinkRunner.class);
    if (!given.has("flinkMaster")) {
      flink.setFlinkMaster(isStartedByFlink() ? CONTEXT : LOCAL);
    }
    if (!given.has("useDataStreamForBatch")) {
      // In the older batch mode one lost TaskManager fails the job, whatever the restart strategy.
      flink.setUseDataStreamForBatch(true);
    }
    if (!given.has("fasterCopy")) {
      // Otherwise every report is written and read once for each step that follows another in one
      // thread. No step changes what it is given.
      flink.setFasterCopy(true);
    }
    switch (flink.getFlinkMaster()) {
      case LOCAL -> embed(flink, scratch);
      case CONTEXT -> requireDealtOutSplits();
      default -> sendTo(flink, given, scratch);
    }
    return flink;
  }

  private static void embed(FlinkPipelineOptions flink, Path scratch) throws IOException {
    if (!flink.getAttachedMode()) {
      throw new IllegalArgumentException(
          "--attachedMode=false: an embedded run ends with this process. Name a cluster with --flinkMaster=HOST:PORT");
    }
    if (flink.getParallelism() <= 0) {
      flink.setParallelism(Runtime.getRuntime().availableProcessors());
    }
    if (flink.getFlinkConfDir() == null) {
      configure(flink, FlinkDefaults.embedded(scratch), scratch);
    }
    requireOpenJdk();
  }

  private static void sendTo(FlinkPipelineOptions flink, PipelineArguments given, Path scratch)
      throws IOException {
    if (flink.getFlinkConfDir() == null && System.getenv("FLINK_CONF_DIR") == null) {
      configure(flink, FlinkDefaults.forCluster(), scratch);
    }
    if (!given.has("filesToStage")) {
      flink.setFilesToStage(List.of(JobJar.find().toString()));
    }
    if (!given.has("jobCheckIntervalInSecs")) {
      flink.setJobCheckIntervalInSecs(1);
    }
    requireOpenJdk();
  }

  private static void configure(FlinkPipelineOptions flink, String yaml, Path scratch)
      throws IOException {
    Files.writeString(scratch.resolve("config.yaml"), yaml);
    flink.setFlinkConfDir(scratch.toString());
  }

  /** Whether {@code flink run} or an application's JobManager called this program. */
  private static boolean isStartedByFlink() {
    return !(StreamExecutionEnvironment.getExecutionEnvironment()
        instanceof LocalStreamEnvironment);
  }

  private static void requireDealtOutSplits() {
    ReadableConfig configuration =
        StreamExecutionEnvironment.getExecutionEnvironment().getConfiguration();
    if (configuration.get(BatchExecutionOptions.ADAPTIVE_AUTO_PARALLELISM_ENABLED)) {
      throw new IllegalArgumentException(
          "Flink's configuration lacks '%s: false': the run would be on one slot, whatever its parallelism"
              .formatted(BatchExecutionOptions.ADAPTIVE_AUTO_PARALLELISM_ENABLED.key()));
    }
  }

  private static void requireOpenJdk() {
    if (!Object.class.getModule().isOpen("java.util", FlinkOptions.class.getModule())) {
      throw new IllegalArgumentException(
          "Flink reaches into the JDK, and this JVM was started without letting it. Use the launcher ./fusewright, or"
              + " start java with @src/config/flink-java17.args");
    }
  }
}
