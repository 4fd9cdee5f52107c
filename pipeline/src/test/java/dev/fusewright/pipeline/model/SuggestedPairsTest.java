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

import dev.fusewright.core.state.DeclaredModule;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StatePath;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is suggested may be pasted, and what a ReLU may contradict is not suggested. */
final class SuggestedPairsTest {
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private void pair(String layer, String norm, float first, float second) {
    tensors.put(layer + ".weight", filled(2, 2, 3, 3));
    tensors.put(norm + ".weight", filled(2));
    tensors.put(norm + ".bias", filled(2));
    tensors.put(norm + ".running_mean", LiteralTensor.ofFloats(Shape.of(2), first, second));
    tensors.put(norm + ".running_var", filled(2));
  }

  private static Tensor filled(long... dims) {
    return new FilledTensor(ElementType.FLOAT, Shape.of(dims), 1);
  }

  private String text() {
    return text("net.pth", tensors);
  }

  private static String text(String file, Map<String, Tensor> tensors) {
    return text(file, tensors, "none");
  }

  /** The text where every list with a certain name is refused. */
  private static String text(String file, Map<String, Tensor> tensors, String refused) {
    return text(file, StateDict.ofTensors(tensors), refused);
  }

  /** The text of a file that lists these modules, in this order. */
  private String text(List<String> modules) {
    Map<String, Long> versions = new LinkedHashMap<>();
    modules.forEach(name -> versions.put(name, 1L));
    return text("net.pth", new StateDict(StateDict.ofTensors(tensors).entries(), versions), "none");
  }

  private static String text(String file, StateDict state, String refused) {
    NestedState nested = new NestedState(StatePath.ROOT, NestedState.Origin.STATE_DICT, state);
    return new SuggestedPairs(
            Path.of(file),
            nested,
            groups ->
                groups.stream().anyMatch(group -> group.contains(refused))
                    ? Optional.of("'%s' is in train mode".formatted(refused))
                    : Optional.empty())
        .text();
  }

  @Test
  void where_no_running_mean_is_negative_a_relu_may_stand_and_no_command_is_printed() {
    pair("0.conv", "0.bn", 0.1f, 0);
    pair("1.conv", "1.bn", 0.2f, 0.3f);

    assertThat(text())
        .contains("No pair looks right. Left out are [0.conv, 0.bn], [1.conv, 1.bn]")
        .contains("no running mean is negative: a ReLU may stand before these norms; not suggested")
        .doesNotContain("To fuse them");
  }

  @Test
  void one_negative_channel_rules_a_relu_out_and_the_pattern_fits_these_pairs_only() {
    pair("0.conv", "0.bn", -0.1f, 0.4f);
    pair("1.conv", "1.bn", 0.3f, -0.2f);
    assertThat(text())
        .contains("of 2 of the 2, running means are negative, so that no ReLU stands between")
        .contains("--modules '[[\"*.conv\", \"*.bn\"]]'");

    pair("2.conv", "2.bn", 0.2f, 0.3f);
    assertThat(text())
        .contains("Left out are [2.conv, 2.bn]: no running mean is negative")
        .contains("--modules '[[\"0.conv\", \"0.bn\"], [\"1.conv\", \"1.bn\"]]'");
  }

  @Test
  void running_means_of_zero_say_nothing_and_the_text_says_so() {
    pair("conv", "bn", 0, 0);

    assertThat(text())
        .contains("of 1 of the 1, all running means are zero, as before any training")
        .contains("whether a ReLU stands between is not known");
  }

  @Test
  void what_would_be_refused_is_named_with_its_reason_and_not_suggested() {
    pair("conv1", "bn1", -1, 1);
    pair("conv2", "bn2", -1, 1);

    assertThat(text("net.pth", tensors, "conv2"))
        .contains("Left out are [conv2, bn2]: these would be refused: 'conv2' is in train mode")
        .contains("--modules '[[\"conv1\", \"bn1\"]]'");
  }

  @Test
  void what_the_file_lists_between_two_neighbours_speaks_against_them() {
    pair("conv", "bn", -1, 1);

    assertThat(text(List.of("", "conv", "act", "bn")))
        .contains("No pair looks right. Left out are [conv, bn]: 'act', without parameters, stands")
        .doesNotContain("To fuse them");
    for (String name : List.of("drop", "dropout1", "relu", "identity")) {
      assertThat(text(List.of("", "conv", name, "bn")))
          .as("a ReLU is ruled out by the means, a Dropout does nothing")
          .contains("--modules '[[\"conv\", \"bn\"]]'");
    }
    assertThat(text(List.of("", "conv", "bn", "act"))).contains("To fuse them");
    assertThat(text(List.of("", "conv", "relu6", "bn"))).doesNotContain("To fuse them");
  }

  @Test
  void before_any_training_a_relu_between_speaks_against_a_pair_too() {
    pair("conv", "bn", 0, 0);

    assertThat(text(List.of("", "conv", "relu", "bn"))).doesNotContain("To fuse them");
    assertThat(text(List.of("", "conv", "bn", "relu"))).contains("To fuse them");
  }

  @Test
  void classes_of_a_file_say_what_stands_between() {
    pair("conv", "bn", -1, 1);
    Map<String, DeclaredModule> classes = new LinkedHashMap<>();
    for (String module :
        List.of("conv Conv2d", "first Dropout2d", "second GELU", "bn BatchNorm2d")) {
      String[] words = module.split(" ");
      classes.put(words[0], new DeclaredModule(words[1], OptionalDouble.empty()));
    }
    StateDict state = new StateDict(StateDict.ofTensors(tensors).entries(), Map.of(), classes);

    assertThat(text("net.pth", state, "none"))
        .contains("Left out are [conv, bn]: 'second', a GELU, stands between them");
  }

  @Test
  void layers_without_a_weight_of_their_own_are_named_with_what_makes_them_plain() {
    pair("0", "1", -1, 1);
    Tensor weight = Objects.requireNonNull(tensors.remove("0.weight"));
    tensors.put("0.weight_g", weight);
    tensors.put("0.weight_v", weight);

    assertThat(text())
        .contains("'0' is a layer with weight norm, which torch.nn.utils.remove_weight_norm makes");
  }

  @Test
  void that_a_square_weight_is_a_convs_is_not_known() {
    pair("conv", "bn", -1, 1);
    String said = "that square weights are those of a Conv";
    assertThat(text()).contains(said);

    tensors.put("conv.weight", filled(2, 3, 3, 3));
    assertThat(text()).doesNotContain(said);
  }

  @Test
  void a_quote_in_a_path_is_one_for_the_shell_too() {
    pair("conv", "bn", -1, 1);

    assertThat(text("it's.pth", tensors))
        .contains("fusewright fuse 'it'\\''s.pth' -o 'fused-it'\\''s.pth' --modules");
  }

  @Test
  void a_long_list_is_shown_as_a_whole_and_goes_into_a_file() {
    for (char name = 'a'; name <= 'z'; name++) {
      pair(name + "_layer", name + "_norm", -1, 1);
    }

    assertThat(text())
        .contains("[\"z_layer\", \"z_norm\"]")
        .contains("The list is long: write it to a file, as one JSON array of these, then: ")
        .contains("--modules 'modules.json'");
  }

  @Test
  void in_alphabetical_order_equal_numbers_are_suggested_with_what_is_not_known() {
    pair("conv1", "bn1", -1, 1);
    pair("conv2", "bn2", -1, 1);

    assertThat(text("net.safetensors", new TreeMap<>(tensors)))
        .contains("--modules '[[\"conv{n}\", \"bn{n}\"]]'")
        .contains("the names are in alphabetical order")
        .contains("Not known: which of the two comes first; ");
    assertThat(text()).doesNotContain("alphabetical", "comes first");
  }
}
