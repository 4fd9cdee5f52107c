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

import dev.fusewright.core.plan.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Scanner;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The recipes that come with Fusewright, one file per family beside this class; {@code models.list}
 * says which models each is for.
 */
final class Recipes {
  private static final String OPEN = "?";

  private Recipes() {}

  /** The names of all. */
  static Set<String> names() {
    return new TreeSet<>(byModel().values());
  }

  /** The text of a recipe, by its own name or that of a model. */
  static String text(String name) {
    Map<String, String> byModel = byModel();
    String recipe = recipe(name);
    Set<String> recipes = names();
    if (!recipes.contains(recipe)) {
      throw ModuleListException.of(
          Reason.NO_SUCH_RECIPE,
          "there is no recipe '%s'%s; there are %s, and each goes by the names of its models too, such as resnet18",
          name,
          byModel.keySet().stream()
              .filter(model -> plain(model).equals(plain(name)))
              .findFirst()
              .map(model -> ", but '" + model + "'")
              .orElse(""),
          String.join(", ", recipes));
    }
    return resource(recipe + ".list");
  }

  /** Without what people write differently. */
  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /** The recipe of a model, or the name itself. */
  private static String recipe(String name) {
    Map<String, String> byModel = byModel();
    String exact = byModel.get(name);
    return exact != null ? exact : longest(byModel.keySet(), name).map(byModel::get).orElse(name);
  }

  /** The longest glob that a name fits. */
  private static Optional<String> longest(Set<String> globs, String name) {
    return globs.stream()
        .filter(glob -> glob.endsWith("*"))
        .filter(glob -> name.startsWith(glob.substring(0, glob.length() - 1)))
        .max(Comparator.comparing(String::length));
  }

  /**
   * The eps of the BatchNorms of a model, or of a whole family; empty if it is PyTorch's default,
   * or open. In a family whose models differ, the recipe's own name stands for those with the
   * default.
   */
  static OptionalDouble epsilon(String name) {
    return said(name)
        .filter(word -> !word.equals(OPEN))
        .map(word -> OptionalDouble.of(Double.parseDouble(word)))
        .orElseGet(OptionalDouble::empty);
  }

  /** Whether nobody knows the eps by the name alone. */
  static boolean isEpsilonOpen(String name) {
    return said(name).filter(OPEN::equals).isPresent();
  }

  private static Optional<String> said(String name) {
    Map<String, String> all =
        resource("epsilons.list")
            .lines()
            .map(line -> List.of(line.strip().split(" +")))
            .filter(words -> words.size() == 2)
            .collect(Collectors.toMap(words -> words.get(0), words -> words.get(1)));
    String model = all.get(name);
    return Optional.ofNullable(
        model != null
            ? model
            : longest(all.keySet(), name).map(all::get).orElse(all.get(recipe(name))));
  }

  /** The recipe of each model; a name that ends in {@code *} is of all that begin so. */
  static Map<String, String> byModel() {
    return resource("models.list")
        .lines()
        .map(line -> List.of(line.strip().split(" +")))
        .filter(words -> words.size() > 1 && !words.get(0).startsWith("#"))
        .flatMap(words -> words.stream().skip(1).map(model -> Map.entry(model, words.get(0))))
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                Map.Entry::getValue,
                (one, other) -> {
                  throw new IllegalStateException("a model has two recipes: " + one + ", " + other);
                },
                TreeMap::new));
  }

  private static String resource(String file) {
    try (Scanner text =
        new Scanner(
            Objects.requireNonNull(Recipes.class.getResourceAsStream("recipes/" + file), file),
            StandardCharsets.UTF_8)) {
      return text.useDelimiter("\\A").next();
    }
  }
}
