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
package dev.fusewright.pipeline.cli;

import dev.fusewright.pipeline.beam.BeamSubmitter;
import dev.fusewright.pipeline.beam.PipelineArguments;
import dev.fusewright.pipeline.flink.FlinkSubmitter;
import dev.fusewright.pipeline.run.Submitter;
import java.util.List;

/** The runners that are known, and which of them is asked for. */
final class Runners {
  private Runners() {}

  /**
   * Who takes a run with these options.
   *
   * @param options as given, {@code --runner} among them or not
   * @throws IllegalArgumentException if one of them is no option
   */
  static Submitter of(List<String> options) {
    PipelineArguments arguments = PipelineArguments.of(options);
    return FlinkSubmitter.isAskedFor(arguments)
        ? new FlinkSubmitter(arguments)
        : new BeamSubmitter(arguments);
  }
}
