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
package dev.fusewright.core.analysis.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.rule.fold.RandomModels;
import dev.fusewright.core.text.GraphText;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Whatever graph is made up: what is inferred of its shapes is what a run of it shows. */
class RandomShapesTest {
  @Property(tries = 3000, seed = "20261129", shrinking = ShrinkingMode.OFF)
  void what_is_inferred_holds_in_a_run(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    check(seed, RandomShapes.Truth.ALL, Basis.STATED);
  }

  @Property(tries = 1000, seed = "20261129", shrinking = ShrinkingMode.OFF)
  void what_is_inferred_of_a_model_of_all_operators_that_rules_know_holds_in_a_run(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    RandomModels.Sample sample = RandomModels.of(seed);

    assertThat(InferredShapes.of(sample.model(), sample.inputs(), Basis.STATED).wrong())
        .as("in%n%s", GraphText.print(sample.model()))
        .isEmpty();
  }

  @Property(tries = 1500, seed = "20261129", shrinking = ShrinkingMode.OFF)
  void nothing_that_is_proven_or_promised_rests_on_what_is_said_of_inner_values(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    check(seed, RandomShapes.Truth.NOT_INNER_VALUES, Basis.PROMISED);
  }

  @Property(tries = 1500, seed = "20261129", shrinking = ShrinkingMode.OFF)
  void nothing_that_is_proven_rests_on_what_is_said_of_inputs(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    check(seed, RandomShapes.Truth.NOT_INPUTS, Basis.PROVEN);
  }

  private static InferredShapes check(long seed, RandomShapes.Truth truth, Basis least) {
    RandomShapes.Sample sample = RandomShapes.of(seed, truth);
    InferredShapes compared = InferredShapes.of(sample.model(), sample.inputs(), least);
    assertThat(compared.wrong()).as("in%n%s", GraphText.print(sample.model())).isEmpty();
    return compared;
  }

  @Test
  void most_of_what_a_run_shows_is_known_before() {
    int known = 0;
    int all = 0;
    for (long seed = 0; seed < 1000; seed++) {
      InferredShapes compared = check(seed, RandomShapes.Truth.ALL, Basis.STATED);
      known += compared.known();
      all += compared.all();
    }

    assertThat((double) known / all).as("share of ranks and sizes").isGreaterThan(0.8);
  }
}
