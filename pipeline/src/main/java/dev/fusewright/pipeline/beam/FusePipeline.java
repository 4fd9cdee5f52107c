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

import dev.fusewright.pipeline.run.RunSpec;
import org.apache.beam.sdk.Pipeline;

/** A run: every entry of a catalogue is fused and published, and accounted for. */
public final class FusePipeline {
  private FusePipeline() {}

  /** Adds a run to a pipeline. */
  public static void build(Pipeline pipeline, RunSpec run) {
    pipeline
        .apply("Read the catalogue", new ReadCatalogue(run))
        .apply("Fuse models", new FuseModels(run))
        .apply("Write reports", new WriteReports(run));
  }
}
