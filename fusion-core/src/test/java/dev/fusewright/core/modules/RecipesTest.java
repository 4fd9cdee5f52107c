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

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The golden file holds what torchvision's models are made of, and what their fuse_model fuses; it
 * is made by src/oracles/recipes_oracle.py.
 */
class RecipesTest {
  private record Golden(
      Map<String, String> plain, Map<String, String> quantizable, List<List<String>> groups) {}

  private static Golden golden(String model) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            RecipesTest.class.getResourceAsStream("/golden/torch/recipes.json"))) {
      Map<String, Golden> all =
          new Gson()
              .fromJson(
                  new InputStreamReader(in, StandardCharsets.UTF_8),
                  new TypeToken<Map<String, Golden>>() {}.getType());
      return Objects.requireNonNull(all.get(model));
    }
  }

  private static ModuleDirectory directory(Map<String, String> types) {
    return new ModuleDirectory() {
      @Override
      public List<String> names() {
        return List.copyOf(types.keySet());
      }

      @Override
      public boolean isFusable(List<String> group) {
        List<String> sequence = group.stream().map(name -> types.getOrDefault(name, "")).toList();
        return TorchSequences.module(sequence, FusionMode.EVAL).isPresent();
      }
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resnet18",
        "resnet50",
        "mobilenet_v2",
        "mobilenet_v3_large",
        "shufflenet_v2_x0_5",
        "googlenet",
        "inception_v3"
      })
  void a_recipe_fuses_exactly_what_the_quantizable_model_fuses(String model) throws IOException {
    Golden golden = golden(model);

    assertThat(ModuleList.recipe(model).expand(directory(golden.quantizable())))
        .containsExactlyInAnyOrderElementsOf(golden.groups());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resnet18",
        "resnet50",
        "mobilenet_v2",
        "mobilenet_v3_large",
        "shufflenet_v2_x0_5",
        "googlenet",
        "inception_v3"
      })
  void a_recipe_takes_every_norm_of_the_plain_model_and_no_module_twice(String model)
      throws IOException {
    Map<String, String> types = golden(model).plain();
    List<String> listed =
        ModuleList.recipe(model).expand(directory(types)).stream().flatMap(List::stream).toList();

    Set<String> norms =
        types.keySet().stream()
            .filter(name -> Objects.equals(types.get(name), "BatchNorm2d"))
            .collect(Collectors.toSet());
    assertThat(new HashSet<>(listed)).containsAll(norms).hasSameSizeAs(listed);
  }

  @Test
  void every_model_of_the_list_has_a_recipe_that_can_be_read() {
    assertThat(Recipes.byModel()).hasSizeGreaterThan(15);
    Recipes.byModel().keySet().forEach(model -> assertThat(ModuleList.recipe(model)).isNotNull());
  }

  /** Made by src/oracles/library_pairs.py: which very tensor each BatchNorm takes. */
  @Test
  void recipes_of_other_libraries_name_the_pairs_that_their_models_compute() throws IOException {
    Map<String, JsonElement> models = libraries().asMap();
    assertThat(models).hasSizeGreaterThan(30);
    int pairs = 0;
    for (Map.Entry<String, JsonElement> model : models.entrySet()) {
      JsonObject facts = model.getValue().getAsJsonObject();
      Map<String, String> types = new LinkedHashMap<>();
      Map<String, String> expected = new LinkedHashMap<>();
      walk("", facts.getAsJsonObject("tree"), types, expected);
      Map<String, String> found = new LinkedHashMap<>();
      for (List<String> group :
          ModuleList.recipe(facts.get("recipe").getAsString()).expand(directory(types))) {
        assertThat(found.put(group.get(1), group.get(0))).as("%s", group).isNull();
      }
      assertThat(found).as(model.getKey()).containsExactlyInAnyOrderEntriesOf(expected);
      assertThat(ModuleList.recipe(model.getKey()).expand(directory(types)))
          .as(model.getKey())
          .hasSize(expected.size());
      assertThat(Recipes.isEpsilonOpen(model.getKey())).as(model.getKey()).isFalse();
      assertThat(Recipes.epsilon(model.getKey()).orElse(1e-5))
          .as(model.getKey())
          .isEqualTo(facts.get("eps").getAsDouble());
      pairs += expected.size();
    }
    System.out.printf("%d models of other libraries, %d pairs%n", models.size(), pairs);
  }

  @Test
  void a_family_whose_models_differ_in_eps_leaves_it_open_and_its_models_do_not() {
    assertThat(Recipes.isEpsilonOpen("conv-bn")).isTrue();
    assertThat(Recipes.isEpsilonOpen("timm_efficientnet")).isTrue();
    assertThat(Recipes.epsilon("timm_efficientnet")).isEmpty();
    assertThat(Recipes.epsilon("timm/tf_efficientnet_b7")).hasValue(1e-3);
    assertThat(Recipes.epsilon("timm/efficientnet_b7")).hasValue(1e-5);
    assertThat(Recipes.isEpsilonOpen("resnet18")).isFalse();
    assertThat(Recipes.epsilon("resnet18")).isEmpty();
    assertThat(Recipes.epsilon("yolov8n")).hasValue(1e-3);
  }

  private static JsonObject libraries() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            RecipesTest.class.getResourceAsStream("/golden/torch/library_pairs.json"))) {
      return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
          .getAsJsonObject();
    }
  }

  private static void walk(
      String parent, JsonObject tree, Map<String, String> types, Map<String, String> layers) {
    for (Map.Entry<String, JsonElement> child : tree.entrySet()) {
      String name = parent.isEmpty() ? child.getKey() : parent + "." + child.getKey();
      if (child.getValue().isJsonObject()) {
        walk(name, child.getValue().getAsJsonObject(), types, layers);
        continue;
      }
      List<String> parts = List.of(child.getValue().getAsString().split("<"));
      types.put(name, parts.get(0));
      if (parts.size() > 1) {
        String layer = parts.get(1);
        layers.put(
            name,
            layer.startsWith("/")
                ? layer.substring(1)
                : parent.isEmpty() ? layer : parent + "." + layer);
      }
    }
  }
}
