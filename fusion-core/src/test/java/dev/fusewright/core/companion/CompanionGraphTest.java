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
package dev.fusewright.core.companion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.Epsilons;
import dev.fusewright.core.state.FusedState;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateFusionRequest;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.CheckOptions;
import dev.fusewright.core.verify.ModelCheck;
import dev.fusewright.core.verify.ReferenceRunner;
import dev.fusewright.core.verify.RunnerPair;
import dev.fusewright.core.verify.inputs.ModelFacts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CompanionGraphTest {
  private static final String CONV_NORM_RELU =
      """
      a = Conv(x, "conv.weight")
      b = BatchNormalization<epsilon = 0.5>(a, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
      y = Relu(b)
      """;

  /** Weights of another training than the checkpoint's. */
  private static CompanionGraph companion(String nodes) {
    return new CompanionGraph(graph(nodes, 100));
  }

  private static ModelGraph graph(String nodes, int seed) {
    return GraphText.parse(
        """
        <ir_version: 7, opset_import: ["" : 13]>
        g (float[2,4,6,6] x) => (float[2,4,6,6] y)
        <float[4,4,1,1] "conv.weight" = random(%d), float[4] "bn.weight" = random(%d),
         float[4] "bn.bias" = random(%d), float[4] "bn.running_mean" = random(%d),
         float[4] "bn.running_var" = random(%d, 0.5, 1.5), float[4,4,1,1] "last.weight" = random(%d)>
        { %s }
        """
            .formatted(seed, seed + 1, seed + 2, seed + 3, seed + 4, seed + 5, nodes));
  }

  private static StateDict checkpoint(String prefix) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Initializer initializer : graph(CONV_NORM_RELU, 7).graph().initializers()) {
      tensors.put(prefix + initializer.name(), initializer.tensor());
    }
    return StateDict.ofTensors(tensors);
  }

  private static FusedState fuse(String list, CompanionGraph companion) {
    return FusedState.of(checkpoint(""), request(list, companion));
  }

  private static StateFusionRequest request(String list, CompanionGraph companion) {
    return StateFusionRequest.eval(ModuleList.parse(list))
        .with(Epsilons.DEFAULT.shown(companion.groups().epsilons()));
  }

  private static Verdict compare(ModelGraph before, ModelGraph after) {
    return new ModelCheck(CheckOptions.of(3).withSamples(3).withFacts(ModelFacts.of(before)))
        .compare(List.of(new RunnerPair(new ReferenceRunner(before), new ReferenceRunner(after))))
        .verdict()
        .verdict();
  }

  private static Verdict whole(CompanionGraph companion, FusedState fusion, StateDict written) {
    return compare(
        companion.original(checkpoint(""), ""),
        companion.fused(checkpoint(""), fusion.listed(), written, ""));
  }

  @ParameterizedTest
  @EnumSource
  void the_graph_with_the_fused_parameters_is_the_graph_with_the_checkpoints(StateStage stage) {
    CompanionGraph companion = companion(CONV_NORM_RELU);
    FusedState fusion =
        FusedState.of(
            checkpoint("module."),
            request("[\"conv\", \"bn\", \"relu\"]", companion).at(stage).behind("module."));

    companion.confirm(fusion.listed(), norm -> OptionalDouble.empty(), "module.");
    ModelGraph before = companion.original(checkpoint("module."), "module.");
    ModelGraph after =
        companion.fused(checkpoint("module."), fusion.listed(), fusion.state(), "module.");
    assertThat(compare(before, after)).isEqualTo(Verdict.EQUIVALENT);
    assertThat(before.graph().initializers().get(0).tensor())
        .isEqualTo(graph(CONV_NORM_RELU, 7).graph().initializers().get(0).tensor());
    assertThat(after.graph().nodes())
        .extracting(node -> node.op().type())
        .containsSubsequence("Conv", "Relu", "Identity", "Relu");
  }

  @Test
  void a_file_that_holds_another_value_than_was_folded_is_a_different_model() {
    CompanionGraph companion = companion(CONV_NORM_RELU);
    FusedState fusion = fuse("[\"conv\", \"bn\"]", companion);
    Map<String, Tensor> tampered = new LinkedHashMap<>(fusion.state().tensors());
    tampered.put(
        "conv.bias",
        LiteralTensor.ofFloats(tampered.get("conv.bias").shape(), 0.1f, 0.2f, 0.3f, 0.4f));

    assertThat(whole(companion, fusion, fusion.state())).isEqualTo(Verdict.EQUIVALENT);
    assertThat(whole(companion, fusion, StateDict.ofTensors(tampered)))
        .isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void an_eps_that_is_not_the_graphs_is_a_different_model() {
    CompanionGraph companion = companion(CONV_NORM_RELU);
    FusedState fusion =
        FusedState.of(
            checkpoint(""),
            request("[\"conv\", \"bn\"]", companion).with(Epsilons.of(1e-5, "--eps")));

    assertThat(whole(companion, fusion, fusion.state())).isEqualTo(Verdict.DIFFERENT);
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> companion.confirm(fusion.listed(), norm -> OptionalDouble.of(1e-5), ""))
        .withMessage("eps is asked to be 1.0E-5, and the graph says that of 'bn' is 0.5");
  }

  @Test
  void a_relu_between_a_listed_layer_and_its_norm_is_seen() {
    CompanionGraph companion =
        companion(
            """
            a = Conv(x, "conv.weight")
            ["/act/Relu"] b = Relu(a)
            y = BatchNormalization(b, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
            """);
    FusedState fusion = fuse("[\"conv\", \"bn\"]", companion);

    assertThat(companion.groups().groups()).isEmpty();
    assertRefused(companion, fusion, "'bn' follows the Relu '/act/Relu', not 'conv'");
    assertThat(whole(companion, fusion, fusion.state())).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void a_norm_that_is_called_elsewhere_too_is_not_listed() {
    CompanionGraph companion =
        companion(
            """
            a = Conv(x, "conv.weight")
            b = BatchNormalization(a, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
            y = BatchNormalization(b, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
            """);
    FusedState fusion = fuse("[\"conv\", \"bn\"]", companion);

    assertThat(companion.groups().groups()).isEmpty();
    assertRefused(companion, fusion, "used elsewhere too");
    assertThat(whole(companion, fusion, fusion.state())).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void a_layer_that_is_called_without_its_norm_is_not_listed() {
    CompanionGraph companion =
        companion(
            """
            a = Conv(x, "conv.weight")
            b = BatchNormalization(a, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
            y = Conv(b, "conv.weight")
            """);

    assertThat(companion.groups().groups()).isEmpty();
    assertRefused(companion, fuse("[\"conv\", \"bn\"]", companion), "used elsewhere too");
  }

  @Test
  void a_block_that_is_called_twice_as_a_whole_is_fused_at_both_calls() {
    CompanionGraph companion =
        companion(
            """
            a = Conv(x, "conv.weight")
            b = BatchNormalization(a, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
            c = Conv(b, "conv.weight")
            y = BatchNormalization(c, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
            """);
    FusedState fusion = fuse("[\"conv\", \"bn\"]", companion);

    assertThat(companion.groups().groups()).containsExactly(List.of("conv", "bn"));
    assertThat(whole(companion, fusion, fusion.state())).isEqualTo(Verdict.EQUIVALENT);
  }

  @Test
  void a_listed_relu_that_the_graph_does_not_have_is_a_different_model() {
    CompanionGraph companion =
        companion(
            """
            a = Conv(x, "conv.weight")
            y = BatchNormalization(a, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
            """);
    FusedState fusion = fuse("[\"conv\", \"bn\", \"relu\"]", companion);

    assertRefused(companion, fusion, "listed with a ReLU, and in the graph it is followed by");
    assertThat(whole(companion, fusion, fusion.state())).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void a_value_before_the_listed_relu_that_a_body_reads_is_seen() {
    CompanionGraph companion =
        companion(
            """
            a = Conv(x, "conv.weight")
            b = BatchNormalization(a, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
            r = Relu(b)
            s = Size(x)
            c = Cast<to = 9>(s)
            [if] i = If (c) <then_branch = t () => (o) { o = Neg (b) }, else_branch = e () => (p) { p = Neg (x) }>
            y = Add(r, i)
            """);
    FusedState fusion = fuse("[\"conv\", \"bn\", \"relu\"]", companion);

    assertRefused(companion, fusion, "it is followed by the If 'if'");
  }

  @Test
  void an_export_without_its_norms_confirms_nothing() {
    CompanionGraph companion = companion("y = Conv(x, \"conv.weight\")");

    assertRefused(companion, fuse("[\"conv\", \"bn\"]", companion), "'bn' does not occur");
  }

  @Test
  void a_graph_that_computes_with_none_of_the_listed_modules_is_refused() {
    CompanionGraph companion = companion("y = Conv(x, \"last.weight\")");
    FusedState fusion = fuse("[\"conv\", \"bn\"]", companion);

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> companion.confirm(fusion.listed(), norm -> OptionalDouble.empty(), ""))
        .withMessageContaining("none of the listed modules");
  }

  @Test
  void names_and_shapes_that_differ_are_told_and_what_the_graph_leaves_out_is_not() {
    CompanionGraph companion = companion(CONV_NORM_RELU);
    Map<String, Tensor> tensors = new LinkedHashMap<>(checkpoint("").tensors());
    tensors.put("aux.weight", LiteralTensor.ofFloats(tensors.get("bn.bias").shape(), 1, 2, 3, 4));

    assertThat(companion.differences(StateDict.ofTensors(tensors), "")).isEmpty();
    assertThat(companion.unused(StateDict.ofTensors(tensors), "")).containsExactly("aux.weight");
    tensors.remove("last.weight");
    tensors.put("conv.weight", tensors.get("bn.bias"));
    assertThat(companion.differences(StateDict.ofTensors(tensors), ""))
        .containsExactly(
            "'conv.weight' is float[4,4,1,1] in the graph and float[4] in the state dict",
            "the state dict has no 'last.weight'");
  }

  @Test
  void a_new_bias_reaches_every_call_and_old_inputs_stay() {
    CompanionGraph companion = companion(CONV_NORM_RELU);
    FusedState fusion = fuse("[\"conv\", \"bn\"]", companion);
    Node conv =
        companion.fused(checkpoint(""), fusion.listed(), fusion.state(), "").graph().nodes().get(0);

    assertThat(conv.inputs()).containsExactly("x", "conv.weight", "conv.bias");
  }

  private static void assertRefused(CompanionGraph companion, FusedState fusion, String message) {
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> companion.confirm(fusion.listed(), norm -> OptionalDouble.empty(), ""))
        .withMessageContaining(message)
        .satisfies(
            refusal ->
                assertThat(refusal.refusals().get(0).reason()).isEqualTo(Reason.NOT_ADJACENT));
  }

  @Test
  void a_graph_finds_its_parameters_behind_a_prefix_and_without_that_of_its_own_wrapper() {
    CompanionGraph plain = companion(CONV_NORM_RELU);
    CompanionGraph wrapped =
        new CompanionGraph(
            GraphText.parse(
                """
                g (float[2,4,6,6] x) => (float[2,4,6,6] y)
                <float[4,4,1,1] "model.conv.weight" = random(1), float[4] "model.bn.weight" = random(2),
                 float[4] "model.bn.bias" = random(3), float[4] "model.bn.running_mean" = random(4),
                 float[4] "model.bn.running_var" = random(5, 0.5, 1.5)>
                {
                  a = Conv(x, "model.conv.weight")
                  y = BatchNormalization(a, "model.bn.weight", "model.bn.bias", "model.bn.running_mean", "model.bn.running_var")
                }
                """));

    for (String prefix : List.of("", "module.", "net.backbone.")) {
      assertThat(CompanionPlace.of(plain, checkpoint(prefix), "the root").prefix())
          .isEqualTo(prefix);
      CompanionPlace place = CompanionPlace.of(wrapped, checkpoint(prefix), "the root");
      assertThat(place.prefix()).isEqualTo(prefix);
      assertThat(place.graph().groups().groups()).containsExactly(List.of("conv", "bn"));
      assertThat(place.graph().wrapper()).isEqualTo("model.");
    }
    CompanionPlace same = CompanionPlace.of(wrapped, checkpoint("model."), "the root");
    assertThat(same.prefix() + same.graph().groups().groups().get(0).get(0))
        .isEqualTo("model.conv");
  }

  @Test
  void a_graph_that_is_of_two_parts_of_a_state_dict_is_refused_with_both() {
    Map<String, Tensor> both = new LinkedHashMap<>(checkpoint("student.").tensors());
    both.putAll(checkpoint("teacher.").tensors());
    StateDict state = StateDict.ofTensors(both);

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> CompanionPlace.of(companion(CONV_NORM_RELU), state, "the root"))
        .withMessageContaining("'student.' and behind 'teacher.'");
  }

  @Test
  void a_graph_of_another_model_says_how_they_differ() {
    Map<String, Tensor> other = new LinkedHashMap<>(checkpoint("").tensors());
    other.remove("bn.bias");
    StateDict state = StateDict.ofTensors(other);

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> CompanionPlace.of(companion(CONV_NORM_RELU), state, "the root"))
        .withMessageContaining("the state dict has no 'bn.bias'");
  }
}
