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
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderRegistry;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.transforms.Combine;

/** Sum of the totals of several part files. */
final class AddUp extends Combine.CombineFn<RunTotals, RunTotals, RunTotals> {
  @Override
  public RunTotals createAccumulator() {
    return new RunTotals();
  }

  @Override
  public RunTotals addInput(RunTotals sum, RunTotals part) {
    sum.add(part);
    return sum;
  }

  @Override
  public RunTotals mergeAccumulators(Iterable<RunTotals> sums) {
    RunTotals all = new RunTotals();
    sums.forEach(all::add);
    return all;
  }

  @Override
  public RunTotals extractOutput(RunTotals sum) {
    return sum;
  }

  @Override
  public Coder<RunTotals> getAccumulatorCoder(CoderRegistry registry, Coder<RunTotals> input) {
    return SerializableCoder.of(RunTotals.class);
  }

  @Override
  public Coder<RunTotals> getDefaultOutputCoder(CoderRegistry registry, Coder<RunTotals> input) {
    return SerializableCoder.of(RunTotals.class);
  }
}
