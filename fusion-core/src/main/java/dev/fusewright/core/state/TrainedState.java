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

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A state dict of modules that {@code prepare_qat} made, on the way back to float: PyTorch's {@code
 * to_float}, without the fakes of weights and outputs.
 *
 * <p>The modules of {@code torch.ao.nn.intrinsic.qat} hold their BatchNorm as a child {@code bn}.
 * Which name it had before nobody says, nor whether a ReLU stands behind: a list says both, or
 * calls the BatchNorm {@code conv1.bn}. Taken out, it is the BatchNorm of an ordinary state dict,
 * which is folded as any other.
 *
 * @param trained as the file has it, of version 1 as version 2 names it
 * @param state without fake-quantizers and observers, the BatchNorms still inside of their layers
 * @param layers names of the layers with a BatchNorm inside, in the file's order
 */
record TrainedState(StateDict trained, StateDict state, Set<String> layers) {
  /** The name of a weight's fake-quantizer in its layer. */
  static final String WEIGHT = "weight_fake_quant";

  private static final Pattern FAKE =
      Pattern.compile("(?s)(?:(.*?)\\.)?(?:weight_fake_quant|activation_post_process)(?:\\..*)?");
  private static final String NORM = ".bn";
  private static final long PLAIN = 1;

  /** Whether a state dict has a module whose weight is fake-quantized. */
  static boolean isIn(StateDict state) {
    return state.entries().keySet().stream().anyMatch(name -> name.contains("." + WEIGHT + "."));
  }

  /** Without what fake-quantizes; of version 1 as version 2 names it. */
  static TrainedState of(StateDict trained) {
    return of(LegacyConvBn.modernized(trained), name -> true);
  }

  /**
   * The same state dict, where a list names all BatchNorms that lie inside. Where it names some of
   * them, only the modules that begin a group go back to float, and all others stay as they are.
   *
   * @param groups of full names
   */
  TrainedState restrictedTo(List<List<String>> groups) {
    if (unnamed(groups).isEmpty()) {
      return this;
    }
    Set<String> first = new HashSet<>();
    groups.forEach(group -> first.add(group.get(0)));
    return of(trained, first::contains);
  }

  private static TrainedState of(StateDict modern, Predicate<String> isWanted) {
    Set<String> quantized = new LinkedHashSet<>();
    modern.entries().keySet().stream()
        .filter(name -> name.contains("." + WEIGHT + "."))
        .map(name -> name.substring(0, name.indexOf("." + WEIGHT + ".")))
        .filter(isWanted)
        .forEach(quantized::add);
    Map<String, StateEntry> entries = withoutFakes(modern.entries(), isWanted);
    Map<String, Long> versions = withoutFakes(modern.versions(), isWanted);
    versions.replaceAll((name, version) -> quantized.contains(name) ? PLAIN : version);
    Map<String, DeclaredModule> modules = withoutFakes(modern.modules(), isWanted);
    Set<String> layers = new LinkedHashSet<>();
    for (String layer : quantized) {
      if (entries.containsKey(layer + ".weight")
          && entries.containsKey(layer + NORM + ".running_var")) {
        layers.add(layer);
      }
    }
    return new TrainedState(modern, new StateDict(entries, versions, modules), layers);
  }

  private static <T> Map<String, T> withoutFakes(Map<String, T> facts, Predicate<String> isWanted) {
    Map<String, T> kept = new LinkedHashMap<>(facts);
    kept.keySet().removeIf(name -> owner(name).filter(isWanted).isPresent());
    return kept;
  }

  /** The module that a fake-quantizer or an observer belongs to; empty for anything else. */
  private static Optional<String> owner(String name) {
    Matcher fake = FAKE.matcher(name);
    return fake.matches()
        ? Optional.of(Objects.requireNonNullElse(fake.group(1), ""))
        : Optional.empty();
  }

  /** The name of the BatchNorm inside of a layer. */
  static String norm(String layer) {
    return layer + NORM;
  }

  /**
   * The state dict with each BatchNorm where a list has it.
   *
   * @param groups of full names; a second name that has no parameters, behind a layer with a
   *     BatchNorm inside, is what that BatchNorm was called
   * @throws ModuleListException if the second name behind such a layer is another module
   */
  StateDict named(List<List<String>> groups) {
    Map<String, String> names = new LinkedHashMap<>();
    for (List<String> group : groups) {
      String layer = group.get(0);
      if (group.size() > 1
          && layers.contains(layer)
          && !group.get(1).equals(norm(layer))
          && isKnown(group.get(1))) {
        if (!isBare(group.get(1)) || ModuleWords.speakForActivation(group.get(1))) {
          throw ModuleListException.of(
              Reason.NOT_FUSABLE_SEQUENCE,
              "[%s]: '%s' has its BatchNorm inside, and '%s' is none: list the BatchNorm second, as '%s' or by the name that it had",
              String.join(", ", group),
              layer,
              group.get(1),
              norm(layer));
        }
        names.put(norm(layer), group.get(1));
      }
    }
    return names.isEmpty() ? state : renamed(names);
  }

  private boolean isKnown(String module) {
    return !state.listsModules()
        || state.versions().containsKey(module)
        || state.modules().containsKey(module);
  }

  private boolean isBare(String module) {
    return state.entries().keySet().stream().noneMatch(name -> name.startsWith(module + "."));
  }

  private StateDict renamed(Map<String, String> names) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    state
        .entries()
        .forEach(
            (name, entry) -> {
              int dot = name.lastIndexOf('.');
              String module = dot < 0 ? "" : name.substring(0, dot);
              String moved = names.get(module);
              entries.put(moved == null ? name : moved + name.substring(dot), entry);
            });
    return new StateDict(entries, moved(state.versions(), names), moved(state.modules(), names));
  }

  /** In the place of the Identity that stood for the BatchNorm, or of the BatchNorm itself. */
  private static <T> Map<String, T> moved(Map<String, T> facts, Map<String, String> names) {
    Map<String, T> inside = new LinkedHashMap<>();
    names.forEach(
        (from, to) -> {
          T fact = facts.get(from);
          if (fact != null) {
            inside.put(to, fact);
          }
        });
    Map<String, T> moved = new LinkedHashMap<>();
    facts.forEach(
        (name, fact) -> {
          String to = names.get(name);
          if (to == null) {
            moved.put(name, inside.getOrDefault(name, fact));
          } else if (!facts.containsKey(to)) {
            moved.put(to, fact);
          }
        });
    return moved;
  }

  /**
   * The layers whose BatchNorms no group names.
   *
   * @param groups of full names
   */
  List<String> unnamed(List<List<String>> groups) {
    Set<String> named = new LinkedHashSet<>();
    groups.stream().filter(group -> group.size() > 1).forEach(group -> named.add(group.get(0)));
    return layers.stream().filter(layer -> !named.contains(layer)).toList();
  }
}
