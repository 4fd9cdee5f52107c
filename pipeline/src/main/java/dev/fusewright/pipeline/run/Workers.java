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
package dev.fusewright.pipeline.run;

import java.util.function.Consumer;

/** Workers that a run can be given to. */
public interface Workers {
  /** Where the work is done. */
  enum Place {
    /** In this process, by an engine that is started with the run and ends with it. */
    EMBEDDED,
    /** By an engine that runs already and that this process is a part of. */
    AROUND,
    /** In other processes, which need this one no more when they have the run. */
    CLUSTER
  }

  /** Where the work is done. */
  Place place();

  /** How many models one worker process works on at the same time; at least 1. */
  int modelsPerWorker();

  /**
   * Has a run done, to its end.
   *
   * @param submitted is told when a {@link Place#CLUSTER} has it, and never elsewhere
   * @throws RunFailedException if the workers gave up
   */
  void runToEnd(RunSpec run, Consumer<ClusterJob> submitted) throws RunFailedException;

  /**
   * Hands a run over, and does not wait.
   *
   * @throws IllegalArgumentException if they are no {@link Place#CLUSTER}
   * @throws RunFailedException if the cluster did not take it
   */
  ClusterJob handOver(RunSpec run) throws RunFailedException;
}
