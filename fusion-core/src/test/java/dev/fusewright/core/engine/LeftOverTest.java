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
package dev.fusewright.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every norm, and every Mul and Add behind a layer, that stays has a reason. */
class LeftOverTest {
  /** What is planned with rules that remove nothing that lies between. */
  private static List<Refusal> refusals(String between, String last) {
    return new FusionEngine(Rules.named("conv-batch-norm,conv-elementwise"))
            .plan(
                GraphText.parse(
                    """
                    <ir_version: 8, opset_import: ["": 15]>
                    g (float[1,3,4,4] x, float[1] s) => (float[] z)
                    <float[4,3,1,1] w = random(1), float[1] k = {2.0}, float[4] p = random(2),
                     float[4] v = random(3, 0.1, 2.0)>
                    {
                      [conv] c = Conv(x, w)
                      [between] t = %s
                      [last] z = %s
                    }
                    """
                        .formatted(between, last)))
            .refusals()
            .stream()
            .filter(refusal -> refusal.nodes().contains("last"))
            .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Identity (c); Mul (t, s)",
        "Identity (c); Add (s, t)",
        "Dropout (c); Mul (t, s)",
        "Dropout (c); Add (t, s)",
        "Cast <to = 1> (c); Mul (t, s)",
        "Transpose <perm = [0, 2, 3, 1]> (c); Mul (t, s)",
        "Transpose <perm = [0, 2, 3, 1]> (c); Add (t, s)",
        "Flatten (c); Mul (s, t)",
        "Flatten (c); Add (t, s)"
      })
  void an_operand_that_is_no_constant_is_named_whatever_layout_lies_between(
      String between, String last) {
    assertThat(refusals(between, last))
        .singleElement()
        .satisfies(
            refusal -> {
              assertThat(refusal.reason()).isNotEqualTo(Reason.NOTHING_TO_FOLD_INTO);
              assertThat(refusal.message()).contains("behind Conv 'conv', is no constant");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Identity (c); Mul (t, k)",
        "Dropout (c); Add (t, k)",
        "Cast <to = 1> (c); Mul (t, k)",
        "Transpose <perm = [0, 2, 3, 1]> (c); Mul (k, t)",
        "Flatten (c); Add (k, t)"
      })
  void a_form_that_no_rule_folds_is_said_to_be_one(String between, String last) {
    assertThat(refusals(between, last))
        .singleElement()
        .satisfies(
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.NOTHING_TO_FOLD_INTO);
              assertThat(refusal.message()).contains("follows Conv 'conv' in a form");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Identity (c); BatchNormalization (t, p, p, p, v)",
        "Dropout (c); BatchNormalization (t, p, p, p, v)",
        "Relu (c); BatchNormalization (t, p, p, p, v)",
        "Transpose <perm = [0, 1, 3, 2]> (c); BatchNormalization (t, p, p, p, v)"
      })
  void a_norm_that_stays_always_has_a_reason(String between, String last) {
    assertThat(refusals(between, last)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Relu (c); Mul (t, s)",
        "Cast <to = 1> (x); Mul (t, k)",
        "Sigmoid (c); Add (t, k)",
        "Relu (x); Mul (t, s)"
      })
  void behind_an_activation_an_elementwise_operator_is_no_ones_to_fold(
      String between, String last) {
    assertThat(refusals(between, last)).isEmpty();
  }
}
