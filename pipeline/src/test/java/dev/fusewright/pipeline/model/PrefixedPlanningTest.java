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
package dev.fusewright.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.StateCheckpoint;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Plans behind the prefix of a wrapper, in the checkpoint or in the graph, say which it was. */
final class PrefixedPlanningTest {
  @Test
  void a_graph_that_was_exported_within_a_wrapper_plans_the_model_without_it_and_says_so() {
    ModelGraph wrapped =
        GraphText.parse(
            """
            g (float[2,3,6,6] x) => (float[2,8,6,6] y)
            <float[8,3,3,3] "model.conv1.weight" = random(1), float[8] "model.bn1.weight" = random(2),
             float[8] "model.bn1.bias" = random(3), float[8] "model.bn1.running_mean" = random(4),
             float[8] "model.bn1.running_var" = random(5, 0.5, 1.5)>
            {
              a = Conv<pads = [1, 1, 1, 1]>(x, "model.conv1.weight")
              y = BatchNormalization<epsilon = 0.001>(a, "model.bn1.weight", "model.bn1.bias", "model.bn1.running_mean", "model.bn1.running_var")
            }
            """);
    try (StateCheckpoint checkpoint = Formats.openStates(file("c14_nocrc.t2.pth"))) {
      StatePlan plan = Planned.byGraph(checkpoint, wrapped);

      assertThat(plan.plan().fusions())
          .singleElement()
          .satisfies(fusion -> assertThat(plan.epsilon(fusion)).isEqualTo((double) 0.001f));
      assertThat(plan.notes())
          .contains("the root: the graph's names are taken without its own 'model.'");
    }
    try (StateCheckpoint checkpoint = Formats.openStates(file("c04_prefix_model.t2.pth"))) {
      assertThat(Planned.byGraph(checkpoint, wrapped).notes())
          .noneMatch(note -> note.contains("'model.'"));
    }
  }

  @Test
  void the_report_says_behind_which_prefix_a_list_was_carried_out() {
    try (StateCheckpoint checkpoint = Formats.openStates(file("c04_prefix_model.t2.pth"))) {
      assertThat(Planned.byList(checkpoint, "[[\"conv1\", \"bn1\"]]").notes())
          .contains("the root: the names of the module list stand behind 'model.'");
      assertThat(Planned.byList(checkpoint, "[[\"model.conv1\", \"model.bn1\"]]").notes())
          .noneMatch(note -> note.contains("'model.'"));
    }
  }

  private static Path file(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(PrefixedPlanningTest.class.getResource("/cases/torch/" + name))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
