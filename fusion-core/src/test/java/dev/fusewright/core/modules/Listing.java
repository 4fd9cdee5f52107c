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
package dev.fusewright.core.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.testing.SeededInputs;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import java.util.Map;

/**
 * Fuses listed modules in a graph given as text. Whatever a test asks, both graphs are evaluated in
 * float64 on the same seeded inputs.
 */
final class Listing {
  /** Rounding a weight to float32 moves an output by some 1e-7 of what is summed up. */
  private static final double TOLERANCE = 2e-6;

  private final ModelGraph original;
  private final FusionPlan plan;
  private final ModelGraph fused;

  private Listing(ModelGraph original, ModuleFuser fuser) {
    this.original = original;
    this.plan = fuser.plan(original);
    this.fused = plan.apply();
    prove();
  }

  static Listing eval(String graph, String list) {
    return new Listing(GraphText.parse(graph), ModuleFuser.eval(ModuleList.parse(list)));
  }

  static Listing with(Fusers fusers, String graph, String list) {
    return new Listing(
        GraphText.parse(graph),
        new ModuleFuser(ModuleList.parse(list), FusionMode.EVAL, Rules.torch(), fusers));
  }

  static Refused refused(String graph, String list) {
    ModelGraph model = GraphText.parse(graph);
    ModuleFuser fuser = ModuleFuser.eval(ModuleList.parse(list));
    return new Refused(catchThrowableOfType(ModuleListException.class, () -> fuser.plan(model)));
  }

  /** A list that could not be carried out. */
  record Refused(ModuleListException error) {
    Refused because(Reason reason) {
      assertThat(error.refusals()).extracting("reason").contains(reason);
      return this;
    }

    Refused saying(String... parts) {
      assertThat(error).hasMessageContainingAll(parts);
      return this;
    }
  }

  private void prove() {
    Map<String, NdArray> inputs = inputs(original);
    Map<String, NdArray> before = ReferenceEvaluator.evaluate(original, inputs);
    Map<String, NdArray> after = ReferenceEvaluator.evaluate(fused, inputs);
    assertThat(after.keySet()).containsExactlyElementsOf(before.keySet());
    before.forEach(
        (name, expected) -> {
          double[] actual = after.get(name).values();
          double largest = 1e-30;
          double difference = 0;
          for (int i = 0; i < actual.length; i++) {
            largest = Math.max(largest, Math.abs(expected.values()[i]));
            difference = Math.max(difference, Math.abs(expected.values()[i] - actual[i]));
          }
          assertThat(difference / largest).as(name).isLessThan(TOLERANCE);
        });
  }

  static Map<String, NdArray> inputs(ModelGraph model) {
    return SeededInputs.of(model, /* open= */ 2, /* seed= */ 11);
  }

  /** The plan makes exactly these modules, in order. */
  Listing makes(String... modules) {
    assertThat(plan.fusions()).extracting(Fusion::module).containsExactly(modules);
    return this;
  }

  /** The nodes afterwards are these, in order, each as the printer shows it. */
  Listing leaves(String... nodes) {
    assertThat(fused.graph().nodes().stream().map(GraphText::printShort)).containsExactly(nodes);
    return this;
  }

  /** The operators afterwards are these, in order. */
  Listing leavesOperators(String... operators) {
    assertThat(fused.graph().nodes().stream().map(node -> node.op().toString()))
        .containsExactly(operators);
    return this;
  }

  /** Some fusion carries a note with these parts. */
  Listing notes(String... parts) {
    List<String> notes = plan.fusions().stream().flatMap(f -> f.notes().stream()).toList();
    assertThat(notes).anySatisfy(note -> assertThat(note).contains(parts));
    return this;
  }

  Listing leavesItAlone() {
    assertThat(fused).isSameAs(original);
    return this;
  }

  FusionPlan plan() {
    return plan;
  }

  ModelGraph fused() {
    return fused;
  }
}
