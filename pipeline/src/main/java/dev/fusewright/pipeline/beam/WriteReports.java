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
import dev.fusewright.report.FusionReport;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * Writes what a run reports: part files and quarantine by shard, then, when all are there and add
 * up with what was settled when it began, the summary, the pointer to the latest run, and {@code
 * _SUCCESS}.
 */
public final class WriteReports
    extends PTransform<PCollection<FusionReport>, PCollection<RunTotals>> {
  private final RunSpec run;

  /** Of a run. */
  public WriteReports(RunSpec run) {
    this.run = run;
  }

  @Override
  public PCollection<RunTotals> expand(PCollection<FusionReport> reports) {
    int shards = run.shards();
    PCollection<RunTotals> parts =
        reports
            .apply(
                "Assign shards",
                WithKeys.of(
                        (FusionReport report) -> Math.floorMod(report.getId().hashCode(), shards))
                    .withKeyType(TypeDescriptors.integers()))
            .setCoder(KvCoder.of(VarIntCoder.of(), AvroCoder.specific(FusionReport.class)))
            .apply("Gather shards", GroupByKey.create())
            .apply("Write part files", ParDo.of(new WritePart(run)))
            .setCoder(SerializableCoder.of(RunTotals.class));
    PCollection<RunTotals> settled =
        reports
            .getPipeline()
            .apply(
                "Settled entries",
                Create.of(run.settled().totals()).withCoder(SerializableCoder.of(RunTotals.class)))
            .apply("Count them", ParDo.of(new CountSettled()))
            .setCoder(SerializableCoder.of(RunTotals.class));
    return PCollectionList.of(parts)
        .and(settled)
        .apply("All totals", Flatten.pCollections())
        .apply("Add up", Combine.globally(new AddUp()).withoutDefaults())
        .setCoder(SerializableCoder.of(RunTotals.class))
        .apply("Finish the run", ParDo.of(new FinishRun(run)))
        .setCoder(SerializableCoder.of(RunTotals.class));
  }
}
