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
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.inputs.ModelFacts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ModelCheckTest {
  private static final CheckOptions OPTIONS = CheckOptions.of(7);

  private static ModelComparison check(ModelGraph original, ModelGraph candidate) {
    return new ModelCheck(OPTIONS.withFacts(ModelFacts.of(original)))
        .compare(new ReferenceRunner(original), new ReferenceRunner(candidate));
  }

  private static ModelComparison check(String original, String candidate) {
    return check(GraphText.parse(original), GraphText.parse(candidate));
  }

  @Test
  void a_constant_in_float16_beside_does_not_hide_a_fault_in_float() {
    String model =
        """
        g (float[2,5] x) => (float[] z)
        <float[5,4] w = random(1), float16[4] shift = {1.0, 2.0, 3.0, 4.0}, float[1] part = {%s}>
        {
          s = Cast <to = 1> (shift)
          y = MatMul(x, w)
          a = Mul(y, part)
          z = Add(a, s)
        }
        """;
    assertThat(check(model.formatted("1"), model.formatted("1.001")).verdict().verdict())
        .isEqualTo(Verdict.DIFFERENT);
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16"})
  void a_right_fold_is_equivalent_in_every_type(ElementType type) {
    FoldExample example = new FoldExample(type);
    ModelComparison result = check(example.original(), example.folded(FoldExample.Fault.NONE));
    assertThat(result.verdict().verdict())
        .as(result.verdict().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(result.samples()).isEqualTo(9);
    assertThat(result.outputs()).singleElement().matches(OutputFigures::passes);
    assertThat(result.verdict().reason()).contains("would have shown");
  }

  @ParameterizedTest
  @EnumSource(value = FoldExample.Fault.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void a_wrong_fold_is_different(FoldExample.Fault fault) {
    FoldExample example = new FoldExample(ElementType.FLOAT);
    ModelComparison result = check(example.original(), example.folded(fault));
    assertThat(result.verdict().verdict())
        .as(result.verdict().reason())
        .isEqualTo(Verdict.DIFFERENT);
    assertThat(result.verdict().reason())
        .contains("output 'y' is off by")
        .containsPattern("\\[[0-9,]+] is -?[0-9.e-]+, the original's -?[0-9.e-]+");
  }

  @Test
  void the_same_seed_gives_the_same_figures() {
    FoldExample example = new FoldExample(ElementType.FLOAT);
    ModelGraph folded = example.folded(FoldExample.Fault.NONE);
    assertThat(check(example.original(), folded)).isEqualTo(check(example.original(), folded));
  }

  @Test
  void an_output_that_ignores_the_inputs_is_no_evidence() {
    String mute =
        """
        <ir_version: 8, opset_import: ["": 15]>
        mute (float[N, 3] x) => (float[N, 3] y) <float[1] zero = {0.0}, float[1] half = {0.5}> {
          z = Mul (x, zero)
          y = Add (z, half)
        }
        """;
    ModelComparison result = check(mute, mute);
    assertThat(result.verdict().doubt()).isEqualTo(InconclusiveReason.VACUOUS);
    assertThat(result.verdict().reason())
        .contains("output 'y' hardly moves when the inputs are disturbed");
    assertThat(result.outputs().get(0).visibleFault()).isInfinite();
  }

  @Test
  void an_output_next_to_nothing_is_no_evidence() {
    String quiet =
        """
        <ir_version: 8, opset_import: ["": 15]>
        quiet (float[N, 3] x) => (float[N, 3] y) <float[1] minus = {-20.0}, float[1] tenth = {0.01}> {
          z = Mul (x, tenth)
          t = Tanh (z)
          s = Add (t, minus)
          y = Sigmoid (s)
        }
        """;
    ModelComparison result = check(quiet, quiet);
    assertThat(result.verdict().doubt()).isEqualTo(InconclusiveReason.VACUOUS);
    assertThat(result.verdict().reason()).contains("is next to nothing");
  }

  @Test
  void a_label_that_does_not_change_is_no_matter_while_its_scores_do() {
    String classifier =
        """
        <ir_version: 8, opset_import: ["": 15]>
        classifier (float[N, 3] x) => (float[N, 3] scores, int64[N] label)
        <float[3] bias = {0.0, 0.0, 5000.0}> {
          scores = Add (x, bias)
          label = ArgMax <axis = 1, keepdims = 0> (scores)
        }
        """;
    assertThat(check(classifier, classifier).verdict().verdict()).isEqualTo(Verdict.EQUIVALENT);
  }

  @Test
  void a_model_without_inputs_has_one_answer_and_that_is_compared() {
    String constant =
        """
        <ir_version: 8, opset_import: ["": 15]>
        constant () => (float[2] y) <float[2] a = {1.0, 2.0}> { y = Neg (a) }
        """;
    ModelComparison same = check(constant, constant);
    assertThat(same.verdict().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(same.samples()).isEqualTo(1);
    assertThat(check(constant, constant.replace("2.0}", "2.001}")).verdict().verdict())
        .isEqualTo(Verdict.DIFFERENT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[] z|z = Neg (a)|EQUIVALENT|",
        "float[] z|b = Mul (a, a) z = Exp (b)|EQUIVALENT|",
        "float[] z|z = Sub (t, t)|INCONCLUSIVE|VACUOUS", // of an input, on which it hardly depends
        "float[] z|s = Sub (x, x) r = ReduceSum <keepdims = 0> (s) z = Add (a, r)|INCONCLUSIVE|VACUOUS",
        "int64[] z|z = ArgMax <axis = 1> (t)|EQUIVALENT|" // a label beside a score
      })
  void an_output_that_depends_on_no_input_is_compared_and_takes_nothing_from_the_others(
      String output, String nodes, Verdict verdict, @Nullable InconclusiveReason doubt) {
    String beside =
        """
        <ir_version: 8, opset_import: ["": 15]>
        beside (float[N, 3] x) => (float[N, 3] t, %s) <float[2] a = {1.0, 2.0}> { t = Tanh (x) %s }
        """
            .formatted(output, nodes);
    LevelVerdict found = check(beside, beside).verdict();
    assertThat(found.verdict()).as(found.reason()).isEqualTo(verdict);
    assertThat(found.doubt()).isEqualTo(doubt);
  }

  @Test
  void an_output_that_depends_on_no_input_is_different_where_its_constant_is_and_wakes_no_other() {
    String beside =
        """
        <ir_version: 8, opset_import: ["": 15]>
        beside (float[N, 3] x) => (float[N, 3] t, float[2] z) <float[2] a = {1.0, 2.0}> {
          t = Tanh (x)
          z = Neg (a)
        }
        """;
    assertThat(check(beside, beside.replace("2.0}", "2.001}")).verdict().verdict())
        .isEqualTo(Verdict.DIFFERENT);

    String label =
        """
        <ir_version: 8, opset_import: ["": 15]>
        label (float[N, 3] x) => (int64[N] i, float[2] z) <float[2] a = {1.0, 2.0}> {
          m = Sub (x, x)
          i = ArgMax <axis = 1, keepdims = 0> (m)
          z = Neg (a)
        }
        """;
    assertThat(check(label, label).verdict().doubt()).isEqualTo(InconclusiveReason.VACUOUS);
  }

  @Test
  void an_error_beyond_the_ceiling_that_the_original_makes_itself_is_noise() {
    // The sine of so large a multiple is a matter of the last bits.
    Runner noisy = new Runner(values -> values.map(value -> Math.sin(1e12 * value)));
    Runner noisier = new Runner(values -> values.map(value -> Math.sin(1.001e12 * value)));
    ModelComparison result = new ModelCheck(OPTIONS).compare(noisy, noisier);
    assertThat(result.verdict().doubt())
        .as(result.verdict().reason())
        .isEqualTo(InconclusiveReason.NOISE);
  }

  @Test
  void large_inputs_that_cancel_out_make_noise_of_their_own_and_no_false_alarm() {
    Runner cancels =
        new Runner(
            values ->
                values.map(
                    v -> v / (1 + Math.abs(v)) + ((float) (100 * v + 1) - (float) (100 * v))));
    Runner doesNot = new Runner(values -> values.map(v -> v / (1 + Math.abs(v)) + 1));
    ModelComparison result = new ModelCheck(OPTIONS).compare(cancels, doesNot);
    assertThat(result.verdict().verdict())
        .as(result.verdict().reason())
        .isEqualTo(Verdict.EQUIVALENT);
  }

  @Test
  void not_a_number_must_stand_in_the_same_places() {
    Runner hole = new Runner(values -> values.map(value -> value > 0.5 ? Double.NaN : value));
    Runner same = new Runner(values -> values.map(value -> value > 0.5 ? Double.NaN : value));
    Runner other = new Runner(values -> values.map(value -> value > 0.6 ? Double.NaN : value));
    assertThat(new ModelCheck(OPTIONS).compare(hole, same).verdict().verdict())
        .isEqualTo(Verdict.EQUIVALENT);
    ModelComparison different = new ModelCheck(OPTIONS).compare(hole, other);
    assertThat(different.verdict().verdict())
        .as(different.verdict().reason())
        .isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void the_two_models_are_never_loaded_at_the_same_time() {
    Runner original = new Runner(values -> values);
    Runner candidate = new Runner(values -> values);
    Runner.open = 0;
    Runner.mostOpen = 0;
    assertThat(new ModelCheck(OPTIONS).compare(original, candidate).verdict().verdict())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(Runner.mostOpen).isEqualTo(1);
  }

  @Test
  void outputs_too_large_to_keep_cost_samples_and_no_memory() {
    Runner model = new Runner(values -> values);
    ModelComparison result = new ModelCheck(OPTIONS.withOutputBytes(1)).compare(model, model);
    assertThat(result.samples()).isEqualTo(1);
    assertThat(result.verdict().reason()).contains("8 more could not be used");
  }

  @Test
  void given_samples_come_first_and_may_stand_alone() {
    Map<String, Tensor> sample = Map.of("x", LiteralTensor.ofFloats(Shape.of(2), 1, 2));
    Runner model = new Runner(values -> values);
    ModelComparison result =
        new ModelCheck(OPTIONS.withGiven(List.of(sample)).withSamples(0)).compare(model, model);
    assertThat(result.samples()).isEqualTo(1);
    assertThat(result.outputs().get(0).sample()).isEqualTo("given 1 [2]");
  }

  @Test
  void another_name_type_or_number_of_outputs_is_explained() {
    String one =
        """
        <ir_version: 8, opset_import: ["": 15]>
        one (float[N, 3] x) => (float[N, 3] y) { y = Relu (x) }
        """;
    String renamed =
        """
        <ir_version: 8, opset_import: ["": 15]>
        renamed (float[N, 3] x) => (float[N, 3] z) { z = Relu (x) }
        """;
    String wider =
        """
        <ir_version: 8, opset_import: ["": 15]>
        wider (float[N, 4] x) => (float[N, 4] y) { y = Relu (x) }
        """;
    assertThat(check(one, renamed).verdict())
        .isEqualTo(
            LevelVerdict.different(
                "the candidate has no output 'y'; its outputs are 'z'; "
                    + "the candidate has an output 'z' that the original has not"));
    assertThat(check(one, wider).verdict().reason())
        .startsWith("input float[N,3] 'x' is float[N,4] 'x' in the candidate");
  }

  @Test
  void a_candidate_that_does_not_run_is_different_and_an_original_that_does_not_is_not_judged() {
    Runner runs = new Runner(values -> values);
    Runner broken = new Runner(RunFailure.RUN_ERROR);
    assertThat(new ModelCheck(OPTIONS).compare(runs, broken).verdict())
        .isEqualTo(LevelVerdict.different("the original runs, the candidate does not: no luck"));
    assertThat(new ModelCheck(OPTIONS).compare(broken, runs).verdict().doubt())
        .isEqualTo(InconclusiveReason.NO_INPUTS);
  }

  @ParameterizedTest
  @CsvSource({
    "NO_KERNEL, NO_KERNEL",
    "DUPLICATE_NAMES, DUPLICATE_NAMES",
    "INVALID_MODEL, RUNNER",
    "RUN_ERROR, NO_INPUTS",
    "UNSUPPORTED_TYPE, NO_INPUTS",
    "OUT_OF_MEMORY, MEMORY",
    "TIMED_OUT, TIME_LIMIT",
    "CRASHED, RUNNER_CRASHED",
    "DIED_AT_START, RUNNER_CRASHED",
    "UNAVAILABLE, RUNNER"
  })
  void why_an_original_could_not_be_run_is_stated_whatever_its_candidate_does(
      RunFailure failure, InconclusiveReason stated) {
    Runner candidate = new Runner(values -> values);
    LevelVerdict verdict =
        new ModelCheck(OPTIONS).compare(new Runner(failure), candidate).verdict();
    assertThat(verdict.doubt()).isEqualTo(stated);
    assertThat(verdict.reason()).startsWith("the original could not be run: ").endsWith("no luck");
    assertThat(candidate.opened).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = RunFailure.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"DIED_AT_START", "UNAVAILABLE"})
  void a_candidate_that_fails_where_its_original_runs_is_different(RunFailure failure) {
    LevelVerdict verdict =
        new ModelCheck(OPTIONS)
            .compare(new Runner(values -> values), new Runner(failure))
            .verdict();
    assertThat(verdict.verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(verdict.reason()).contains("no luck");
  }

  @ParameterizedTest
  @EnumSource(
      value = RunFailure.class,
      names = {"DIED_AT_START", "UNAVAILABLE"})
  void without_a_runner_for_the_candidate_nothing_is_said_of_it_and_nothing_excused(
      RunFailure failure) {
    LevelVerdict verdict =
        new ModelCheck(OPTIONS)
            .compare(new Runner(values -> values), new Runner(failure))
            .verdict();
    assertThat(verdict.doubt()).isEqualTo(InconclusiveReason.RUNNER);
    assertThat(verdict.doubt().isExcusedBySites()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = RunFailure.class,
      names = {"CRASHED", "TIMED_OUT", "OUT_OF_MEMORY"})
  void what_befalls_a_candidate_once_may_be_an_accident(RunFailure accident) {
    Runner candidate = new Runner(values -> values);
    candidate.accident = accident;
    ModelComparison result =
        new ModelCheck(OPTIONS).compare(new Runner(values -> values), candidate);
    assertThat(result.verdict().verdict())
        .as(result.verdict().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(result.samples()).isEqualTo(9);
  }

  @Test
  void a_crash_that_befalls_an_original_once_may_be_an_accident_too() {
    Runner original = new Runner(values -> values);
    original.accident = RunFailure.CRASHED;
    assertThat(
            new ModelCheck(OPTIONS)
                .compare(original, new Runner(values -> values))
                .verdict()
                .verdict())
        .isEqualTo(Verdict.EQUIVALENT);
  }

  @Test
  void a_crash_in_another_order_of_evaluation_does_not_narrow_what_the_original_may_move() {
    Runner original = new Runner(values -> values);
    original.accidentOfOpening = 1; // The second opening is the reordered one.
    ModelComparison disturbed =
        new ModelCheck(OPTIONS).compare(original, new Runner(values -> values));
    assertThat(original.opened).isEqualTo(3);
    assertThat(disturbed)
        .isEqualTo(
            new ModelCheck(OPTIONS)
                .compare(new Runner(values -> values), new Runner(values -> values)));
  }

  @Test
  void a_candidate_may_take_three_times_as_long_and_never_less_than_the_patience() {
    RunnerPair pair =
        new RunnerPair(new Runner(v -> v), new Runner(v -> v), Duration.ofSeconds(10));
    assertThat(pair.limit(Duration.ofMillis(1))).isEqualTo(Duration.ofSeconds(10));
    assertThat(pair.limit(Duration.ofSeconds(20))).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void an_output_that_is_no_tensor_is_named_and_the_others_are_compared() {
    String labelled =
        """
        <ir_version: 8, opset_import: ["": 15]>
        labelled (float[N, 3] x, string[N] id) => (float[N, 3] y, string[N] same) {
          y = Relu (x)
          same = Identity (id)
        }
        """;
    LevelVerdict verdict = check(labelled, labelled).verdict();
    assertThat(verdict.doubt()).isEqualTo(InconclusiveReason.OUTPUT_TYPE);
    assertThat(verdict.reason())
        .startsWith("output 'same' (string) cannot be compared; beside that: 1 output on 9");
    assertThat(check(labelled, labelled.replace("Relu", "Neg")).verdict().verdict())
        .isEqualTo(Verdict.DIFFERENT);
    assertThat(
            check(
                    labelled,
                    labelled
                        .replace("string[N] same)", "string[N] other)")
                        .replace("same =", "other ="))
                .verdict()
                .verdict())
        .isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void where_no_output_can_be_compared_that_is_said_and_nothing_is_run() {
    String only =
        """
        <ir_version: 8, opset_import: ["": 15]>
        only (string[N] id) => (string[N] same) { same = Identity (id) }
        """;
    ModelComparison result = check(only, only);
    assertThat(result.verdict().doubt()).isEqualTo(InconclusiveReason.OUTPUT_TYPE);
    assertThat(result.verdict().reason()).endsWith("there are no outputs to compare");
    assertThat(result.samples()).isZero();
  }

  @Test
  void an_input_of_which_no_values_are_made_is_named() {
    String complex =
        """
        <ir_version: 8, opset_import: ["": 15]>
        odd (complex64[N] z, float[N] x) => (float[N] y) { y = Relu (x) }
        """;
    LevelVerdict verdict = check(complex, complex).verdict();
    assertThat(verdict.doubt()).isEqualTo(InconclusiveReason.NO_INPUTS);
    assertThat(verdict.reason()).contains("input 'z' is of type complex64");
  }

  @Test
  void an_input_of_unknown_rank_gets_the_one_with_which_the_original_runs() {
    String rows =
        """
        <ir_version: 8, opset_import: ["": 15]>
        rows (float[] x) => (float[N, 4] y) <float[8, 4] w = random(3), float[4] c = random(4)> {
          y = Gemm (x, w, c)
        }
        """;
    ModelComparison result = check(rows, rows);
    assertThat(result.verdict().verdict())
        .as(result.verdict().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(result.outputs().get(0).sample()).containsPattern("\\[\\d+,8]");
  }

  @Test
  void where_extents_are_open_the_original_runs_on_those_that_its_weights_take() {
    String open =
        """
        <ir_version: 8, opset_import: ["": 15]>
        open (float[%s] x) => (float[N, 4] y) <float[6, 4] w = random(3), float[4] c = random(4)> {
          d = Dropout (x)
          y = Gemm (d, w, c)
        }
        """;
    assertThat(check(open.formatted("a,b"), open.formatted("a,b")).verdict().verdict())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(check(open.formatted(""), open.formatted("")).verdict().verdict())
        .isEqualTo(Verdict.EQUIVALENT);

    LevelVerdict declared = check(open.formatted("a,7"), open.formatted("a,7")).verdict();
    assertThat(declared.doubt()).isEqualTo(InconclusiveReason.NO_INPUTS);
    assertThat(declared.reason()).contains("give their shapes, or samples of real inputs");
  }

  @Test
  void what_one_runner_has_no_kernel_for_goes_to_the_next() {
    FoldExample example = new FoldExample(ElementType.DOUBLE);
    RunnerPair without =
        new RunnerPair(new Runner(RunFailure.NO_KERNEL), new Runner(RunFailure.NO_KERNEL));
    RunnerPair reference =
        new RunnerPair(
            new ReferenceRunner(example.original()),
            new ReferenceRunner(example.folded(FoldExample.Fault.NONE)));
    ModelComparison result = new ModelCheck(OPTIONS).compare(List.of(without, reference));
    assertThat(result.verdict().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(result.verdict().reason())
        .contains("no luck")
        .contains("with the float64 reference");
    assertThat(result.runner()).isEqualTo("the float64 reference");
    // Where the next cannot either, the first one's reason is the reason.
    RunnerPair slow =
        new RunnerPair(new Runner(RunFailure.TIMED_OUT), new Runner(values -> values));
    LevelVerdict neither = new ModelCheck(OPTIONS).compare(List.of(without, slow)).verdict();
    assertThat(neither.doubt()).isEqualTo(InconclusiveReason.NO_KERNEL);
    assertThat(neither.reason()).contains("with a fake: the original could not be run");
    assertThat(new ModelCheck(OPTIONS).compare(List.of(without)).verdict().doubt())
        .isEqualTo(InconclusiveReason.NO_KERNEL);
  }

  @Test
  void what_is_too_slow_or_too_large_for_the_reference_is_not_judged() {
    String slow =
        """
        <ir_version: 8, opset_import: ["": 15]>
        slow (float[512, 512] x) => (float[512, 10000] y) <float[512, 10000] w = fill(1.0)> {
          y = MatMul (x, w)
        }
        """;
    assertThat(check(slow, slow).verdict().doubt()).isEqualTo(InconclusiveReason.TIME_LIMIT);
    String large =
        """
        <ir_version: 8, opset_import: ["": 15]>
        large (float[1, 64, 1024, 1024] x) => (float[1, 64, 1024, 1024] y) { y = Relu (x) }
        """;
    assertThat(check(large, large).verdict().doubt()).isEqualTo(InconclusiveReason.MEMORY);
  }

  @Test
  void an_index_stays_within_the_table_that_it_looks_up() {
    String lookup =
        """
        <ir_version: 8, opset_import: ["": 15]>
        lookup (int64[N, L] tokens) => (float[N, L, 4] y) <float[5, 4] table = random(3)> {
          t = Identity (tokens)
          y = Gather (table, t)
        }
        """;
    assertThat(ModelFacts.of(GraphText.parse(lookup)).integerBounds())
        .containsExactly(Map.entry("tokens", 5L));
    assertThat(check(lookup, lookup).verdict().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(check(lookup, lookup.replace("random(3)", "random(4)")).verdict().verdict())
        .isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void sizes_are_tried_until_the_original_runs() {
    String picky =
        """
        <ir_version: 8, opset_import: ["": 15]>
        picky (float[N, 3, H, W] x) => (float[N, 1] y)
        <float[9408, 1] w = random(3), int64[2] shape = {-1, 9408}> {
          flat = Reshape (x, shape)
          y = MatMul (flat, w)
        }
        """;
    ModelComparison result = check(picky, picky);
    assertThat(result.verdict().verdict())
        .as(result.verdict().reason())
        .isEqualTo(Verdict.EQUIVALENT);
  }

  /** A model of one float input and output that computes each element for itself; or fails. */
  private static final class Runner implements ModelRunner, ModelSession {
    static int open;
    static int mostOpen;

    private final java.util.function.UnaryOperator<java.util.stream.DoubleStream> function;
    private final RunFailure failure;

    /** Befalls the first run only. */
    private RunFailure accident;

    /** The opening, counted from 0, that a crash befalls. */
    private int accidentOfOpening = -1;

    private int opened;

    Runner(java.util.function.UnaryOperator<java.util.stream.DoubleStream> function) {
      this.function = function;
      this.failure = null;
    }

    Runner(RunFailure failure) {
      this.function = values -> values;
      this.failure = failure;
    }

    @Override
    public String describe() {
      return "a fake";
    }

    @Override
    public ModelSession open(Evaluation evaluation) throws ModelRunException {
      opened++;
      if (opened - 1 == accidentOfOpening) {
        throw new ModelRunException(RunFailure.CRASHED, "an accident");
      }
      if (failure != null && failure != RunFailure.RUN_ERROR) {
        throw new ModelRunException(failure, "no luck");
      }
      open++;
      mostOpen = Math.max(mostOpen, open);
      return this;
    }

    @Override
    public List<ValueInfo> inputs() {
      return List.of(
          new ValueInfo("x", ElementType.FLOAT, List.of(dev.fusewright.core.graph.Dim.of(2))));
    }

    @Override
    public List<ValueInfo> outputs() {
      return List.of(new ValueInfo("y", ElementType.FLOAT, null));
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs)
        throws ModelRunException {
      if (failure != null) {
        throw new ModelRunException(failure, "no luck");
      }
      if (accident != null) {
        RunFailure once = accident;
        accident = null;
        throw new ModelRunException(once, "bad luck");
      }
      Tensor x = inputs.get("x");
      double[] values = dev.fusewright.core.tensor.Tensors.doubles(x, 1000);
      double[] answers = function.apply(java.util.Arrays.stream(values)).toArray();
      return Map.of("y", LiteralTensor.ofDoubles(ElementType.FLOAT, x.shape(), answers));
    }

    @Override
    public void close() {
      open--;
    }
  }
}
