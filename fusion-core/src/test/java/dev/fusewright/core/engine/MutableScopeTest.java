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

import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Edit;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.rule.fold.RandomModels;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;

class MutableScopeTest {
  @Property(tries = 1000, seed = "20261129", shrinking = ShrinkingMode.OFF)
  void shapes_after_an_edit_are_as_if_nothing_had_been_known_before(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    ModelGraph model = RandomModels.of(seed).model();
    Random random = new Random(seed);
    MutableScope scope =
        new MutableScope(
            model.irVersion(),
            model.opsets().getOrDefault("", 1L),
            model.graph(),
            null,
            Map.of(),
            Function.byOperator(model.functions()),
            /* isFunctionBody= */ false);
    for (Fusion fusion : new FusionEngine(Rules.inference()).plan(model).fusions()) {
      if (!fusion.scope().equals(ScopePath.MAIN)) {
        continue; // Bodies and functions are scopes of their own.
      }
      for (Edit edit : fusion.edits()) {
        List<String> values = values(scope);
        scope.shapes().of(values.get(random.nextInt(values.size())));
        scope.apply(edit);
      }
      ShapeInference afresh = new ShapeInference(scope, scope.size());
      for (String value : values(scope)) {
        assertThat(scope.shapes().of(value))
            .as("'%s' after %s in%n%s", value, fusion, GraphText.print(model))
            .isEqualTo(afresh.of(value));
      }
    }
  }

  private static List<String> values(MutableScope scope) {
    List<String> values = new ArrayList<>();
    for (Node node : scope.nodes()) {
      values.addAll(node.inputs());
      values.addAll(node.outputs());
    }
    return values;
  }
}
