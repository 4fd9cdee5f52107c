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

import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.report.FusionReport;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;

/** Every entry becomes a report, and most of them a published model. */
public final class FuseModels
    extends PTransform<PCollection<CatalogueEntry>, PCollection<FusionReport>> {
  /** Name of the step in which models are fused, by which a runner's figures of it are found. */
  public static final String STEP = "Fuse each model";

  private final RunSpec run;

  /** Of a run. */
  public FuseModels(RunSpec run) {
    this.run = run;
  }

  @Override
  public PCollection<FusionReport> expand(PCollection<CatalogueEntry> entries) {
    return entries
        .apply(STEP, ParDo.of(new FuseFn(run)))
        .setCoder(AvroCoder.specific(FusionReport.class));
  }
}
