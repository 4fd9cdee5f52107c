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
import dev.fusewright.pipeline.run.RunCompletion;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;

/**
 * Ends a run: adds what was settled when it began to what its workers report. Doing it again is
 * safe, as {@link RunCompletion#complete} says.
 */
final class FinishRun extends DoFn<RunTotals, RunTotals> {
  private final RunSpec run;

  /** Counts settled entries, so that Beam's counters are complete. */
  private final Counter unchanged =
      Metrics.counter(FuseModels.class, LiveCounters.of(Outcome.UNCHANGED));

  FinishRun(RunSpec run) {
    this.run = run;
  }

  @ProcessElement
  public void finish(@Element RunTotals reported, OutputReceiver<RunTotals> done)
      throws IOException {
    RunTotals settled = run.settled().totals();
    unchanged.inc(settled.total());
    RunTotals all = new RunTotals();
    all.add(settled);
    all.add(reported);
    RunCompletion.complete(run, all);
    done.output(all);
  }
}
