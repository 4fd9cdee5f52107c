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

import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.RunSpec;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.transforms.ParDo;

/**
 * A run: every entry of a catalogue is fused and published, and accounted for. It is made of the
 * same transforms that anybody may use.
 */
public final class FusePipeline {
  private FusePipeline() {}

  /** Adds a run to a pipeline. */
  public static void build(Pipeline pipeline, RunSpec run) {
    pipeline
        .apply("Read the catalogue", ReadCatalogue.of(run))
        .apply("Fuse models", FuseModels.of(run))
        .get(FuseModels.REPORTS)
        .apply("Write reports", WriteReports.of(run))
        .apply("Finish the run", ParDo.of(new FinishRun(run)))
        .setCoder(SerializableCoder.of(RunTotals.class));
  }
}
