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
import java.util.function.Consumer;
import org.apache.beam.runners.flink.FlinkPipelineOptions;

/** A Flink that this process is, or is a part of. */
record FlinkProcess(FlinkPipelineOptions options, Place place, int modelsPerWorker)
    implements Workers {

  @Override
  public void runToEnd(RunSpec run, Consumer<ClusterJob> submitted) throws RunFailedException {
    new PipelineExecution(options, run).toEnd(new PipelineExecution.Observer() {});
  }

  @Override
  public ClusterJob handOver(RunSpec run) {
    throw new IllegalArgumentException(
        "--attachedMode=false: only a cluster takes a run over. Name one with --flinkMaster=HOST:PORT");
  }
}
