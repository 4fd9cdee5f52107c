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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.testing.InjectedFault;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.inputs.ModelFacts;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Errors that no number of noise floors decides about, and what float64 makes of them. */
class DoubtsTest {
  private static final double ROUNDING = 1e-5;

  private static final ModelGraph ORIGINAL = new FoldExample(ElementType.FLOAT).original();
  private static final ModelGraph FOLDED =
      new FoldExample(ElementType.FLOAT).folded(FoldExample.Fault.NONE);

  private static LevelVerdict check(ModelRunner original, ModelRunner candidate, Truth truth) {
    ModelCheck check = new ModelCheck(CheckOptions.of(7).withFacts(ModelFacts.of(ORIGINAL)));
    return (truth == null ? check : check.withTruth(truth)).compare(original, candidate).verdict();
  }

  private static ModelGraph faulty(double size) {
    return InjectedFault.WEIGHT_OF_ONE_CHANNEL_OFF.inject(FOLDED, 0, size).orElseThrow();
  }

  @Test
  void a_fault_no_larger_than_what_rounding_might_do_is_different_since_float64_shows_it() {
    ModelGraph faulty = faulty(2e-4);
    LevelVerdict found =
        check(
            new Rounding(ORIGINAL, ROUNDING),
            new Rounding(faulty, ROUNDING),
            new Truth(ORIGINAL, faulty));
    assertThat(found.verdict()).as(found.reason()).isEqualTo(Verdict.DIFFERENT);
    assertThat(found.reason()).contains("in float64 it is off by");
  }

  @Test
  void the_same_fault_without_truth_is_inconclusive_and_never_equivalent() {
    LevelVerdict found =
        check(new Rounding(ORIGINAL, ROUNDING), new Rounding(faulty(2e-4), ROUNDING), null);
    assertThat(found.doubt()).as(found.reason()).isEqualTo(InconclusiveReason.NOISE);
    assertThat(found.reason()).contains("float64 cannot tell");
  }

  @Test
  void a_right_fold_that_rounds_that_much_worse_is_equivalent() {
    LevelVerdict found =
        check(
            new Rounding(ORIGINAL, ROUNDING),
            new Rounding(FOLDED, 15 * ROUNDING),
            new Truth(ORIGINAL, FOLDED));
    assertThat(found.verdict()).as(found.reason()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(found.reason()).contains("in float64 'y' is off by");
  }

  @Test
  void a_right_fold_within_six_floors_needs_no_truth() {
    LevelVerdict found =
        check(new Rounding(ORIGINAL, ROUNDING), new Rounding(FOLDED, 4 * ROUNDING), null);
    assertThat(found.verdict()).as(found.reason()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(found.reason()).doesNotContain("float64");
  }

  @Test
  void the_right_function_that_rounds_far_worse_than_the_original_is_noise() {
    LevelVerdict found =
        check(
            new Rounding(ORIGINAL, ROUNDING),
            new Rounding(FOLDED, 60 * ROUNDING),
            new Truth(ORIGINAL, FOLDED));
    assertThat(found.doubt()).as(found.reason()).isEqualTo(InconclusiveReason.NOISE);
    assertThat(found.reason()).contains("in float64 both are the same");
  }

  @Test
  void without_truth_the_bound_of_twenty_floors_stands() {
    LevelVerdict found =
        check(new Rounding(ORIGINAL, ROUNDING), new Rounding(FOLDED, 60 * ROUNDING), null);
    assertThat(found.verdict()).as(found.reason()).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void a_candidate_is_not_blamed_for_an_original_that_is_as_far_from_the_truth() {
    // The original is off by the same amount however it is run: its floor says nothing of that.
    LevelVerdict found =
        check(
            new Rounding(ORIGINAL, 60 * ROUNDING).always(),
            new Rounding(FOLDED, ROUNDING),
            new Truth(ORIGINAL, FOLDED));
    assertThat(found.verdict()).as(found.reason()).isEqualTo(Verdict.EQUIVALENT);
  }

  @Test
  void an_original_that_is_itself_beyond_the_ceiling_makes_its_right_fold_noise_not_different() {
    LevelVerdict found =
        check(
            new Rounding(ORIGINAL, 2e-3).always(),
            new Rounding(FOLDED, ROUNDING),
            new Truth(ORIGINAL, FOLDED));
    assertThat(found.doubt()).as(found.reason()).isEqualTo(InconclusiveReason.NOISE);
    assertThat(found.reason()).contains("in float64 both are the same");
  }

  @Test
  void a_fault_beside_such_an_original_is_different() {
    ModelGraph faulty = faulty(1e-3);
    LevelVerdict found =
        check(
            new Rounding(ORIGINAL, 2e-3).always(),
            new Rounding(faulty, ROUNDING),
            new Truth(ORIGINAL, faulty));
    assertThat(found.verdict()).as(found.reason()).isEqualTo(Verdict.DIFFERENT);
    assertThat(found.reason()).contains("in float64 it is off by");
  }

  @Test
  void a_right_function_that_is_run_with_errors_beyond_the_ceiling_is_different() {
    LevelVerdict found =
        check(
            new Rounding(ORIGINAL, ROUNDING),
            new Rounding(FOLDED, 2e-3),
            new Truth(ORIGINAL, FOLDED));
    assertThat(found.verdict()).as(found.reason()).isEqualTo(Verdict.DIFFERENT);
    assertThat(found.reason()).contains("the original as run is");
  }

  @Test
  void beyond_the_ceiling_nothing_is_excused_without_truth_or_against_a_persons_own_ceiling() {
    Rounding original = new Rounding(ORIGINAL, 2e-3).always();
    Rounding candidate = new Rounding(FOLDED, ROUNDING);
    assertThat(check(original, candidate, null).verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(
            new ModelCheck(CheckOptions.of(7).withFacts(ModelFacts.of(ORIGINAL)).withCeiling(1e-3))
                .withTruth(new Truth(ORIGINAL, FOLDED))
                .compare(original, candidate)
                .verdict()
                .verdict())
        .isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void what_the_reference_does_not_know_leaves_the_doubt() {
    ModelGraph unknown =
        GraphText.parse(
            """
            <ir_version: 8, opset_import: ["": 15]>
            unknown (float[N, 4, 12, 12] x) => (float[N, 4, 10, 10] y) { y = NoSuchOperator (x) }
            """);
    LevelVerdict found =
        check(
            new Rounding(ORIGINAL, ROUNDING),
            new Rounding(faulty(2e-4), ROUNDING),
            new Truth(unknown, FOLDED));
    assertThat(found.doubt()).as(found.reason()).isEqualTo(InconclusiveReason.NOISE);
    assertThat(found.reason()).contains("NoSuchOperator");
  }

  @Test
  void parameters_move_by_one_ulp_and_settings_and_zeros_stay() {
    ModelGraph model =
        GraphText.parse(
            """
            <ir_version: 8, opset_import: ["": 15]>
            resized (float[1, 2, 4, 4] x) => (float[1, 2, 8, 8] y)
            <float[1] w = {2.0}, float[2] hole = {0.0, 0.0}, float[4] scales = {1.0, 1.0, 2.0, 2.0},
             float[0] roi = {}> {
              m = Mul (x, w)
              r = Resize <mode = "nearest"> (m, roi, scales)
              c = Constant <value = float[1] {3.0}> ()
              y = Add (r, c)
            }
            """);
    ModelGraph nudged = NudgedParameters.of(model, 1, 1 << 20).orElseThrow();
    Map<String, double[]> values = new LinkedHashMap<>();
    nudged
        .graph()
        .initializers()
        .forEach(it -> values.put(it.name(), Tensors.doubles(it.tensor(), 10)));
    assertThat(Math.abs(values.get("w")[0] - 2)).isBetween(1e-7, 3e-7);
    assertThat(values.get("hole")).containsExactly(0, 0);
    assertThat(values.get("scales")).containsExactly(1, 1, 2, 2);
    assertThat(Tensors.doubles(nudged.graph().nodes().get(2).tensorAttribute("value"), 1)[0])
        .isNotEqualTo(3.0)
        .isCloseTo(3.0, org.assertj.core.data.Offset.offset(3e-7));
    assertThat(NudgedParameters.of(model, 1, 8)).isEmpty();
  }

  /** The float64 reference, off by so much of each channel's largest value. */
  private static final class Rounding implements ModelRunner {
    private final ReferenceRunner exact;
    private final double rounding;
    private final boolean always;

    Rounding(ModelGraph model, double rounding) {
      this(new ReferenceRunner(model), rounding, /* always= */ false);
    }

    private Rounding(ReferenceRunner exact, double rounding, boolean always) {
      this.exact = exact;
      this.rounding = rounding;
      this.always = always;
    }

    /** Off by the same, whatever the order and the last bits. */
    Rounding always() {
      return new Rounding(exact, rounding, /* always= */ true);
    }

    @Override
    public String describe() {
      return exact.describe();
    }

    @Override
    public ModelSession open(Evaluation evaluation) throws ModelRunException {
      ModelSession session = exact.open(Evaluation.PLAIN);
      return new ForwardingSession(session) {
        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs)
            throws ModelRunException {
          long seed = always ? 0 : 31L * hash(inputs) + evaluation.name().hashCode();
          Map<String, Tensor> rounded = new LinkedHashMap<>();
          session
              .run(inputs, outputs)
              .forEach((name, tensor) -> rounded.put(name, rounded(tensor, seed)));
          return rounded;
        }
      };
    }

    private static int hash(Map<String, Tensor> inputs) {
      return Arrays.hashCode(Tensors.doubles(inputs.get("x"), Integer.MAX_VALUE));
    }

    private Tensor rounded(Tensor tensor, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] values = Tensors.doubles(tensor, Integer.MAX_VALUE);
      double[] channels = Magnitudes.of(tensor).channels();
      int inner = (int) tensor.shape().elementCount(2, tensor.shape().rank());
      Arrays.setAll(
          values,
          i ->
              values[i]
                  + rounding
                      * channels[i / inner % channels.length]
                      * (2 * random.nextDouble() - 1));
      return LiteralTensor.ofDoubles(tensor.type(), tensor.shape(), values);
    }
  }
}
