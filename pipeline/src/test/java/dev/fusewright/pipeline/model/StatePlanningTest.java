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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.testing.RealModels;
import java.util.Map;
import org.junit.jupiter.api.Test;

@UsesRealModels
final class StatePlanningTest {
  @Test
  void without_a_name_nothing_is_fused_nor_suggested_where_a_relu_may_stand() {
    // It does stand there: only the model's code knows.
    try (StateCheckpoint checkpoint =
        Formats.openStates(RealModels.file("s16_burn_mnist_pt/mnist.pt"))) {
      assertThatExceptionOfType(ModuleListException.class)
          .isThrownBy(() -> Planned.byNothing(checkpoint))
          .withMessageContaining(
              "No pair looks right. Left out are [conv3, norm1], [fc2, norm2]: no running mean is negative: a ReLU may stand before these norms; not suggested.")
          .satisfies(
              refusal ->
                  assertThat(refusal.refusals().get(0).reason()).isEqualTo(Reason.NOT_NAMED));
    }
  }

  @Test
  void a_recipe_that_has_all_the_suggested_pairs_is_named() {
    String file = "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.pth";
    try (StateCheckpoint checkpoint = Formats.openStates(RealModels.file(file))) {
      assertThatExceptionOfType(ModuleListException.class)
          .isThrownBy(() -> Planned.byNothing(checkpoint))
          .withMessageContaining("(all of them are in the recipe mobilenet_v2)")
          .withMessageContaining("[\"features.*.conv.*.0\", \"features.*.conv.*.1\"]")
          .withMessageContaining("[\"features.1.conv.1\", \"features.1.conv.2\"]")
          .withMessageContaining("--modules 'recipe:mobilenet_v2'");
    }
  }

  @Test
  void a_nested_state_dict_behind_a_prefix_is_fused_where_it_lies() {
    String list = "[[\"conv1\", \"bn1\"], [\"layer*.*.conv{n}\", \"layer*.*.bn{n}\"]]";
    try (StateCheckpoint checkpoint =
        Formats.openStates(RealModels.file("s15_resnet20_cifar/resnet20-12fca82f.th"))) {
      StatePlan plan = Planned.byList(checkpoint, list);

      Map<String, StateDict> states = plan.states(plan.plan());
      assertThat(states).containsOnlyKeys("state_dict");
      assertThat(plan.plan().fusions()).hasSize(19);
      assertThat(states.get("state_dict").entries()).containsKey("module.layer1.0.conv1.bias");
    }
  }

  @Test
  void a_graph_alone_names_the_pairs_and_their_eps() {
    String folder = "s20_torchvision_small/dcgan_generator/dcgan_generator";
    try (StateCheckpoint checkpoint = Formats.openStates(RealModels.file(folder + ".pth"));
        GraphCheckpoint graph = Formats.openGraph(RealModels.file(folder + ".onnx"))) {
      StatePlan plan = Planned.byGraph(checkpoint, graph.graph());

      assertThat(plan.plan().fusions()).hasSize(4);
    }
  }

  @Test
  void a_graph_of_another_model_names_nothing() {
    try (StateCheckpoint checkpoint =
            Formats.openStates(RealModels.file("s16_burn_mnist_pt/mnist.pt"));
        GraphCheckpoint graph =
            Formats.openGraph(RealModels.file("s08_ort_matmulbn/fuse-matmul-bn-directly.onnx"))) {
      assertThatExceptionOfType(ModuleListException.class)
          .isThrownBy(() -> Planned.byGraph(checkpoint, graph.graph()))
          .withMessageContaining("no BatchNorm of the graph has parameters of these names");
    }
  }

  @Test
  void a_graph_of_a_narrower_model_is_refused_with_the_parameters_that_differ() {
    try (StateCheckpoint checkpoint =
            Formats.openStates(RealModels.file("s01_rfb320/version-RFB-320.pth"));
        GraphCheckpoint graph =
            Formats.openGraph(
                RealModels.file("s19_torchvision_basic/mobilenet_v2/mobilenet_v2.onnx"))) {
      assertThatExceptionOfType(ModuleListException.class)
          .isThrownBy(() -> Planned.byGraph(checkpoint, graph.graph()))
          .withMessageContaining("the state dict has no 'features.0.0.weight'")
          .withMessageContaining("more")
          .satisfies(
              refusal ->
                  assertThat(refusal.refusals().get(0).reason()).isEqualTo(Reason.OTHER_GRAPH));
    }
  }

  @Test
  void a_recipe_fuses_a_state_dict_of_its_family() {
    String file = "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.legacy.pth";
    try (StateCheckpoint checkpoint = Formats.openStates(RealModels.file(file))) {
      StatePlan plan = Planned.byList(checkpoint, "recipe:mobilenet_v2");

      assertThat(plan.plan().fusions()).hasSize(52);
    }
  }
}
