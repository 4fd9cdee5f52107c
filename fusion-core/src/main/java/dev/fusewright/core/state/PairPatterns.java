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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes pairs as a module list would: those whose names differ in numbers only as one pattern, if
 * it fits these pairs and no other modules.
 */
public final class PairPatterns {
  private static final Pattern NUMBERED = Pattern.compile("(.*[^0-9])([0-9]+)");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private PairPatterns() {}

  /**
   * The groups of a list that stands for these pairs, in their order.
   *
   * @param pairs full names, a layer and its BatchNorm
   * @param prefix before every name of the state dict that lists do not write
   */
  public static List<List<String>> of(List<List<String>> pairs, StateDict state, String prefix) {
    List<List<String>> written =
        pairs.stream()
            .map(
                pair ->
                    pair.stream()
                        .map(
                            name ->
                                name.startsWith(prefix) ? name.substring(prefix.length()) : name)
                        .toList())
            .toList();
    Map<List<String>, List<List<String>>> alike = new LinkedHashMap<>();
    for (List<String> pair : written) {
      alike.computeIfAbsent(general(pair), absent -> new ArrayList<>()).add(pair);
    }
    StateModules modules = StateModules.of(LegacyConvBn.modernized(state));
    StateDirectory directory =
        new StateDirectory(modules, FusionMode.EVAL, Set.of(), state.modules(), prefix);
    List<List<String>> groups = new ArrayList<>();
    alike.forEach(
        (pattern, fitting) -> {
          if (fitting.size() > 1 && fits(pattern, fitting, directory)) {
            groups.add(pattern);
          } else {
            groups.addAll(fitting);
          }
        });
    return groups;
  }

  private static boolean fits(
      List<String> pattern, List<List<String>> pairs, StateDirectory directory) {
    try {
      List<List<String>> expanded = ModuleList.of(List.of(pattern)).expand(directory);
      return new HashSet<>(expanded).equals(new HashSet<>(pairs));
    } catch (ModuleListException e) {
      // Names that are no patterns.
      return false;
    }
  }

  /** With wildcards for the numbers of the common parent, and for one that both end in. */
  private static List<String> general(List<String> pair) {
    String layer = pair.get(0);
    String norm = pair.get(1);
    String parent = layer.substring(0, layer.lastIndexOf('.') + 1);
    if (!parent.equals(norm.substring(0, norm.lastIndexOf('.') + 1))) {
      return pair;
    }
    String general = NUMBER.matcher(parent).replaceAll("*");
    Matcher first = NUMBERED.matcher(ModuleWords.last(layer));
    Matcher second = NUMBERED.matcher(ModuleWords.last(norm));
    if (first.matches() && second.matches() && first.group(2).equals(second.group(2))) {
      return List.of(general + first.group(1) + "{n}", general + second.group(1) + "{n}");
    }
    return List.of(general + ModuleWords.last(layer), general + ModuleWords.last(norm));
  }
}
