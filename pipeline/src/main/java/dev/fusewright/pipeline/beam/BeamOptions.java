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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.runners.flink.FlinkRunner;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.flink.configuration.BatchExecutionOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Beam's and Flink's own options, with the defaults that a run needs. */
final class BeamOptions {
  private static final Pattern UNKNOWN = Pattern.compile("missing a property named '([^']+)'");

  /** Flink inside this process. */
  static final String LOCAL = "[local]";

  /** The Flink that called this program. */
  static final String CONTEXT = "[auto]";

  private BeamOptions() {}

  /**
   * Reads options of the form {@code --name=value} or {@code --name value}.
   *
   * @param scratch an existing folder for the configuration that a job takes along
   * @throws IllegalArgumentException if neither Beam nor its runner knows one, or its value is
   *     wrong
   */
  static PipelineOptions parse(List<String> arguments, Path scratch) throws IOException {
    PipelineOptions options;
    List<String> joined = joined(arguments);
    PipelineOptionsFactory.register(FlinkPipelineOptions.class);
    try {
      options = PipelineOptionsFactory.fromArgs(joined.toArray(String[]::new)).create();
    } catch (IllegalArgumentException e) {
      throw explained(e);
    }
    if (!isGiven(joined, "runner")) {
      options.setRunner(FlinkRunner.class);
    }
    if (options.getRunner().equals(FlinkRunner.class)) {
      prepareFlink(options.as(FlinkPipelineOptions.class), joined, scratch);
    }
    return options;
  }

  private static void prepareFlink(FlinkPipelineOptions flink, List<String> given, Path scratch)
      throws IOException {
    if (!isGiven(given, "flinkMaster")) {
      flink.setFlinkMaster(isStartedByFlink() ? CONTEXT : LOCAL);
    }
    if (!isGiven(given, "useDataStreamForBatch")) {
      // In the older batch mode one lost TaskManager fails the job, whatever the restart strategy.
      flink.setUseDataStreamForBatch(true);
    }
    if (!isGiven(given, "fasterCopy")) {
      // Otherwise every report is written and read once for each step that follows another in one
      // thread. No step changes what it is given.
      flink.setFasterCopy(true);
    }
    switch (flink.getFlinkMaster()) {
      case LOCAL -> embed(flink, scratch);
      case CONTEXT -> requireDealtOutSplits();
      default -> sendTo(flink, given, scratch);
    }
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

  private static void sendTo(FlinkPipelineOptions flink, List<String> given, Path scratch)
      throws IOException {
    if (flink.getFlinkConfDir() == null && System.getenv("FLINK_CONF_DIR") == null) {
      configure(flink, FlinkDefaults.forCluster(), scratch);
    }
    if (!isGiven(given, "filesToStage")) {
      flink.setFilesToStage(List.of(JobJar.find().toString()));
    }
    if (!isGiven(given, "jobCheckIntervalInSecs")) {
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

  /** Whether nobody is to wait for the run's end. */
  static boolean isDetached(List<String> arguments) {
    return joined(arguments).contains("--attachedMode=false");
  }

  private static void requireOpenJdk() {
    if (!Object.class.getModule().isOpen("java.util", BeamOptions.class.getModule())) {
      throw new IllegalArgumentException(
          "Flink reaches into the JDK, and this JVM was started without letting it. Use the launcher ./fusewright, or"
              + " start java with @src/config/flink-java17.args");
    }
  }

  private static boolean isGiven(List<String> arguments, String name) {
    return arguments.stream().anyMatch(argument -> argument.startsWith("--" + name + "="));
  }

  private static List<String> joined(List<String> arguments) {
    List<String> joined = new ArrayList<>();
    for (String argument : arguments) {
      String last = joined.isEmpty() ? "" : joined.get(joined.size() - 1);
      if (argument.startsWith("--")) {
        joined.add(argument);
      } else if (last.startsWith("--") && !last.contains("=")) {
        joined.set(joined.size() - 1, last + "=" + argument);
      } else {
        throw new IllegalArgumentException("expected an option, found '" + argument + "'");
      }
    }
    joined.replaceAll(option -> option.contains("=") ? option : option + "=true");
    return joined;
  }

  private static IllegalArgumentException explained(IllegalArgumentException e) {
    Matcher unknown = UNKNOWN.matcher(String.valueOf(e.getMessage()));
    return unknown.find()
        ? new IllegalArgumentException(
            "unknown option --%s: neither fusewright run nor Beam's runner has it. See fusewright run --help; Beam's own are --runner, --flinkMaster, --parallelism and the like"
                .formatted(unknown.group(1)),
            e)
        : e;
  }
}
