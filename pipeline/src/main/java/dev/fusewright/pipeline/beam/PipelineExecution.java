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

import dev.fusewright.pipeline.run.RunFailedException;
import dev.fusewright.pipeline.run.RunSpec;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * Execution of a run's pipeline.
 *
 * @param options which name the runner
 */
public record PipelineExecution(PipelineOptions options, RunSpec run) {

  /** What a runner knows of an execution and Beam does not say. */
  public interface Observer {
    /** Called when the runner has the pipeline. */
    default void started() {}

    /** Why an execution ended early, by the root of what was thrown. */
    default String cause(Throwable root) {
      return root.toString();
    }

    /** Why an execution ended in a state other than success; empty if nobody knows. */
    default String cause() {
      return "";
    }
  }

  /** Starts it. With some runners this returns only when it has ended. */
  public PipelineResult start() {
    Pipeline pipeline = Pipeline.create(options);
    FusePipeline.build(pipeline, run);
    return pipeline.run();
  }

  /**
   * Starts it and waits for its end.
   *
   * @throws RunFailedException if the runner gave up
   */
  public void toEnd(Observer observer) throws RunFailedException {
    PipelineResult.State state;
    try {
      PipelineResult result = start();
      observer.started();
      state = result.waitUntilFinish();
    } catch (RuntimeException e) {
      throw RunFailedException.onTheWay(run, observer.cause(root(e)), e);
    }
    if (state != PipelineResult.State.DONE) {
      String cause = observer.cause();
      throw RunFailedException.onTheWay(
          run, "it ended as " + state + (cause.isEmpty() ? "" : ": " + cause), null);
    }
  }

  /** What a failure comes from. */
  public static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
