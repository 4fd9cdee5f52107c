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
package dev.fusewright.core.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verify.inputs.InputFamily;
import dev.fusewright.core.verify.inputs.InputGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EvidenceTest {
  private static final ValueInfo OUTPUT = new ValueInfo("y", ElementType.FLOAT, null);
  private static final int SAMPLES = 9;

  /** Observations of which so many are audible, each moved so far by a disturbance of 3 %. */
  private static List<Observation> observations(int audible, double reaction) {
    List<Observation> observations = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      Sample sample =
          new Sample.Made(
              new InputGenerator(1, Map.of(), Map.of()),
              List.of(),
              null,
              InputFamily.USUAL.get(0),
              i);
      float value = i < audible ? 1 + i : 0;
      Observation seen =
          new Observation(sample, Map.of("y", LiteralTensor.ofFloats(Shape.of(1), value)));
      seen.reacted("y", reaction);
      observations.add(seen);
    }
    return observations;
  }

  private static Optional<InconclusiveReason> doubt(int audible, double reaction) {
    return new Evidence(OUTPUT, Tolerance.of(OUTPUT.type()), observations(audible, reaction))
        .inconclusive()
        .map(LevelVerdict::doubt);
  }

  @Test
  void an_output_that_is_heard_on_two_of_nine_samples_proves_nothing() {
    assertThat(doubt(0, 0.03)).contains(InconclusiveReason.VACUOUS);
    assertThat(doubt(1, 0.03)).contains(InconclusiveReason.VACUOUS);
    assertThat(doubt(2, 0.03)).contains(InconclusiveReason.VACUOUS);
  }

  @Test
  void an_output_that_is_heard_on_three_proves_something() {
    assertThat(doubt(3, 0.03)).isEmpty();
  }

  /** Booleans of which so many of a hundred change on each sample with a disturbance of 3 %. */
  private static Optional<InconclusiveReason> doubtOfBooleans(double changed) {
    ValueInfo output = new ValueInfo("y", ElementType.BOOL, null);
    List<Observation> observations = new ArrayList<>();
    for (Observation seen : observations(SAMPLES, 0)) {
      Tensor values = LiteralTensor.ofDoubles(ElementType.BOOL, Shape.of(100), new double[100]);
      Observation answered = new Observation(seen.sample(), Map.of("y", values));
      answered.reacted("y", changed / 100);
      observations.add(answered);
    }
    return new Evidence(output, Tolerance.of(output.type()), observations)
        .inconclusive()
        .map(LevelVerdict::doubt);
  }

  @Test
  void elements_that_change_or_do_not_show_no_less_than_one_of_them() {
    // 3 % change nine elements in all, so that one would change at 0.33 %: less than 0.4 %.
    assertThat(doubtOfBooleans(1)).isEmpty();
    assertThat(doubtOfBooleans(0.5)).contains(InconclusiveReason.VACUOUS);
  }

  /** Integers of a model whose inputs cannot be disturbed, in batches of one and of two. */
  private static Optional<InconclusiveReason> doubtOfIntegers(long[] one, long[] two) {
    ValueInfo output = new ValueInfo("y", ElementType.INT64, null);
    List<Observation> observations = new ArrayList<>();
    for (Observation seen : observations(SAMPLES, 0)) {
      long[] values = observations.size() % 2 == 0 ? one : two;
      observations.add(
          new Observation(
              seen.sample(),
              Map.of("y", LiteralTensor.ofLongs(Shape.of(values.length / 2, 2), values))));
    }
    return new Evidence(output, Tolerance.of(output.type()), observations)
        .inconclusive()
        .map(LevelVerdict::doubt);
  }

  @Test
  void an_output_that_is_the_same_for_each_of_a_batch_is_the_same_on_every_sample() {
    assertThat(doubtOfIntegers(new long[] {3, 4}, new long[] {3, 4, 3, 4}))
        .contains(InconclusiveReason.VACUOUS);
    assertThat(doubtOfIntegers(new long[] {3, 4}, new long[] {3, 4, 3, 5})).isEmpty();
  }

  @Test
  void an_output_that_would_not_have_shown_a_disturbance_of_one_per_cent_proves_nothing() {
    // What passes in float is 3.8e-6: a hundredth of the disturbance would have moved it by less.
    assertThat(doubt(SAMPLES, 1e-5)).contains(InconclusiveReason.VACUOUS);
    assertThat(doubt(SAMPLES, 1e-4)).isEmpty();
  }
}
