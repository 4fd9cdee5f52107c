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

import dev.fusewright.pipeline.run.ClusterJob;
import dev.fusewright.pipeline.run.RunFailedException;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.pipeline.run.Submitter;
import dev.fusewright.pipeline.run.Workers;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.util.ReleaseInfo;

/**
 * Gives runs to whichever of Beam's runners the options name, as Beam does: nothing is set for it,
 * and nothing asked of it.
 */
public final class BeamSubmitter implements Submitter {
  private final PipelineArguments arguments;

  /** With these options. */
  public BeamSubmitter(PipelineArguments arguments) {
    this.arguments = arguments;
  }

  @Override
  public boolean isDetached() {
    return false;
  }

  @Override
  public Map<String, String> versions() {
    return Map.of("beam", ReleaseInfo.getReleaseInfo().getVersion());
  }

  @Override
  public Prepared prepare(String jobName, Path scratch) {
    PipelineOptions options = arguments.parse();
    options.setJobName(jobName);
    return () -> new AnyWorkers(options);
  }

  private record AnyWorkers(PipelineOptions options) implements Workers {
    @Override
    public Place place() {
      return Place.AROUND;
    }

    @Override
    public int modelsPerWorker() {
      return 1;
    }

    @Override
    public void runToEnd(RunSpec run, Consumer<ClusterJob> submitted) throws RunFailedException {
      new PipelineExecution(options, run).toEnd(new PipelineExecution.Observer() {});
    }

    @Override
    public ClusterJob handOver(RunSpec run) {
      throw new IllegalArgumentException(
          "a run with this runner ends with this process: nobody takes it over");
    }
  }
}
