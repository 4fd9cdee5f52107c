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

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The modules without parameters that a file lists between two neighbours, such as an activation
 * between a layer and its norm. Where a file lists none, nothing is known.
 */
final class Interruptions {
  private static final Set<String> PASSAGES =
      Set.of("Identity", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout");

  private static final String RELU = "ReLU";

  private final Map<String, Integer> positions = new HashMap<>();

  /** In words, by position. */
  private final NavigableMap<Integer, String> rectifiers = new TreeMap<>();

  private final NavigableMap<Integer, String> others = new TreeMap<>();

  Interruptions(StateModules modules, StateDict state) {
    for (StateModule module : modules.all()) {
      String name = module.name();
      positions.put(name, positions.size());
      DeclaredModule said = state.modules().get(name);
      if (module.isEmpty() && !modules.hasChildren(name) && !isPassage(name, said)) {
        NavigableMap<Integer, String> alike = isRectifier(name, said) ? rectifiers : others;
        alike.put(
            positions.size() - 1,
            said == null
                ? "'%s', without parameters,".formatted(name)
                : "'%s', a %s,".formatted(name, said.type()));
      }
    }
  }

  private static boolean isPassage(String name, @Nullable DeclaredModule said) {
    return said == null ? ModuleWords.speakForPassage(name) : PASSAGES.contains(said.type());
  }

  private static boolean isRectifier(String name, @Nullable DeclaredModule said) {
    return said == null ? ModuleWords.speakForRectifier(name) : said.type().equals(RELU);
  }

  /**
   * A module between a layer and a norm behind it that may compute something.
   *
   * @param isRectifierRuledOut whether a ReLU cannot stand there, whatever the order says
   * @return in words; empty if there is none
   */
  Optional<String> between(String layer, String norm, boolean isRectifierRuledOut) {
    Integer from = positions.get(layer);
    Integer to = positions.get(norm);
    if (from == null || to == null || from >= to) {
      return Optional.empty();
    }
    Optional<String> other = others.subMap(from, to).values().stream().findFirst();
    return other.isPresent() || isRectifierRuledOut
        ? other
        : rectifiers.subMap(from, to).values().stream().findFirst();
  }
}
