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
import dev.fusewright.report.Outcome;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;

/**
 * Counts the entries that were settled when the run began, so that Beam's counters are complete.
 */
final class CountSettled extends DoFn<RunTotals, RunTotals> {
  private final Counter unchanged =
      Metrics.counter(FuseModels.class, LiveCounters.of(Outcome.UNCHANGED));

  @ProcessElement
  public void count(@Element RunTotals totals, OutputReceiver<RunTotals> same) {
    unchanged.inc(totals.total());
    same.output(totals);
  }
}
