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
package dev.fusewright.io.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.companion.GraphGroups;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.state.Epsilons;
import dev.fusewright.core.state.NamePrefix;
import dev.fusewright.core.state.PairSuggestions;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.testing.UsesRealModels;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.io.Formats;
import dev.fusewright.io.testing.RealModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * State dicts of other people, folded: against what other people's converters made of them, where
 * there is such a file.
 */
@UsesRealModels
final class RealStateFusionTest {
  private static final int MOST = 1 << 24;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "s01_rfb320/version-RFB-320.pth, s01_rfb320/version-RFB-320.onnx, s01_rfb320/version-RFB-320_simplified.onnx, 35, 1e-6",
    "s02_masked_rfb640/RFB-640-masked_face-v2.pth, s01_rfb320/version-RFB-320.onnx, s02_masked_rfb640/RFB-640-masked_face-v2.onnx, 35, 1e-6",
    "s19_torchvision_basic/mobilenet_v2/mobilenet_v2.pth, s19_torchvision_basic/mobilenet_v2/mobilenet_v2.onnx, s19_torchvision_basic/mobilenet_v2/mobilenet_v2.torchfused.onnx, 52, 1e-6",
    "s20_torchvision_small/unet_bn/unet_bn.pth, s20_torchvision_small/unet_bn/unet_bn.onnx, s20_torchvision_small/unet_bn/unet_bn.torchfused.onnx, 10, 1e-6",
    "s20_torchvision_small/conv1d_net/conv1d_net.pth, s20_torchvision_small/conv1d_net/conv1d_net.onnx, s20_torchvision_small/conv1d_net/conv1d_net.torchfused.onnx, 5, 1e-6"
  })
  void a_companion_graph_names_the_pairs_and_a_third_partys_fusion_has_the_same_weights(
      String state, String graph, String oracle, int pairs, double tolerance) {
    try (StateCheckpoint checkpoint = Formats.openStates(RealModels.file(state));
        GraphCheckpoint companion = Formats.openGraph(RealModels.file(graph));
        GraphCheckpoint fused = Formats.openGraph(RealModels.file(oracle))) {
      StatePlan plan = fuse(checkpoint, GraphGroups.of(companion.graph()));
      // A variance that is zero or denormal is no obstacle: eps keeps the sum positive.
      assertThat(plan.plan().refusals()).isEmpty();
      Map<String, Node> oracles = layersOf(companion.graph(), fused.graph());
      int compared = 0;
      double worst = 0;
      for (Fusion pair : folded(plan)) {
        Node layer = oracles.get(pair.nodes().get(0));
        if (layer.input(1).equals(pair.nodes().get(0) + ".weight")) {
          // torch leaves ConvTranspose and its BatchNorm as they are in this file.
          continue;
        }
        worst =
            Math.max(
                worst,
                difference(
                    parameter(plan, pair, "weight"), initializer(fused.graph(), layer.input(1))));
        worst =
            Math.max(
                worst,
                difference(
                    parameter(plan, pair, "bias"), initializer(fused.graph(), layer.input(2))));
        compared++;
      }
      report(
          state,
          plan,
          compared + " pairs as the third party's, largest relative difference " + worst);
      assertThat(compared).isEqualTo(pairs);
      assertThat(worst).isLessThan(tolerance);
      assertProven(plan);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "s20_torchvision_small/dcgan_generator/dcgan_generator.pth, s20_torchvision_small/dcgan_generator/dcgan_generator.onnx, 4",
    "s20_torchvision_small/pointnet/pointnet.pth, s20_torchvision_small/pointnet/pointnet.onnx, 5"
  })
  void a_companion_graph_tells_transposed_layers_and_linear_ones(
      String state, String graph, int atLeast) {
    try (StateCheckpoint checkpoint = Formats.openStates(RealModels.file(state));
        GraphCheckpoint companion = Formats.openGraph(RealModels.file(graph))) {
      StatePlan plan = fuse(checkpoint, GraphGroups.of(companion.graph()));
      report(state, plan, "site checks pass");
      assertThat(folded(plan)).hasSizeGreaterThanOrEqualTo(atLeast);
      assertProven(plan);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s14_lprnet/Final_LPRNet_model.pth | [[\"backbone.0\",\"backbone.1\"],[\"backbone.4.block.6\",\"backbone.5\"],[\"backbone.8.block.6\",\"backbone.9\"],[\"backbone.11.block.6\",\"backbone.12\"],[\"backbone.16\",\"backbone.17\"],[\"backbone.20\",\"backbone.21\"]] | 6",
        "s15_resnet20_cifar/resnet20-12fca82f.th | [[\"conv1\",\"bn1\"],[\"layer*.*.conv{n}\",\"layer*.*.bn{n}\"]] | 19",
        "s16_burn_mnist_pt/mnist.pt | [[\"fc2\",\"norm2\"]] | 1",
        "s16_burn_mnist_pt/mnist.safetensors | [[\"fc2\",\"norm2\"]] | 1",
        "s17_face1mb_landmark/slim_Final.pth | [[\"conv*.0\",\"conv*.1\"],[\"conv*.3\",\"conv*.4\"]] | 25",
        "s18_winml_classifier/myFirstModel.pth | [[\"conv{n}\",\"bn{n}\"]] | 4",
      })
  void a_module_list_names_the_pairs(String state, String list, int pairs) throws IOException {
    try (StateCheckpoint checkpoint = Formats.openStates(RealModels.file(state))) {
      NestedState nested = checkpoint.states().get(0);
      StateFusionRequest request = StateFusionRequest.eval(ModuleList.parse(list));
      String prefix = NamePrefix.of(nested.state(), request);
      StatePlan plan = StatePlan.of(nested.state(), request.behind(prefix));
      Path target = folder.resolve("fused");
      checkpoint.write(Map.of(nested.path(), state(plan)), target);
      report(state, plan, "site checks pass");
      assertThat(folded(plan)).hasSize(pairs);
      assertThat(plan.plan().refusals()).isEmpty();
      assertProven(plan);
      try (StateCheckpoint written = Formats.openStates(target)) {
        StateDict fused = written.states().get(0).state();
        for (Fusion pair : folded(plan)) {
          assertThat(fused.entries()).containsKey(pair.nodes().get(0) + ".bias");
          assertThat(fused.entries()).doesNotContainKey(pair.nodes().get(1) + ".weight");
        }
      }
    }
  }

  @Test
  void a_pair_that_only_looks_right_is_a_candidate_and_never_fused_by_itself() {
    try (StateCheckpoint checkpoint =
        Formats.openStates(RealModels.file("s16_burn_mnist_pt/mnist.pt"))) {
      StateDict state = checkpoint.states().get(0).state();
      // Between conv3 and norm1 stands a ReLU: only the model's code knows.
      assertThat(PairSuggestions.of(state))
          .containsExactly(List.of("conv3", "norm1"), List.of("fc2", "norm2"));
    }
  }

  @Test
  void a_weight_in_two_factors_is_refused() {
    Path file = RealModels.file("s20_torchvision_small/tcn_weightnorm/tcn_weightnorm.pth");
    try (StateCheckpoint checkpoint = Formats.openStates(file)) {
      StateDict state = checkpoint.states().get(0).state();
      assertThatExceptionOfType(ModuleListException.class)
          .isThrownBy(
              () ->
                  StatePlan.of(
                      state, StateFusionRequest.eval(ModuleList.parse("[\"0.c\", \"0.bn\"]"))))
          .withMessageContaining("'0.c' is a layer with weight norm");
      assertThat(PairSuggestions.of(state)).isEmpty();
    }
  }

  @Test
  void a_recipe_gives_the_keys_and_values_of_a_quantized_models_own_fusion() {
    String quantized = "s19_torchvision_basic/quant_shufflenet_v2_x0_5/shufflenet_v2_x0_5.";
    try (StateCheckpoint checkpoint = Formats.openStates(RealModels.file(quantized + "float.pth"));
        StateCheckpoint oracle =
            Formats.openStates(RealModels.file(quantized + "fused_oracle.pth"))) {
      StateFusionRequest request = StateFusionRequest.eval(ModuleList.recipe("shufflenet_v2_x0_5"));
      StatePlan plan = StatePlan.of(checkpoint.states().get(0).state(), request);
      StateDict expected = oracle.states().get(0).state();
      assertThat(state(plan).entries().keySet())
          .containsExactlyElementsOf(expected.entries().keySet());
      assertThat(state(plan).versions()).containsExactlyEntriesOf(expected.versions());
      double worst = 0;
      for (Map.Entry<String, Tensor> entry : expected.tensors().entrySet()) {
        Tensor found = state(plan).tensor(entry.getKey()).orElseThrow();
        worst = Math.max(worst, difference(found, entry.getValue()));
      }
      report(
          quantized + "float.pth", plan, "the oracle's keys, largest relative difference " + worst);
      assertThat(worst).isZero();
      assertProven(plan);
    }
  }

  private static StatePlan fuse(StateCheckpoint checkpoint, GraphGroups groups) {
    StateFusionRequest request =
        StateFusionRequest.eval(ModuleList.of(groups.groups()))
            .with(Epsilons.DEFAULT.shown(groups.epsilons()))
            .withTransposed(groups.transposed());
    return StatePlan.of(checkpoint.states().get(0).state(), request);
  }

  private static StateDict state(StatePlan plan) {
    return plan.states(plan.plan()).get("");
  }

  private static List<Fusion> folded(StatePlan plan) {
    return plan.plan().fusions().stream()
        .filter(fusion -> fusion.result() == Fusion.Result.FOLDED)
        .toList();
  }

  private static Tensor parameter(StatePlan plan, Fusion pair, String local) {
    return state(plan).tensor(pair.nodes().get(0) + "." + local).orElseThrow();
  }

  private static void assertProven(StatePlan plan) {
    FusionProof proof =
        FusionProof.of(
            plan.plan(), plan.reread(plan.plan(), Map.of("", state(plan))), /* seed= */ 3);
    assertThat(proof.certificate().verdict())
        .as(proof.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
  }

  private static void report(String state, StatePlan plan, String what) {
    System.out.printf(
        "%s: %d folded, %d refused; %s%n",
        state, folded(plan).size(), plan.plan().refusals().size(), what);
  }

  /** The fused graph's convolution for each of the companion's, by order; both keep the model's. */
  private static Map<String, Node> layersOf(ModelGraph companion, ModelGraph fused) {
    List<Node> before = layers(companion);
    List<Node> after = layers(fused);
    assertThat(after).hasSameSizeAs(before);
    Map<String, Node> byName = new HashMap<>();
    for (int i = 0; i < before.size(); i++) {
      byName.put(before.get(i).input(1).replaceAll("\\.weight$", ""), after.get(i));
    }
    return byName;
  }

  private static List<Node> layers(ModelGraph model) {
    return model.graph().nodes().stream()
        .filter(node -> node.is(OpKind.CONV) || node.is(OpKind.CONV_TRANSPOSE))
        .toList();
  }

  private static Tensor initializer(ModelGraph model, String name) {
    return model.graph().initializers().stream()
        .filter(initializer -> initializer.name().equals(name))
        .map(Initializer::tensor)
        .findFirst()
        .orElseThrow();
  }

  /** The largest difference, relative to the tensor's largest magnitude. */
  private static double difference(Tensor found, Tensor expected) {
    double[] a = Tensors.doubles(found, MOST);
    double[] b = Tensors.doubles(expected, MOST);
    assertThat(a).hasSameSizeAs(b);
    double largest = Double.MIN_NORMAL;
    double difference = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(b[i]));
      difference = Math.max(difference, Math.abs(a[i] - b[i]));
    }
    return difference / largest;
  }
}
