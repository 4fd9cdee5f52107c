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
package dev.fusewright.core.verify.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InterfaceByPlaceTest {
  private static ModelGraph model(String text) {
    return GraphText.parse("<ir_version: 8, opset_import: [\"\" : 13]>\n" + text);
  }

  private static final ModelGraph EXPORT =
      model(
          """
          g (float[2,3] x, float[2,3] shift) => (float[2,3] y)
          { a = Add(x, shift)
            y = Relu(a) }
          """);

  private static List<String> names(List<ValueInfo> values) {
    return values.stream().map(ValueInfo::name).toList();
  }

  @Test
  void what_is_at_the_same_place_has_the_same_name_and_the_verdict_names_that_premise() {
    ModelGraph program =
        model(
            """
            p (float[2,3] args_0, float[2,3] args_1) => (float[2,3] relu)
            { y = Add(args_0, args_1)
              relu = Relu(y) }
            """);

    InterfaceByPlace paired = InterfaceByPlace.of(EXPORT, program);

    assertThat(names(paired.candidate().graph().inputs())).containsExactly("x", "shift");
    assertThat(names(paired.candidate().graph().outputs())).containsExactly("y");
    StructuralProof proof = StructuralProof.of(EXPORT, paired, 7);
    assertThat(proof.verdict().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.verdict().reason())
        .contains("provided that inputs and outputs stand for one another by their places")
        .contains("'args_0' for 'x'");
    assertThat(StructuralProof.of(EXPORT, program, 7).verdict().verdict())
        .as("by their names")
        .isEqualTo(Verdict.INCONCLUSIVE);
  }

  @Test
  void a_place_is_no_proof() {
    ModelGraph other =
        model(
            """
            p (float[2,3] args_0, float[2,3] args_1) => (float[2,3] relu)
            { d = Sub(args_0, args_1)
              relu = Relu(d) }
            """);

    assertThat(
            StructuralProof.of(EXPORT, InterfaceByPlace.of(EXPORT, other), 7).verdict().verdict())
        .isEqualTo(Verdict.INCONCLUSIVE);
  }

  @Test
  void names_count_where_they_meet_at_other_places_or_there_are_more_of_one() {
    assertUnpaired("p (float[2,3] shift, float[2,3] x) => (float[2,3] y) { y = Add(x, shift) }");
    assertUnpaired("p (float[2,3] a) => (float[2,3] y) { y = Relu(a) }");
    assertUnpaired(
        "p (float[2,3] a, float[2,3] b) => (float[2,3] c, float[2,3] d)"
            + " { c = Add(a, b) d = Relu(c) }");
    assertUnpaired("p (float[2,3] x, float[2,3] shift) => (float[2,3] y) { y = Add(x, shift) }");
  }

  @Test
  void a_body_that_has_such_a_name_is_left_alone() {
    assertUnpaired(
        """
        p (float[2,3] a, float[2,3] b) => (float[2,3] r)
        <bool t = {1}>
        { r = If(t) <then_branch = one () => (float[2,3] y) { y = Add(a, b) },
                     else_branch = two () => (float[2,3] z) { z = Sub(a, b) }> }
        """);
  }

  private static void assertUnpaired(String text) {
    ModelGraph program = model(text);
    InterfaceByPlace paired = InterfaceByPlace.of(EXPORT, program);
    assertThat(paired.candidate()).isSameAs(program);
    assertThat(paired.assumptions()).isEmpty();
  }
}
