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
package dev.fusewright.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Fusion.Result;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.tensor.CastTensor;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StatePlanTest {
  private final Random random = new Random(11);
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  @Test
  void a_conv_and_its_norm_become_a_conv_with_a_bias() {
    layer("conv", 4, 3, 3, 3);
    norm("bn", 4);

    FusedState fusion = fuse("[\"conv\", \"bn\"]");

    assertThat(fusion.state().entries()).containsOnlyKeys("conv.weight", "conv.bias");
    assertThat(fusion.groups())
        .singleElement()
        .satisfies(
            group -> {
              assertThat(group.fusion().module()).isEqualTo("Conv2d");
              assertThat(group.fusion().result()).isEqualTo(Result.FOLDED);
            });
    assertProven(fusion);
  }

  @Test
  void a_list_in_exact_arithmetic_is_proven_too() {
    layer("conv", 4, 3, 3, 3);
    norm("bn", 4);

    assertProven(FusedState.of(state(), request("[\"conv\", \"bn\"]"), Rules.inference()));
  }

  @Test
  void another_eps_gives_other_weights() {
    layer("conv", 4, 3, 3, 3);
    norm("bn", 4);

    FusedState usual = fuse("[\"conv\", \"bn\"]");
    FusedState other =
        FusedState.of(state(), request("[\"conv\", \"bn\"]").with(Epsilons.of(1e-3, "--eps")));

    assertThat(doubles(other, "conv.weight")).isNotEqualTo(doubles(usual, "conv.weight"));
    assertProven(other);
  }

  @Test
  void a_linear_uses_linears_order_and_a_transposed_conv_its_second_axis() {
    layer("fc", 4, 5);
    norm("bn1", 4);
    layer("up", 3, 6, 2, 2);
    norm("bn2", 6);
    layer("grouped", 4, 3, 2, 2);
    norm("bn3", 6);

    FusedState fusion = fuse("[[\"fc\", \"bn1\"], [\"up\", \"bn2\"], [\"grouped\", \"bn3\"]]");

    assertProven(fusion);
    assertThat(fusion.groups().get(0).fusion().notes()).isEmpty();
    assertThat(fusion.groups().get(1).fusion().notes())
        .singleElement()
        .asString()
        .contains("'up' is taken for a ConvTranspose");
  }

  @Test
  void a_weight_that_was_folded_along_the_wrong_axis_is_not_proven() {
    layer("square", 4, 4, 3, 3);
    norm("bn", 4);
    FusedState right =
        FusedState.of(state(), request("[\"square\", \"bn\"]").withTransposed(Set.of("square")));
    StateDict wrong = fuse("[\"square\", \"bn\"]").state();

    assertThat(right.proof(right.state()).certificate().verdict()).isEqualTo(Verdict.EQUIVALENT);
    assertThat(right.proof(wrong).certificate().verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(right.proof(wrong).site().verdict()).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void a_float16_weight_that_folding_would_flush_is_refused_as_in_a_graph() {
    tensors.put(
        "conv.weight", new CastTensor(gaussian(Shape.of(32, 16, 3, 3), 0), ElementType.FLOAT16));
    norm("bn", 32);
    tensors.put("bn.weight", new FilledTensor(ElementType.FLOAT, Shape.of(32), 3e-5));
    tensors.put("bn.running_var", new FilledTensor(ElementType.FLOAT, Shape.of(32), 6e4));

    FusedState fusion = fuse("[\"conv\", \"bn\"]");

    assertThat(fusion.refusals())
        .singleElement()
        .satisfies(
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.SUBNORMAL_RESULT);
              assertThat(refusal.rule()).isEqualTo("conv-batch-norm");
              assertThat(refusal.message())
                  .contains("the folded weight of 'conv' would be flushed to subnormal numbers");
            });
    assertThat(fusion.state().entries().keySet()).isEqualTo(state().entries().keySet());
    tensors.put("bn.running_var", new FilledTensor(ElementType.FLOAT, Shape.of(32), 1));
    tensors.put("bn.weight", new FilledTensor(ElementType.FLOAT, Shape.of(32), 1));
    assertProven(fuse("[\"conv\", \"bn\"]"));
  }

  @Test
  void what_rests_on_the_lists_word_is_said() {
    layer("conv", 4, 3, 3, 3);
    norm("bn", 4);
    StatePlan plan = fuse("[\"conv\", \"bn\", \"relu\"]").plan();

    assertThat(plan.assumptions(plan.plan(), (label, group) -> false))
        .extracting(Assumption::what, Assumption::by)
        .containsExactly(
            tuple("'bn' alone follows 'conv'", "the module list"),
            tuple("'relu' alone follows 'bn'", "the module list"),
            tuple("'relu' has no parameters, and is taken for a ReLU as listed", "the module list"),
            tuple("eps of 1 BatchNorm is 1.0E-5", "PyTorch's default"));
    assertThat(plan.assumptions(plan.plan(), (label, group) -> true))
        .extracting(Assumption::by)
        .containsExactly("PyTorch's default");
  }

  @Test
  void what_a_list_skips_of_a_sequential_is_part_of_its_word() {
    layer("0", 4, 3, 3, 3);
    norm("1", 4);
    layer("2", 4, 3, 3, 3);
    norm("4", 4);
    StatePlan plan = fuse("[[\"0\", \"1\"], [\"2\", \"4\"]]").plan();

    assertThat(plan.assumptions(plan.plan(), (label, group) -> false))
        .extracting(Assumption::what)
        .contains(
            "'1' alone follows '0'", "'4' alone follows '2', and '3' between them changes nothing");
  }

  @Test
  void that_a_layer_is_no_conv_transpose_is_somebodys_word_where_its_weight_leaves_it_open() {
    layer("square", 4, 4, 3, 3);
    norm("bn1", 4);
    layer("grouped", 8, 4, 3, 3);
    norm("bn2", 8);
    layer("depthwise", 4, 1, 3, 3);
    norm("bn3", 4);
    layer("conv", 4, 3, 3, 3);
    norm("bn4", 4);
    StatePlan plan =
        fuse("[[\"square\",\"bn1\"],[\"grouped\",\"bn2\"],[\"depthwise\",\"bn3\"],[\"conv\",\"bn4\"]]")
            .plan();

    assertThat(plan.assumptions(plan.plan(), (label, group) -> false))
        .extracting(Assumption::what)
        .filteredOn(what -> what.contains("ConvTranspose"))
        .containsExactly(
            "'square', 'grouped' are Conv2d each and no ConvTranspose2d, whose weight could have the same shape");
    assertThat(plan.assumptions(plan.plan(), (label, group) -> true))
        .extracting(Assumption::what)
        .noneMatch(what -> what.contains("ConvTranspose"));
  }

  @Test
  void a_norm_whose_weight_cannot_be_read_is_not_one_without_a_weight() {
    layer("conv", 4, 3, 3, 3);
    norm("bn", 4);
    for (String local : List.of("bn.weight", "bn.bias")) {
      Map<String, StateEntry> entries = new LinkedHashMap<>(state().entries());
      entries.put(local, (StateEntry.Opaque) () -> "sparse [4]");

      assertThatExceptionOfType(ModuleListException.class)
          .isThrownBy(
              () -> FusedState.of(new StateDict(entries, Map.of()), request("[\"conv\", \"bn\"]")))
          .withMessageContaining(
              "did not find fuser method for: (Conv2d, a module whose %s is sparse [4])"
                  .formatted(local.substring(3)));
    }
  }

  @Test
  void names_that_stand_for_more_modules_than_memory_holds_are_refused() {
    tensors.put("a.".repeat(50_000) + "weight", gaussian(Shape.of(1), 0));

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> PairSuggestions.of(state()))
        .withMessageContaining("characters");
  }

  @Test
  void a_square_weight_among_transposed_layers_is_not_guessed() {
    layer("up1", 3, 4, 2, 2);
    norm("bn1", 4);
    layer("up2", 4, 4, 2, 2);
    norm("bn2", 4);
    String list = "[[\"up1\", \"bn1\"], [\"up2\", \"bn2\"]]";

    assertRefused(list, Reason.AMBIGUOUS_TYPE, "'up2' is [4,4,2,2]");
    assertProven(FusedState.of(state(), request(list).withTransposed(Set.of("up1", "up2"))));
  }

  @Test
  void of_a_state_dict_without_modules_it_is_said_that_it_has_none() {
    tensors.put("scale", gaussian(Shape.of(1), 0));

    assertRefused("[\"conv\", \"bn\"]", Reason.NO_SUCH_MODULE, "has no modules");
  }

  @Test
  void channels_that_do_not_fit_are_refused() {
    layer("conv", 3, 2, 1, 1);
    norm("one", 1);
    norm("five", 5);
    layer("fc", 3, 5);

    assertRefused(
        "[\"conv\", \"five\"]", Reason.CHANNEL_MISMATCH, "[3,2,1,1], and 'five' has 5 channels");
    assertRefused("[\"fc\", \"five\"]", Reason.CHANNEL_MISMATCH, "'five' has 5 channels");
    assertRefused("[\"conv\", \"one\"]", Reason.CHANNEL_MISMATCH, "'one' has 1 channel");
  }

  @Test
  void what_is_not_there_or_does_not_fuse_is_refused_by_name() {
    layer("block.conv", 4, 3, 3, 3);
    norm("block.bn", 4);
    tensors.put("norm.weight", LiteralTensor.ofFloats(Shape.of(4), 1, 1, 1, 1));
    tensors.put("norm.bias", LiteralTensor.ofFloats(Shape.of(4), 0, 0, 0, 0));

    assertRefused(
        "[\"block\", \"block.bn\"]",
        Reason.NO_SUCH_MODULE,
        "'block' is a container; 'block' has conv, bn");
    assertRefused(
        "[\"block.bn\", \"block.conv\"]",
        Reason.NOT_FUSABLE_SEQUENCE,
        "did not find fuser method for");
    assertRefused(
        "[\"block.conv\", \"norm\"]", Reason.NO_RUNNING_STATISTICS, "'norm' has no running_mean");
    assertRefused(
        "[[\"block.conv\", \"block.bn\", \"relu\"], [\"relu\", \"relu\"]]",
        Reason.SHARED_MODULE,
        "(Identity, Identity)");
  }

  @ParameterizedTest
  @CsvSource({
    "relu6, a ReLU6",
    "act_relu6, a ReLU6",
    "ReLU6, a ReLU6",
    "leaky_relu, another activation",
    "LeakyReLU, another activation",
    "prelu, another activation",
    "hardswish, another activation",
    "h_swish, another activation",
    "sigmoid_act, another activation",
    "gelu, another activation",
    "act_silu, another activation",
    "SiLU, another activation",
    "elu1, another activation",
    "tanh, another activation",
    "mish, another activation"
  })
  void an_absent_name_of_another_activation_is_no_relu_unless_it_is_declared_one(
      String name, String words) {
    layer("conv", 4, 3, 3, 3);
    norm("bn", 4);

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> fuse("[\"conv\", \"bn\", \"" + name + "\"]"))
        .withMessageContaining("'" + name + "' has no parameters, and its name is that of " + words)
        .withMessageContaining("\"" + name + ":ReLU\"");
    assertThat(fuse("[\"conv\", \"bn\", \"" + name + ":ReLU\"]").groups()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"relu", "relu1", "ReLU", "act", "relu_out", "activation", "nonlin"})
  void an_absent_name_that_speaks_for_a_relu_or_for_none_is_taken_for_one(String name) {
    layer("conv", 4, 3, 3, 3);
    norm("bn", 4);

    assertThat(fuse("[\"conv\", \"bn\", \"" + name + "\"]").groups()).hasSize(1);
  }

  @Test
  void the_sixth_relu_beside_a_sixth_layer_is_one() {
    layer("conv6", 4, 3, 3, 3);
    norm("bn6", 4);

    assertThat(fuse("[\"conv6\", \"bn6\", \"relu6\"]").groups()).hasSize(1);
  }

  @Test
  void a_name_that_the_metadata_does_not_list_is_refused_with_what_there_is() {
    layer("conv", 4, 3, 3, 3);
    norm("bn", 4);
    StateDict versioned = new StateDict(state().entries(), Map.of("", 1L, "conv", 1L, "bn", 2L));

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> FusedState.of(versioned, request("[\"conv\", \"bn\", \"relu\"]")))
        .withMessageContaining("no module 'relu'; the model has ");
  }

  @Test
  void the_second_of_two_groups_with_one_relu_is_refused() {
    layer("conv1", 4, 3, 3, 3);
    norm("bn1", 4);
    layer("conv2", 4, 4, 3, 3);
    norm("bn2", 4);

    assertRefused(
        "[[\"conv1\", \"bn1\", \"relu\"], [\"conv2\", \"bn2\", \"relu\"]]",
        Reason.SHARED_MODULE,
        "Identity");
  }

  @Test
  void a_conv_may_take_its_relu_after_its_norm() {
    layer("conv", 4, 3, 3, 3);
    norm("bn", 4);

    FusedState fusion = fuse("[[\"conv\", \"bn\"], [\"conv\", \"relu\"]]");

    assertThat(fusion.state().entries()).containsOnlyKeys("conv.0.weight", "conv.0.bias");
    assertProven(fusion);
  }

  @Test
  void an_unsound_parameter_leaves_its_own_group_and_fuses_the_others() {
    layer("conv1", 2, 3, 3, 3);
    norm("bn1", 2);
    tensors.put("bn1.running_var", LiteralTensor.ofFloats(Shape.of(2), 1, -1));
    layer("conv2", 2, 2, 3, 3);
    norm("bn2", 2);
    tensors.put("bn2.weight", LiteralTensor.ofFloats(Shape.of(2), 1, Float.NaN));
    layer("conv3", 2, 2, 3, 3);
    norm("bn3", 2);

    FusedState fusion =
        fuse("[[\"conv1\", \"bn1\", \"r1\"], [\"conv2\", \"bn2\"], [\"conv3\", \"bn3\"]]");

    assertThat(fusion.refusals())
        .extracting(refusal -> refusal.reason())
        .containsExactly(Reason.NON_POSITIVE_VARIANCE, Reason.NON_FINITE_PARAMETER);
    assertThat(fusion.state().entries())
        .containsKeys("conv1.weight", "bn1.running_var", "conv2.weight", "bn2.weight", "conv3.bias")
        .doesNotContainKeys("conv1.bias", "conv1.0.weight", "bn3.weight");
  }

  @Test
  void a_relu_does_not_slip_between_a_conv_and_the_norm_that_it_keeps() {
    layer("conv", 2, 3, 3, 3);
    norm("bn", 2);
    tensors.put("bn.running_var", LiteralTensor.ofFloats(Shape.of(2), 1, -1));

    FusedState fusion = fuse("[[\"conv\", \"bn\"], [\"conv\", \"relu\"]]");

    assertThat(fusion.state().entries().keySet()).isEqualTo(state().entries().keySet());
    assertThat(fusion.refusals())
        .extracting(refusal -> refusal.reason())
        .containsExactly(Reason.NON_POSITIVE_VARIANCE, Reason.SHARED_MODULE);
  }

  @Test
  void a_norm_behind_two_layers_goes_into_both_or_into_none() {
    layer("conv1", 2, 3, 3, 3);
    layer("conv2", 2, 3, 3, 3);
    norm("bn", 2);
    String list = "[[\"conv1\", \"bn\"], [\"conv2\", \"bn\"]]";

    assertThat(fuse(list).state().entries())
        .containsOnlyKeys("conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias");
    tensors.put("conv2.bias", LiteralTensor.ofFloats(Shape.of(2), 0, Float.NaN));
    FusedState fusion = fuse(list);
    assertThat(fusion.state().entries().keySet()).isEqualTo(state().entries().keySet());
    assertThat(fusion.refusals())
        .extracting(refusal -> refusal.message())
        .last()
        .asString()
        .isEqualTo("'bn' also stands in [conv2, bn], which stays as it is");
  }

  @Test
  void a_dropped_group_stays_as_it_was_and_the_others_are_fused() {
    layer("conv1", 2, 3, 3, 3);
    norm("bn1", 2);
    layer("conv2", 2, 2, 3, 3);
    norm("bn2", 2);
    StatePlan plan = fuse("[[\"conv1\", \"bn1\"], [\"conv2\", \"bn2\"]]").plan();

    FusionPlan without = plan.plan().without(plan.together(plan.plan(), Set.of(0)));

    assertThat(without.dropped())
        .extracting(Fusion::nodes)
        .containsExactly(List.of("conv1", "bn1"));
    assertThat(without.fusions()).hasSize(1);
    StateDict left = plan.states(without).get("");
    assertThat(left.entries())
        .containsKeys("conv1.weight", "bn1.running_var", "conv2.bias")
        .doesNotContainKeys("conv1.bias", "bn2.weight");
    assertThat(left.tensor("conv1.weight")).isEqualTo(state().tensor("conv1.weight"));
  }

  @Test
  void groups_that_share_a_norm_are_dropped_together() {
    layer("conv1", 2, 3, 3, 3);
    layer("conv2", 2, 3, 3, 3);
    norm("bn", 2);
    layer("conv3", 2, 3, 3, 3);
    norm("bn3", 2);
    StatePlan plan =
        fuse("[[\"conv1\", \"bn\"], [\"conv2\", \"bn\"], [\"conv3\", \"bn3\"]]").plan();

    assertThat(plan.plan().without(plan.together(plan.plan(), Set.of(1))).fusions())
        .extracting(Fusion::nodes)
        .containsExactly(List.of("conv3", "bn3"));
  }

  @Test
  void two_state_dicts_of_one_file_are_planned_together_and_told_apart() {
    layer("conv", 2, 3, 3, 3);
    norm("bn", 2);
    ListedState sound = ListedState.of(state(), request("[\"conv\", \"bn\"]"));
    tensors.put("bn.running_var", LiteralTensor.ofFloats(Shape.of(2), 1, -1));
    ListedState unsound = ListedState.of(state(), request("[\"conv\", \"bn\"]"));
    Map<String, ListedState> both = new LinkedHashMap<>();
    both.put("model", sound);
    both.put("ema", unsound);

    StatePlan plan = StatePlan.of(both, List.of(), Rules.torch());

    assertThat(plan.groups(plan.plan(), "model")).hasSize(1);
    assertThat(plan.groups(plan.plan(), "ema")).isEmpty();
    assertThat(plan.plan().refusals())
        .extracting(Refusal::reason)
        .containsExactly(Reason.NON_POSITIVE_VARIANCE);
    Map<String, StateDict> states = plan.states(plan.plan());
    assertThat(states.get("model").entries()).containsOnlyKeys("conv.weight", "conv.bias");
    assertThat(states.get("ema").entries()).containsKey("bn.running_var");
    assertThat(
            FusionProof.of(plan.plan(), plan.reread(plan.plan(), states), 3)
                .certificate()
                .verdict())
        .isEqualTo(Verdict.EQUIVALENT);
  }

  @Test
  void a_second_norm_for_the_same_layer_is_refused() {
    layer("conv", 2, 3, 3, 3);
    norm("bn1", 2);
    norm("bn2", 2);

    assertRefused(
        "[[\"conv\", \"bn1\"], [\"conv\", \"bn2\"]]",
        Reason.SHARED_MODULE,
        "gives 'conv' a BatchNorm already");
  }

  @Test
  void names_behind_data_parallels_prefix_are_found() {
    layer("module.conv", 4, 3, 3, 3);
    norm("module.bn", 4);

    FusedState fusion = FusedState.of(state(), request("[\"conv\", \"bn\"]").behind("module."));

    assertThat(fusion.state().entries()).containsOnlyKeys("module.conv.weight", "module.conv.bias");
  }

  @Test
  void version_one_of_conv_bn_is_read_as_version_two() {
    layer("conv", 4, 3, 3, 3);
    for (String old : List.of("gamma", "beta", "running_mean", "running_var")) {
      tensors.put("conv." + old, LiteralTensor.ofFloats(Shape.of(4), 1, 2, 3, 4));
    }
    StateDict modern =
        LegacyConvBn.modernized(new StateDict(state().entries(), Map.of("", 1L, "conv", 1L)));

    assertThat(modern.entries().keySet())
        .containsExactly(
            "conv.weight",
            "conv.bn.weight",
            "conv.bn.bias",
            "conv.bn.running_mean",
            "conv.bn.running_var");
    assertThat(modern.versions()).containsEntry("conv", 2L).containsEntry("conv.bn", 2L);
    assertThat(LegacyConvBn.modernized(modern)).isSameAs(modern);
  }

  @Test
  void candidates_are_adjacent_pairs_that_fit() {
    layer("conv1", 4, 3, 3, 3);
    norm("bn1", 4);
    layer("conv2", 5, 4, 3, 3);
    norm("bn2", 3);
    layer("fc", 2, 5);

    assertThat(PairSuggestions.of(state())).containsExactly(List.of("conv1", "bn1"));
  }

  @Test
  void in_a_file_of_another_order_a_candidate_is_the_only_layer_that_fits() {
    norm("a", 4);
    norm("b", 5);
    norm("c", 6);
    layer("conv1", 4, 3, 3, 3);
    layer("conv2", 5, 4, 3, 3);
    layer("conv3", 5, 5, 3, 3);
    layer("block.conv4", 6, 5, 3, 3);

    assertThat(PairSuggestions.of(state())).containsExactly(List.of("conv1", "a"));
  }

  /** Conv, then norm, as save_file of safetensors sorts their names. */
  private Map<String, Tensor> sorted() {
    return new TreeMap<>(tensors);
  }

  @Test
  void in_alphabetical_order_equal_numbers_make_a_pair_and_other_numbers_do_not() {
    layer("conv1", 4, 3, 3, 3);
    norm("bn1", 4);
    layer("conv2", 4, 4, 3, 3);
    norm("bn2", 4);
    layer("conv3", 4, 4, 3, 3);
    norm("bn4", 4);

    StateDict state = StateDict.ofTensors(sorted());
    assertThat(PairSuggestions.isAlphabetical(state)).isTrue();
    assertThat(PairSuggestions.of(state))
        .containsExactly(List.of("conv1", "bn1"), List.of("conv2", "bn2"));
    assertThat(PairSuggestions.isAlphabetical(state())).isFalse();
  }

  @Test
  void in_alphabetical_order_neighbours_of_different_blocks_are_no_pair() {
    norm("layer.0.bn1", 4);
    layer("layer.0.conv1", 4, 4, 3, 3);
    layer("layer.0.conv2", 4, 4, 3, 3);
    norm("layer.1.bn1", 4);
    layer("layer.1.conv1", 4, 4, 3, 3);
    layer("layer.1.fc1", 4, 4);

    assertThat(PairSuggestions.of(StateDict.ofTensors(sorted())))
        .containsExactly(List.of("layer.0.conv1", "layer.0.bn1"));
  }

  @Test
  void a_recipe_brings_the_eps_that_a_file_does_not_hold() {
    assertThat(ModuleList.recipeEpsilon("mobilenet_v3_small")).hasValue(1e-3);
    assertThat(ModuleList.recipeEpsilon("inception_v3")).hasValue(1e-3);
    assertThat(ModuleList.recipeEpsilon("resnet18")).isEmpty();
    assertThat(ModuleList.recipeEpsilon("efficientnet_b5")).hasValue(1e-3);
    assertThat(ModuleList.recipeEpsilon("efficientnet_b0")).isEmpty();
  }

  private void assertRefused(String list, Reason reason, String message) {
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> fuse(list))
        .withMessageContaining(message)
        .satisfies(refusal -> assertThat(refusal.refusals().get(0).reason()).isEqualTo(reason));
  }

  @Test
  void what_fits_as_a_transposed_conv_only_has_the_fusers_of_one() {
    layer("up", 8, 4, 2, 2);
    norm("bn", 4);

    FusedState fused = fuse("[\"up\", \"bn\"]");

    assertThat(fused.groups().get(0).fusion().module()).isEqualTo("ConvTranspose2d");
    assertProven(fused);
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> fuse("[\"up\", \"bn\", \"relu\"]"))
        .withMessageContaining(
            "did not find fuser method for: (ConvTranspose2d, BatchNorm2d, ReLU)");
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> FusedState.of(state(), request("[\"up\", \"bn\"]").at(StateStage.QAT)))
        .withMessageContaining("Fusing ConvTranspose+BatchNorm not yet supported in QAT.");
  }

  @Test
  void a_square_weight_beside_a_transposed_layer_that_no_group_names_is_refused() {
    layer("inner", 4, 4, 3, 3);
    norm("bn", 4);
    layer("g", 4, 4, 3, 3);
    tensors.put("g.bias", gaussian(Shape.of(8), 0));

    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> fuse("[\"inner\", \"bn\"]"))
        .withMessageContaining("a layer beside it must be a ConvTranspose");
    assertProven(fuse("[\"inner:Conv2d\", \"bn\"]"));
  }

  private static void assertProven(FusedState fusion) {
    assertThat(fusion.refusals()).isEmpty();
    FusionProof proof = fusion.proof(fusion.state());
    assertThat(proof.sites()).isNotEmpty();
    assertThat(proof.certificate().verdict())
        .as(proof.certificate().reason())
        .isEqualTo(Verdict.EQUIVALENT);
    assertThat(proof.site().verdict()).as(proof.site().reason()).isEqualTo(Verdict.EQUIVALENT);
  }

  private FusedState fuse(String list) {
    return FusedState.of(state(), request(list));
  }

  private static StateFusionRequest request(String list) {
    return StateFusionRequest.eval(ModuleList.parse(list));
  }

  private static double[] doubles(FusedState fusion, String name) {
    return Tensors.doubles(fusion.state().tensor(name).orElseThrow(), 10_000);
  }

  private StateDict state() {
    return StateDict.ofTensors(tensors);
  }

  private void layer(String name, long... dims) {
    tensors.put(name + ".weight", gaussian(Shape.of(dims), 0));
  }

  private void norm(String name, int channels) {
    tensors.put(name + ".weight", gaussian(Shape.of(channels), 1));
    tensors.put(name + ".bias", gaussian(Shape.of(channels), 0));
    tensors.put(name + ".running_mean", gaussian(Shape.of(channels), 0));
    float[] variance = new float[channels];
    for (int i = 0; i < channels; i++) {
      variance[i] = 0.1f + random.nextFloat();
    }
    tensors.put(name + ".running_var", LiteralTensor.ofFloats(Shape.of(channels), variance));
    tensors.put(name + ".num_batches_tracked", LiteralTensor.ofLongs(Shape.SCALAR, 7));
  }

  private Tensor gaussian(Shape shape, double mean) {
    float[] values = new float[(int) shape.elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + random.nextGaussian());
    }
    return LiteralTensor.ofFloats(shape, values);
  }
}
