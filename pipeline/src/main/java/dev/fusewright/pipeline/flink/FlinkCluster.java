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

import dev.fusewright.pipeline.beam.PipelineExecution;
import dev.fusewright.pipeline.run.ClusterJob;
import dev.fusewright.pipeline.run.RunFailedException;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.pipeline.run.Workers;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.beam.runners.flink.FlinkPipelineOptions;

/** A Flink of other processes, which a run is submitted to. */
record FlinkCluster(FlinkPipelineOptions options, RemoteFlink flink, int modelsPerWorker)
    implements Workers {

  @Override
  public Place place() {
    return Place.CLUSTER;
  }

  @Override
  public void runToEnd(RunSpec run, Consumer<ClusterJob> submitted) throws RunFailedException {
    new PipelineExecution(options, run)
        .toEnd(
            new PipelineExecution.Observer() {
              @Override
              public void started() {
                tell(submitted);
              }

              @Override
              public String cause(Throwable root) {
                return root instanceof ConnectException
                    ? "Flink at %s is there no longer (%s)"
                        .formatted(flink.address(), root.getMessage())
                    : root.toString();
              }

              @Override
              public String cause() {
                return failure().orElse("");
              }
            });
  }

  /** A cluster that does not say the job's id just now is not asked again: the run counts. */
  private void tell(Consumer<ClusterJob> submitted) {
    try {
      job().ifPresent(submitted);
    } catch (IOException e) {
      // Whoever waits for the run's end will see whether it was lost.
    }
  }

  /** What made the job fail, as far as the cluster says. */
  private Optional<String> failure() {
    try {
      Optional<FlinkJob> job = job();
      return job.isPresent() ? flink.failure(job.get().id()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public ClusterJob handOver(RunSpec run) throws RunFailedException {
    try {
      new PipelineExecution(options, run).start();
      return job().orElse(new FlinkJob(flink, "(unknown to the JobManager)"));
    } catch (RuntimeException e) {
      throw new RunFailedException("Flink did not take the job: " + PipelineExecution.root(e), e);
    } catch (IOException e) {
      throw new RunFailedException(
          "the job was submitted, and then Flink could not be reached: " + e, e);
    }
  }

  private Optional<FlinkJob> job() throws IOException {
    return flink.jobId(options.getJobName()).map(id -> new FlinkJob(flink, id));
  }
}
