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
package dev.fusewright.core.companion;

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.NamePrefix;
import dev.fusewright.core.state.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where in a state dict the parameters of a companion graph are.
 *
 * @param graph without what a wrapper that was exported put before its names, where the state dict
 *     has none
 * @param prefix before every name of the state dict, which the graph's names do not have
 */
public record CompanionPlace(CompanionGraph graph, String prefix) {
  private static final int MOST_DIFFERENCES = 10;
  private static final int MOST_CANDIDATES = 64;

  /**
   * The place at which a graph and a state dict agree.
   *
   * @param name of the state dict, for a refusal
   * @throws ModuleListException if they agree at none, or at two
   */
  public static CompanionPlace of(CompanionGraph graph, StateDict state, String name) {
    List<String> fewest = null;
    for (CompanionGraph form : forms(graph)) {
      for (String prefix : NamePrefix.common(state)) {
        List<String> differences = form.differences(state, prefix);
        if (differences.isEmpty()) {
          return new CompanionPlace(form, prefix);
        }
        fewest = fewest == null || differences.size() < fewest.size() ? differences : fewest;
      }
      List<String> fits =
          candidates(form, state).stream()
              .filter(prefix -> form.differences(state, prefix).isEmpty())
              .toList();
      if (fits.size() > 1) {
        throw ModuleListException.of(
            Reason.AMBIGUOUS_PREFIX,
            "the graph is of what stands behind %s in %s: write a module list with full names",
            fits.stream().sorted().limit(4).collect(Collectors.joining("' and behind '", "'", "'")),
            name);
      }
      if (fits.size() == 1) {
        return new CompanionPlace(form, fits.get(0));
      }
    }
    List<String> differences = fewest == null ? List.of() : fewest;
    int more = differences.size() - MOST_DIFFERENCES;
    throw ModuleListException.of(
        Reason.OTHER_GRAPH,
        "the graph is not of the model of %s: %s%s",
        name,
        differences.stream().limit(MOST_DIFFERENCES).collect(Collectors.joining("; ")),
        more > 0 ? "; and " + more + " more" : "");
  }

  private static List<CompanionGraph> forms(CompanionGraph graph) {
    List<CompanionGraph> forms = new ArrayList<>(List.of(graph));
    graph.unwrapped().ifPresent(forms::add);
    return forms;
  }

  /** What stands before the graph's first parameter in names of the state dict. */
  private static Set<String> candidates(CompanionGraph graph, StateDict state) {
    Set<String> prefixes = new LinkedHashSet<>();
    Optional<Initializer> first = graph.firstParameter();
    if (first.isPresent()) {
      String end = "." + first.get().name();
      state.tensors().keySet().stream()
          .filter(name -> name.endsWith(end))
          .limit(MOST_CANDIDATES)
          .forEach(name -> prefixes.add(name.substring(0, name.length() - end.length() + 1)));
    }
    return prefixes;
  }
}
