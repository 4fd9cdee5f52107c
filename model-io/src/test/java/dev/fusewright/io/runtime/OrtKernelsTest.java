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
package dev.fusewright.io.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verify.RunFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrtKernelsTest {
  @ParameterizedTest
  @CsvSource({
    // A kernel for every version, for some, for none.
    "'', Conv, 1, true",
    "'', Conv, 22, true",
    "'', BatchNormalization, 6, false",
    "'', BatchNormalization, 7, true",
    "'', Scatter, 10, true",
    "'', Scatter, 11, false",
    // Not a kernel, but a function body; or neither, since loading makes an initializer of it.
    "'', GroupNormalization, 21, true",
    "'', Constant, 13, true",
    "com.microsoft, FusedConv, 1, true",
    "'', EfficientNMS_TRT, 13, false",
    "acme, Conv, 1, false"
  })
  void the_table_says_what_the_runtime_can_run(
      String domain, String type, long version, boolean runs) {
    assertThat(OrtKernels.INSTANCE.have(new OpKind(domain, type), version)).isEqualTo(runs);
  }

  @Test
  void an_operator_that_the_model_defines_itself_needs_no_kernel_but_what_it_calls_does() {
    String calls =
        """
        <ir_version: 8, opset_import: ["": 13, "local": 1]>
        m (float[1] x) => (float[1] y) { y = local.twice(x) }
        <domain: "local", opset_import: ["": 13]>
        twice (a) => (b) { b = Add(a, a) }
        """;
    assertThat(Obstacle.in(GraphText.parse(calls))).isEmpty();
    assertThat(Obstacle.in(GraphText.parse(calls.replace("Add(", "Adda("))))
        .hasValueSatisfying(
            obstacle -> {
              assertThat(obstacle.failure()).isEqualTo(RunFailure.NO_KERNEL);
              assertThat(obstacle.sentence()).contains("Adda in version 13");
            });
  }

  @Test
  void names_count_per_scope_and_empty_ones_not_at_all() {
    String scopes =
        """
        <ir_version: 8, opset_import: ["": 13]>
        m (bool b, float[1] x) => (float[1] y) {
          [a] y = If <then_branch = t () => (float[1] p) { [a] p = Neg(x) },
                      else_branch = e () => (float[1] q) { r = Neg(x) q = Neg(r) }> (b)
        }
        """;
    assertThat(Obstacle.in(GraphText.parse(scopes))).isEmpty();
    assertThat(
            Obstacle.in(
                GraphText.parse(
                    scopes.replace("r = Neg", "[n] r = Neg").replace("q = Neg", "[n] q = Neg"))))
        .hasValueSatisfying(
            obstacle -> assertThat(obstacle.failure()).isEqualTo(RunFailure.DUPLICATE_NAMES));
  }
}
