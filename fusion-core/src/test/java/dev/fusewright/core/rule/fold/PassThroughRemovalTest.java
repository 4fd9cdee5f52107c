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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.plan.Reason;
import org.junit.jupiter.api.Test;

class PassThroughRemovalTest {
  private static String graph(int opset, String outputs, String node) {
    return """
    <ir_version: 8, opset_import: ["" : %d]>
    g (float[2,3] x) => (%s)
    <bool no = {0}, bool yes = {1}, float half = {0.5}>
    {
      a = Sigmoid(x)
      %s
      z = Tanh(b)
    }
    """
        .formatted(opset, outputs, node);
  }

  @Test
  void an_identity_is_passed_by() {
    Fusing.inference(graph(13, "float[2,3] z", "[same] b = Identity(a)"))
        .fuses("identity", "Identity", "same")
        .leaves("a = Sigmoid (x)", "z = Tanh (a)");
  }

  @Test
  void an_identity_whose_result_is_an_output_keeps_its_name_alive() {
    Fusing.inference(graph(13, "float[2,3] z, float[2,3] b", "b = Identity(a)"))
        .refuses("identity", Reason.GRAPH_OUTPUT);
  }

  @Test
  void what_a_body_reads_stays_under_its_name() {
    Fusing.inference(
            """
            g (float[2] x, bool c) => (float[2] z)
            {
              b = Identity(x)
              z = If(c) <then_branch = t () => (float[2] p) { p = Abs(b) },
                         else_branch = e () => (float[2] q) { q = Neg(b) }>
            }
            """)
        .refuses("identity", Reason.OTHER_USES);
  }

  @Test
  void a_reader_with_bodies_keeps_what_was_folded_inside_them() {
    // The If is replaced because its condition moves, and its bodies change because of the folds.
    Fusing.inference(
            """
            g (float[1,3,4,4] x, bool c) => (float[] z)
            <float[2,3,1,1] w = random(1), float[2] p = random(2), float[2] var = random(3, 0.1, 2.0)>
            {
              d = Identity(c)
              z = If(d) <then_branch = t () => (float[] n) { m = Conv(x, w) n = BatchNormalization(m, p, p, p, var) },
                         else_branch = e () => (float[] o) { o = Conv(x, w) }>
            }
            """)
        .fuses("identity", "Identity", "Identity→d")
        .fuses("conv-batch-norm", "Conv2d", "Conv→m", "BatchNormalization→n");
  }

  @Test
  void a_dropout_is_passed_by_in_the_inference_form_of_its_opset() {
    for (String form :
        new String[] {
          "6 b = Dropout<is_test=1>(a)",
          "7 b = Dropout(a)",
          "10 b, mask = Dropout(a)",
          "12 b = Dropout(a)",
          "13 b = Dropout(a, half, no)",
          "13 b = Dropout<seed=7>(a, half)"
        }) {
      int opset = Integer.parseInt(form.substring(0, form.indexOf(' ')));
      Fusing.inference(graph(opset, "float[2,3] z", form.substring(form.indexOf(' '))))
          .fuses("dropout", "Identity", "Dropout→b")
          .leavesOperators("Sigmoid", "Tanh");
    }
  }

  @Test
  void a_dropout_in_training_form_stays() {
    Fusing.inference(graph(6, "float[2,3] z", "b = Dropout(a)"))
        .refuses("dropout", Reason.TRAINING_MODE);
    Fusing.inference(graph(13, "float[2,3] z", "b = Dropout(a, half, yes)"))
        .refuses("dropout", Reason.TRAINING_MODE);
  }

  @Test
  void a_dropout_whose_mask_is_used_stays() {
    Fusing.inference(graph(13, "float[2,3] z, bool[2,3] mask", "b, mask = Dropout(a)"))
        .refuses("dropout", Reason.EXTRA_OUTPUTS);
  }

  @Test
  void a_dropout_between_a_conv_and_its_norm_does_not_separate_them() {
    Fusing.inference(
            """
            g (float[1,3,4,4] x) => (float[] z)
            <float[2,3,1,1] w = random(1), float[2] p = random(2), float[2] var = random(3, 0.1, 2.0)>
            {
              y = Conv(x, w)
              d = Dropout(y)
              z = BatchNormalization(d, p, p, p, var)
            }
            """)
        .fuses("dropout", "Identity", "Dropout→d")
        .fuses("conv-batch-norm", "Conv2d", "Conv→y", "BatchNormalization→z")
        .leavesOperators("Conv");
  }
}
