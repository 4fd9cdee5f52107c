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

import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Pairs of modules that look as if they could be fused: a layer, and the next module with
 * parameters a BatchNorm of as many channels.
 *
 * <p>For a person to choose from, and for nothing else: order and names lie. Between {@code conv3}
 * and {@code norm1} a ReLU may stand. Where the file speaks for a sum between two neighbours, they
 * are no suggestion.
 */
public final class PairSuggestions {
  private static final long MOST_CHANNELS = 1L << 20;

  /** A name, and the number in which it ends. */
  private static final Pattern NUMBER = Pattern.compile("^.*?([0-9]*)$");

  private PairSuggestions() {}

  /** The pairs, in order, as a module list would name them. */
  public static List<List<String>> of(StateDict state) {
    return isTrained(state) ? inside(state) : outside(modern(state));
  }

  /**
   * The pairs between whose members the file lists something that may compute, such as an
   * activation, with it in words. A ReLU does not count where the running means rule one out.
   */
  public static Map<List<String>, String> interrupted(StateDict state, List<List<String>> pairs) {
    StateDict modern = modern(state);
    Interruptions interruptions = new Interruptions(StateModules.of(modern), modern);
    Map<List<String>, String> interrupted = new LinkedHashMap<>();
    for (List<String> pair : pairs) {
      interruptions
          .between(pair.get(0), pair.get(1), means(state, pair) == Means.NEGATIVE)
          .ifPresent(what -> interrupted.put(pair, what));
    }
    return interrupted;
  }

  /**
   * Whether the layer of one of the pairs is taken for a Conv, and a ConvTranspose could have its
   * weight and would be folded another way.
   */
  public static boolean mayBeTransposed(StateDict state, List<List<String>> pairs) {
    StateDict modern = modern(state);
    StateModules modules = StateModules.of(modern);
    for (List<String> pair : pairs) {
      StateModule layer = modules.get(pair.get(0));
      StateModule norm = modules.get(pair.get(1));
      if (layer != null
          && norm != null
          && !modern.modules().containsKey(pair.get(0))
          && LayerShape.couldBeTransposed(layer, norm.shape("running_var").dim(0))) {
        return true;
      }
    }
    return false;
  }

  /** Modules that have no weight that could be folded, and what makes them plain; in words. */
  public static List<String> computed(StateDict state) {
    StateModules modules = StateModules.of(modern(state));
    Map<Reparametrization, List<String>> alike = new LinkedHashMap<>();
    for (StateModule module : modules.all()) {
      Reparametrization.of(modules, module)
          .ifPresent(
              how -> alike.computeIfAbsent(how, absent -> new ArrayList<>()).add(module.name()));
    }
    return alike.entrySet().stream()
        .map(
            entry ->
                "'%s'%s is %s, which %s makes a plain one"
                    .formatted(
                        entry.getValue().get(0),
                        entry.getValue().size() == 1
                            ? ""
                            : ", as %d more,".formatted(entry.getValue().size() - 1),
                        entry.getKey().words(),
                        entry.getKey().remedy()))
        .toList();
  }

  /** What the running means of a BatchNorm say of an activation before it. */
  public enum Means {
    /** One is negative: what a ReLU gives has none, so none stands before. */
    NEGATIVE,
    /** None is negative, and some are not zero: a ReLU may stand before. */
    NOT_NEGATIVE,
    /** All are zero, as before any training, or are not there to be read: nothing is known. */
    UNKNOWN
  }

  /** Whether prepare_qat made modules of a state dict that hold their BatchNorms themselves. */
  public static boolean isTrained(StateDict state) {
    return TrainedState.isIn(state) && !TrainedState.of(state).layers().isEmpty();
  }

  /** A layer that prepare_qat made holds its BatchNorm itself. */
  private static List<List<String>> inside(StateDict state) {
    return TrainedState.of(state).layers().stream()
        .map(layer -> List.of(layer, TrainedState.norm(layer)))
        .toList();
  }

  /** As it would be folded: without what prepare_qat added to weights and outputs. */
  private static StateDict modern(StateDict state) {
    StateDict modern = LegacyConvBn.modernized(state);
    return TrainedState.isIn(modern) && !isTrained(state)
        ? TrainedState.of(modern).state()
        : modern;
  }

  /** Whether a state dict has a BatchNorm: running statistics, of whatever form. */
  public static boolean hasNorms(StateDict state) {
    return state.entries().keySet().stream()
        .map(ModuleWords::last)
        .anyMatch(local -> local.equals("running_mean") || local.equals("running_var"));
  }

  private static List<List<String>> outside(StateDict state) {
    StateModules modules = StateModules.of(state);
    if (isAlphabetical(state)) {
      return alphabetical(modules);
    }
    List<List<String>> adjacent = adjacent(modules);
    ResidualBlocks blocks = new ResidualBlocks(modules);
    return adjacent.isEmpty()
        ? unordered(modules)
        : adjacent.stream().filter(pair -> !blocks.speakForSum(pair.get(0), pair.get(1))).toList();
  }

  /**
   * Whether names stand in alphabetical order, as {@code save_file} of safetensors writes them, and
   * so tell nothing of the order of the model. A module in its own order has its weight first.
   */
  public static boolean isAlphabetical(StateDict state) {
    List<String> names =
        state.tensors().keySet().stream()
            .filter(name -> !ModuleWords.last(name).equals("num_batches_tracked"))
            .toList();
    return names.size() > 1 && names.equals(names.stream().sorted().toList());
  }

  /** The neighbours that are not suggested, as something speaks for a sum between them. */
  public static List<List<String>> acrossSums(StateDict state) {
    if (isTrained(state) || isAlphabetical(modern(state))) {
      return List.of();
    }
    StateModules modules = StateModules.of(modern(state));
    ResidualBlocks blocks = new ResidualBlocks(modules);
    return adjacent(modules).stream()
        .filter(pair -> blocks.speakForSum(pair.get(0), pair.get(1)))
        .toList();
  }

  private static List<List<String>> adjacent(StateModules modules) {
    List<List<String>> adjacent = new ArrayList<>();
    StateModule before = null;
    for (StateModule module : modules.all()) {
      if (module.isEmpty()) {
        continue;
      }
      if (before != null
          && before.isLayer()
          && module.isNorm()
          && !modules.isContainer(before.name())
          && !isGapBetween(before.name(), module.name())
          && LayerShape.of(before, module.shape("running_var").dim(0), Set.of()).isPresent()) {
        adjacent.add(List.of(before.name(), module.name()));
      }
      before = module;
    }
    return adjacent;
  }

  /**
   * Where no pair stands side by side, the file may have another order than the model, as
   * safetensors files have: then a BatchNorm's candidate is the only layer beside it that has as
   * many channels.
   */
  private static List<List<String>> unordered(StateModules modules) {
    Map<Sibling, List<StateModule>> layers =
        modules.all().stream()
            .filter(StateModule::isLayer)
            .collect(
                Collectors.groupingBy(
                    layer -> new Sibling(parent(layer), layer.shape("weight").dim(0))));
    ResidualBlocks blocks = new ResidualBlocks(modules);
    List<List<String>> candidates = new ArrayList<>();
    for (StateModule norm : modules.all()) {
      if (norm.isNorm()) {
        List<StateModule> beside =
            layers.getOrDefault(
                new Sibling(parent(norm), norm.shape("running_var").dim(0)), List.of());
        if (beside.size() == 1
            && !blocks.speakForSum(beside.get(0).name(), norm.name())
            && !modules.hasChildren(beside.get(0).name())
            && !isGapBetween(beside.get(0).name(), norm.name())) {
          candidates.add(List.of(beside.get(0).name(), norm.name()));
        }
      }
    }
    return candidates;
  }

  /**
   * In alphabetical order a BatchNorm's candidate stands beside it: the member of a Sequential
   * before it, the only layer with its number, or else the only one that has as many channels.
   */
  private static List<List<String>> alphabetical(StateModules modules) {
    Map<String, List<StateModule>> layers =
        modules.all().stream()
            .filter(StateModule::isLayer)
            .filter(layer -> !modules.hasChildren(layer.name()))
            .collect(Collectors.groupingBy(PairSuggestions::parent));
    Map<String, List<StateModule>> norms =
        modules.all().stream()
            .filter(StateModule::isNorm)
            .collect(Collectors.groupingBy(PairSuggestions::parent));
    ResidualBlocks blocks = new ResidualBlocks(modules);
    List<List<String>> candidates = new ArrayList<>();
    for (StateModule norm : modules.all()) {
      if (!norm.isNorm()) {
        continue;
      }
      List<StateModule> fitting =
          layers.getOrDefault(parent(norm), List.of()).stream()
              .filter(layer -> fits(layer, norm) && !isGapBetween(layer.name(), norm.name()))
              .toList();
      String number = number(norm);
      boolean isOnly =
          norms.getOrDefault(parent(norm), List.of()).stream()
                  .filter(other -> number(other).equals(number))
                  .count()
              == 1;
      List<StateModule> numbered =
          isIndex(norm) || number.isEmpty() || !isOnly
              ? List.of()
              : fitting.stream().filter(layer -> number(layer).equals(number)).toList();
      List<StateModule> chosen =
          numbered.isEmpty()
              ? fitting.stream().filter(layer -> isIndex(norm) || mayBelong(layer, norm)).toList()
              : numbered;
      if (chosen.size() == 1 && !blocks.speakForSum(chosen.get(0).name(), norm.name())) {
        candidates.add(List.of(chosen.get(0).name(), norm.name()));
      }
    }
    Map<String, Long> claims =
        candidates.stream()
            .collect(Collectors.groupingBy(pair -> pair.get(0), Collectors.counting()));
    return candidates.stream()
        .filter(pair -> Long.valueOf(1).equals(claims.get(pair.get(0))))
        .toList();
  }

  /** Other numbers speak against a pair. */
  private static boolean mayBelong(StateModule layer, StateModule norm) {
    return number(layer).isEmpty() || number(norm).isEmpty();
  }

  private static boolean fits(StateModule layer, StateModule norm) {
    return LayerShape.of(layer, norm.shape("running_var").dim(0), Set.of()).isPresent();
  }

  private static boolean isIndex(StateModule module) {
    return ModuleWords.last(module.name()).matches("[0-9]+");
  }

  /** In which a name ends; empty if in none. */
  private static String number(StateModule module) {
    return NUMBER.matcher(ModuleWords.last(module.name())).replaceFirst("$1");
  }

  /**
   * Whether a member of a Sequential without parameters stands between two others: between {@code
   * 0} and {@code 2} there is an activation.
   */
  private static boolean isGapBetween(String layer, String norm) {
    String one = ModuleWords.last(layer);
    String two = ModuleWords.last(norm);
    return one.matches("[0-9]{1,6}")
        && two.matches("[0-9]{1,6}")
        && Integer.parseInt(two) != Integer.parseInt(one) + 1;
  }

  /** The module that others lie in, and how many channels they have. */
  private record Sibling(String parent, long channels) {}

  private static String parent(StateModule module) {
    return module.name().substring(0, Math.max(0, module.name().lastIndexOf('.')));
  }

  /** What the statistics of a pair's BatchNorm say. */
  public static Means means(StateDict state, List<String> pair) {
    return modern(state)
        .tensor(pair.get(1) + ".running_mean")
        .filter(mean -> mean.type().isFoldable())
        .filter(mean -> mean.shape().elementCount() <= MOST_CHANNELS)
        .map(mean -> means(Tensors.doubles(mean, (int) MOST_CHANNELS)))
        .orElse(Means.UNKNOWN);
  }

  private static Means means(double[] channels) {
    if (Arrays.stream(channels).anyMatch(channel -> channel < 0)) {
      return Means.NEGATIVE;
    }
    return Arrays.stream(channels).anyMatch(channel -> channel > 0)
        ? Means.NOT_NEGATIVE
        : Means.UNKNOWN;
  }

  /**
   * Recipes that would fuse every one of the pairs, if the model is of their family.
   *
   * @param prefix before every name of the state dict that recipes do not write
   */
  public static List<String> recipes(StateDict state, String prefix) {
    StateModules modules = StateModules.of(modern(state));
    List<List<String>> candidates = outside(modern(state));
    StateDirectory directory =
        new StateDirectory(modules, FusionMode.EVAL, Set.of(), state.modules(), prefix);
    return candidates.isEmpty()
        ? List.of()
        : ModuleList.recipes().stream()
            .filter(recipe -> isEpsilonKnown(recipe, candidates, state.modules()))
            .filter(recipe -> pairs(recipe, directory, prefix).containsAll(candidates))
            .toList();
  }

  /**
   * A recipe with another eps than PyTorch's fits only what the file says has that eps: names tell
   * no eps.
   */
  private static boolean isEpsilonKnown(
      String recipe, List<List<String>> pairs, Map<String, DeclaredModule> declared) {
    OptionalDouble family = ModuleList.recipeEpsilon(recipe);
    boolean isOpen = ModuleList.isRecipeEpsilonOpen(recipe);
    return (family.isEmpty() && !isOpen)
        || pairs.stream()
            .map(pair -> declared.get(pair.get(1)))
            .allMatch(
                norm ->
                    norm != null
                        && norm.epsilon().isPresent()
                        && (isOpen || norm.epsilon().equals(family)));
  }

  private static Set<List<String>> pairs(String recipe, StateDirectory directory, String prefix) {
    Set<List<String>> pairs = new HashSet<>();
    List<List<String>> groups;
    try {
      groups = ModuleList.recipe(recipe).expand(directory);
    } catch (ModuleListException e) {
      // Nothing of the state dict is of this family.
      return Set.of();
    }
    for (List<String> group : groups) {
      pairs.add(group.stream().limit(2).map(name -> prefix + name).toList());
    }
    return pairs;
  }
}
