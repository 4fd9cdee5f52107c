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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModuleListTest {
  private static final List<String> RESIDUAL =
      List.of(
          "conv1",
          "bn1",
          "relu",
          "layer1.0.conv1",
          "layer1.0.bn1",
          "layer1.0.conv2",
          "layer1.0.bn2",
          "layer2.0.conv1",
          "layer2.0.bn1",
          "layer2.0.relu",
          "layer2.0.downsample.0",
          "layer2.0.downsample.1");

  private static ModuleDirectory directory(List<String> names) {
    return new ModuleDirectory() {
      @Override
      public List<String> names() {
        return names;
      }

      @Override
      public boolean isFusable(List<String> group) {
        return !group.get(group.size() - 1).contains("hard");
      }
    };
  }

  private static List<List<String>> expand(String list, List<String> names) {
    return ModuleList.parse(list).expand(directory(names));
  }

  @Test
  void a_list_of_strings_is_one_group() {
    assertThat(expand("['conv1', 'bn1', 'relu']".replace('\'', '"'), RESIDUAL))
        .containsExactly(List.of("conv1", "bn1", "relu"));
  }

  @Test
  void a_list_of_lists_is_taken_in_its_order_with_comments_and_a_trailing_comma() {
    assertThat(
            expand(
                """
                [ # the second first
                  ["layer1.0.conv1", "layer1.0.bn1"],
                  ["conv1", "bn1"],
                ]
                """,
                RESIDUAL))
        .containsExactly(List.of("layer1.0.conv1", "layer1.0.bn1"), List.of("conv1", "bn1"));
  }

  @Test
  void wildcards_of_a_group_stand_for_the_same_text_in_each_name() {
    assertThat(expand("[[\"layer*.*.conv{n}\", \"layer*.*.bn{n}\"]]", RESIDUAL))
        .containsExactly(
            List.of("layer1.0.conv1", "layer1.0.bn1"),
            List.of("layer1.0.conv2", "layer1.0.bn2"),
            List.of("layer2.0.conv1", "layer2.0.bn1"));
  }

  @Test
  void two_stars_at_the_beginning_stand_for_any_number_of_segments() {
    assertThat(expand("[[\"**.conv1\", \"**.bn1\"]]", RESIDUAL))
        .containsExactly(
            List.of("conv1", "bn1"),
            List.of("layer1.0.conv1", "layer1.0.bn1"),
            List.of("layer2.0.conv1", "layer2.0.bn1"));
  }

  @Test
  void an_optional_module_joins_where_the_model_has_it() {
    assertThat(expand("[[\"layer*.0.conv1\", \"layer*.0.bn1\", \"layer*.0.relu?\"]]", RESIDUAL))
        .containsExactly(
            List.of("layer1.0.conv1", "layer1.0.bn1"),
            List.of("layer2.0.conv1", "layer2.0.bn1", "layer2.0.relu"));
  }

  @Test
  void an_optional_module_without_a_fuser_or_in_an_earlier_group_is_left_out() {
    List<String> names = List.of("a", "b", "hard", "relu", "c", "d");
    assertThat(expand("[[\"a\", \"b\", \"hard?\", \"relu?\"], [\"c\", \"d\", \"relu?\"]]", names))
        .containsExactly(List.of("a", "b", "relu"), List.of("c", "d"));
  }

  @Test
  void a_pattern_that_fits_nothing_is_an_error_that_names_it() {
    assertThatThrownBy(() -> expand("[[\"block*.conv\", \"block*.bn\"]]", RESIDUAL))
        .isInstanceOf(ModuleListException.class)
        .hasMessageContainingAll("[block*.conv, block*.bn]", "conv1, bn1, relu");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                    | the module list is empty",
        "[[]]                  | group 1 of the module list is empty",
        "[['a', 'b'], []]      | group 2 of the module list is empty",
        "'conv1'               | not the bare string",
        "['a', ['b', 'c']]     | not both",
        "[['a', ['b']]]        | a group holds names",
        "[['a', 'b']           | line 1, column 12: expected ',' or ']', found the end of the text",
        "[['a' 'b']]           | expected ',' or ']', found '\"'",
        "[['a', '']]           | is no name of a module",
        "[['a{', 'b']]         | is no name of a module",
        "[['a.*', 'b.*.*']]    | has a wildcard that 'a.*', the first of its group, has not",
      },
      quoteCharacter = '`')
  void number_22_what_is_no_list_of_groups_is_refused(String list, String message) {
    String text = list.replace('\'', '"');
    assertThatThrownBy(() -> expand(text, List.of("a.x", "b.x", "b.x.y")))
        .isInstanceOf(ModuleListException.class)
        .hasMessageContaining(message);
  }

  /** Each wildcard of a segment is another loop over it. */
  @Test
  void a_segment_of_many_wildcards_is_refused_and_a_name_of_many_segments_is_not() {
    assertThatThrownBy(() -> ModuleList.parse("[[\"*a*a*a*a\", \"b\"]]"))
        .isInstanceOf(ModuleListException.class)
        .hasMessageContaining("has 4 wildcards in one segment; at most 3 are matched");
    String deep = "a".repeat(100) + ".b.c.d.e.conv";
    assertThat(
            expand(
                "[[\"*.*.*.*.*.conv\", \"*.*.*.*.*.bn\"]]",
                List.of(deep, deep.replace("conv", "bn"))))
        .hasSize(1);
  }

  @Test
  void a_name_longer_than_any_module_has_is_refused_before_it_is_looked_for() {
    String name = "a".repeat(1024);
    assertThatThrownBy(() -> ModuleList.parse("[[\"" + name + "a\", \"b\"]]"))
        .isInstanceOf(ModuleListException.class)
        .hasMessageContaining("has 1025 characters; a name in a list has at most 1024");
    assertThat(ModuleList.parse("[[\"" + name + "\", \"b\"]]").isLiteral()).isTrue();
  }

  @Test
  void an_unknown_recipe_is_an_error_that_names_the_known_ones() {
    assertThatThrownBy(() -> ModuleList.recipe("vgg"))
        .isInstanceOf(ModuleListException.class)
        .hasMessageContainingAll("'vgg'", "mobilenet_v2", "resnet", "resnet18");
  }

  @Test
  void a_name_with_a_type_by_itself_is_declared_and_fuses_nothing() {
    ModuleList list =
        ModuleList.parse(
            "[[\"conv1\", \"bn1\"], [\"relu:ReLU6\"], [\"layer*.0.conv1?:Conv2d\"], [\"act?:ELU\"]]");
    ModuleList.Expansion expansion = list.expansion(directory(RESIDUAL));

    assertThat(expansion.groups()).containsExactly(List.of("conv1", "bn1"));
    assertThat(expansion.types()).isEmpty();
    assertThat(expansion.declared())
        .containsOnly(
            entry("relu", "ReLU6"),
            entry("layer1.0.conv1", "Conv2d"),
            entry("layer2.0.conv1", "Conv2d"));
    assertThat(expansion.unseen()).containsExactly("ELU");
  }

  @Test
  void an_optional_declaration_leaves_out_what_a_group_has_taken() {
    ModuleList list = ModuleList.parse("[[\"conv1\", \"bn1\", \"relu\"], [\"**.relu?:ReLU6\"]]");

    assertThat(list.expansion(directory(RESIDUAL)).declared())
        .containsOnly(entry("layer2.0.relu", "ReLU6"));
  }

  @Test
  void a_declaration_that_fits_nothing_is_refused_and_so_are_two_of_one_module() {
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(() -> expand("[[\"conv1\", \"bn1\"], [\"**.act:ELU\"]]", RESIDUAL))
        .withMessageContaining("no modules of the model fit the declaration [**.act:ELU]");
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(
            () -> expand("[[\"conv1\", \"bn1\"], [\"relu:ELU\"], [\"**.relu:ReLU6\"]]", RESIDUAL))
        .withMessageContaining("'relu' is declared a ELU and a ReLU6");
  }

  @Test
  void a_condition_keeps_a_group_out_where_a_module_is_missing_or_there() {
    assertThat(expand("[[\"layer*.*.conv1\", \"layer*.*.bn1\", \"layer*.*.bn2&\"]]", RESIDUAL))
        .containsExactly(List.of("layer1.0.conv1", "layer1.0.bn1"));
    assertThat(expand("[[\"layer*.*.conv1\", \"layer*.*.bn1\", \"layer*.*.bn2!\"]]", RESIDUAL))
        .containsExactly(List.of("layer2.0.conv1", "layer2.0.bn1"));
  }

  @Test
  void an_identity_is_no_norm_to_a_condition() {
    ModuleDirectory model =
        new ModuleDirectory() {
          @Override
          public List<String> names() {
            return List.of("conv_head", "norm_head", "bn2");
          }

          @Override
          public boolean isFusable(List<String> group) {
            return true;
          }

          @Override
          public boolean isBare(String name) {
            return name.equals("norm_head");
          }
        };

    assertThat(
            ModuleList.parse(
                    "[[\"conv_head\", \"bn2\", \"norm_head!\"], [\"bn2\", \"conv_head\"]]")
                .expand(model))
        .containsExactly(List.of("conv_head", "bn2"), List.of("bn2", "conv_head"));
    assertThatExceptionOfType(ModuleListException.class)
        .isThrownBy(
            () ->
                ModuleList.parse("[[\"conv_head\", \"norm_head\", \"norm_head&\"]]").expand(model))
        .withMessageContaining("no modules of the model fit the group");
  }
}
