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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is to be fused, by names: the {@code modules_to_fuse} of PyTorch's {@code fuse_modules},
 * where a name may be a pattern.
 *
 * <pre>
 *   ["conv1", "bn1", "relu"]                                        one group
 *   [["conv1", "bn1", "relu"], ["layer1.0.conv2", "layer1.0.bn2"]]  several groups
 *   [["layer*.*.conv{n}", "layer*.*.bn{n}"]]                        every such pair
 *   [["features.*.0", "features.*.1", "features.*.2?"]]             with the third where that fuses
 * </pre>
 *
 * Within a group the first, second, … {@code *} of each name stand for the same text, and so does
 * {@code {n}}. A name that ends in {@code ?} is left out where the model has no such module, where
 * it stands in an earlier group, or where the sequence with it has no fuser. A group with wildcards
 * stands for every tuple of modules that fits, in the model's order. Behind a colon a name may
 * declare its type, {@code up:ConvTranspose2d}: for files that do not say it. A group of one such
 * name fuses nothing: it declares the type of a module, or of all that fit, by itself. A name that
 * ends in {@code &} is a condition: the group is there only where the model has such a module; with
 * {@code !}, only where it has none.
 */
public final class ModuleList {
  private static final int DEEPEST_PREFIX = 32;

  private final String origin;
  private final List<List<NamePattern>> groups;
  private final Matching matching;

  /** Whether a pattern may fit nothing. */
  private enum Matching {
    /** A person wrote it for this model: each group must fit something. */
    EACH_GROUP,
    /** A recipe for a family: some group must fit. */
    SOME_GROUP
  }

  private ModuleList(String origin, List<List<NamePattern>> groups, Matching matching) {
    this.origin = origin;
    this.groups = groups;
    this.matching = matching;
  }

  /**
   * A list of groups.
   *
   * @throws ModuleListException if the list or a group is empty, or a name is no name
   */
  public static ModuleList of(List<List<String>> groups) {
    return of("module list", groups, Matching.EACH_GROUP);
  }

  private static ModuleList of(String origin, List<List<String>> groups, Matching matching) {
    if (groups.isEmpty()) {
      throw ModuleListException.of(Reason.EMPTY_GROUP, "the module list is empty");
    }
    List<List<NamePattern>> patterns = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      if (groups.get(i).isEmpty()) {
        throw ModuleListException.of(
            Reason.EMPTY_GROUP, "group %d of the module list is empty", i + 1);
      }
      patterns.add(groups.get(i).stream().map(NamePattern::of).toList());
    }
    return new ModuleList(origin, List.copyOf(patterns), matching);
  }

  /**
   * A list as text: a JSON array of strings, which is one group, or an array of such arrays.
   *
   * @throws ModuleListException saying where the text is wrong
   */
  public static ModuleList parse(String text) {
    return of(groups(ListSyntax.read(text)));
  }

  /**
   * The recipe for a family of models.
   *
   * @param name of a recipe ({@code resnet}) or of one of its models ({@code resnet18})
   * @throws ModuleListException naming the recipes there are, if there is no such one
   */
  public static ModuleList recipe(String name) {
    String text = Recipes.text(name);
    return of("recipe " + name, groups(ListSyntax.read(text)), Matching.SOME_GROUP);
  }

  /** The names of all recipes, in alphabetical order. */
  public static Set<String> recipes() {
    return Recipes.names();
  }

  /**
   * The eps that a recipe's BatchNorms have, for files that do not hold it; empty if it is
   * PyTorch's default.
   *
   * @param name of a recipe or of one of its models
   */
  public static OptionalDouble recipeEpsilon(String name) {
    return Recipes.epsilon(name);
  }

  /**
   * Whether models of a recipe have different eps, which their names do not tell, so that somebody
   * must say it.
   *
   * @param name of a recipe or of one of its models
   */
  public static boolean isRecipeEpsilonOpen(String name) {
    return Recipes.isEpsilonOpen(name);
  }

  private static List<List<String>> groups(ListSyntax.Item list) {
    if (!(list instanceof ListSyntax.Item.Items items)) {
      throw ModuleListException.of(
          Reason.MALFORMED_LIST,
          "a module list is a list of names or a list of such lists, not the bare string \"%s\"",
          ((ListSyntax.Item.Text) list).value());
    }
    if (!items.values().isEmpty()
        && items.values().stream().allMatch(ListSyntax.Item.Text.class::isInstance)) {
      return List.of(names(items));
    }
    List<List<String>> groups = new ArrayList<>();
    for (ListSyntax.Item item : items.values()) {
      if (item instanceof ListSyntax.Item.Items group) {
        groups.add(names(group));
      } else {
        throw ModuleListException.of(
            Reason.MALFORMED_LIST,
            "a module list holds names or lists of names, not both: \"%s\" stands between lists",
            ((ListSyntax.Item.Text) item).value());
      }
    }
    return groups;
  }

  private static List<String> names(ListSyntax.Item.Items group) {
    List<String> names = new ArrayList<>();
    for (ListSyntax.Item item : group.values()) {
      if (!(item instanceof ListSyntax.Item.Text text)) {
        throw ModuleListException.of(
            Reason.MALFORMED_LIST, "a group holds names, and no further lists");
      }
      names.add(text.value());
    }
    return names;
  }

  /**
   * The groups with every pattern spelled out.
   *
   * @throws ModuleListException naming the pattern, if nothing fits it
   */
  public List<List<String>> expand(ModuleDirectory model) {
    return expansion(model).groups();
  }

  /** Whether every name is written out, without wildcards. */
  public boolean isLiteral() {
    return groups.stream().allMatch(ModuleList::isLiteral);
  }

  /**
   * What stands before names of the list in those of a model, in the model's order; nothing is said
   * of whether all of the list fits there.
   */
  public Set<String> prefixes(ModuleDirectory model) {
    for (List<NamePattern> group : groups) {
      Set<String> prefixes = new LinkedHashSet<>();
      if (!group.get(0).isAnywhere()) {
        Pattern form = group.get(0).form();
        model.names().forEach(name -> addPrefixes(name, form, prefixes));
      }
      if (!prefixes.isEmpty()) {
        return prefixes;
      }
    }
    return Set.of();
  }

  private static void addPrefixes(String name, Pattern form, Set<String> prefixes) {
    if (name.length() > NamePattern.LONGEST) {
      return;
    }
    Matcher matcher = form.matcher(name);
    int start = 0;
    for (int depth = 0; depth < DEEPEST_PREFIX; depth++) {
      if (matcher.region(start, name.length()).matches()) {
        prefixes.add(name.substring(0, start));
      }
      int dot = name.indexOf('.', start);
      if (dot < 0) {
        return;
      }
      start = dot + 1;
    }
  }

  /**
   * A list spelled out.
   *
   * @param groups of names
   * @param types that the list declares of modules of its groups, by name
   * @param declared types of modules that stand in no group, by name
   * @param unseen types that are declared of modules that the model has not
   */
  public record Expansion(
      List<List<String>> groups,
      Map<String, String> types,
      Map<String, String> declared,
      Set<String> unseen) {
    /** Copies. */
    public Expansion {
      groups = List.copyOf(groups);
      types = Map.copyOf(types);
      declared = Map.copyOf(declared);
      unseen = Set.copyOf(unseen);
    }
  }

  /**
   * The groups with every pattern spelled out, and the types that the list declares.
   *
   * @throws ModuleListException naming the pattern, if nothing fits it, or a module of which two
   *     types are declared
   */
  public Expansion expansion(ModuleDirectory model) {
    Map<String, String> types = new LinkedHashMap<>();
    List<List<String>> expanded = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    Set<String> known = new LinkedHashSet<>(model.names());
    Declarations declarations = new Declarations(known);
    for (List<NamePattern> group : groups) {
      if (Declarations.isOne(group)) {
        declarations.add(group.get(0), taken);
        continue;
      }
      int before = expanded.size();
      if (isLiteral(group)) {
        boolean mayBe =
            group.stream()
                .filter(pattern -> !isFused(pattern))
                .allMatch(pattern -> pattern.allows(pattern.with(Map.of(), pattern), known, model));
        if (mayBe && (matching == Matching.EACH_GROUP || known.contains(group.get(0).text()))) {
          expanded.add(spelled(group, Map.of(), model, known, taken, types));
        }
      } else {
        expandInto(expanded, group, model, known, taken, types);
      }
      if (matching == Matching.EACH_GROUP && expanded.size() == before) {
        throw ModuleListException.of(
            Reason.NO_SUCH_MODULE,
            "no modules of the model fit the group [%s]%s",
            String.join(", ", group.stream().map(NamePattern::text).toList()),
            some(known));
      }
    }
    if (expanded.isEmpty()) {
      throw ModuleListException.of(
          Reason.NO_SUCH_MODULE, "no modules of the model fit the %s%s", origin, some(known));
    }
    return new Expansion(expanded, types, declarations.types(), declarations.unseen());
  }

  static String some(Set<String> known) {
    return known.isEmpty()
        ? "; the model names no modules: its nodes have no scopes, and its parameters no module names"
        : "; its modules are " + String.join(", ", known.stream().limit(8).toList()) + ", …";
  }

  private static boolean isFused(NamePattern pattern) {
    return switch (pattern.role()) {
      case MEMBER, OPTIONAL -> true;
      case PRESENT, ABSENT -> false;
    };
  }

  private static boolean isLiteral(List<NamePattern> group) {
    return group.stream().allMatch(NamePattern::isLiteral);
  }

  private static void expandInto(
      List<List<String>> expanded,
      List<NamePattern> group,
      ModuleDirectory model,
      Set<String> known,
      Set<String> taken,
      Map<String, String> types) {
    NamePattern first = group.get(0);
    for (String name : model.names()) {
      Optional<Map<String, String>> bound = first.match(name);
      if (bound.isPresent()
          && group.stream()
              .allMatch(
                  pattern -> pattern.allows(pattern.with(bound.get(), first), known, model))) {
        expanded.add(spelled(group, bound.get(), model, known, taken, types));
      }
    }
  }

  private static List<String> spelled(
      List<NamePattern> group,
      Map<String, String> bound,
      ModuleDirectory model,
      Set<String> known,
      Set<String> taken,
      Map<String, String> types) {
    List<String> names = new ArrayList<>();
    for (NamePattern pattern : group) {
      if (!isFused(pattern)) {
        continue;
      }
      String name = pattern.with(bound, group.get(0));
      if (pattern.isOptional() && (!known.contains(name) || taken.contains(name))) {
        continue;
      }
      names.add(name);
      if (pattern.isOptional() && !model.isFusable(names)) {
        names.remove(names.size() - 1);
      } else if (pattern.type() != null) {
        declare(name, pattern.type(), types);
      }
    }
    taken.addAll(names);
    return names;
  }

  private static void declare(String name, String type, Map<String, String> types) {
    String before = types.put(name, type);
    if (before != null && !before.equals(type)) {
      throw ModuleListException.of(
          Reason.MALFORMED_LIST, "'%s' is declared a %s and a %s", name, before, type);
    }
  }
}
