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
package dev.fusewright.core.verify.structure;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.verdict.Assumption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A second model whose inputs and outputs are called as those of the first at their places. Where
 * programs of PyTorch are compared their names mean nothing: what is called {@code y} in an export
 * is called by its node, or not at all, in the program.
 *
 * @param candidate the second model, renamed where the names differed and the places fit
 * @param assumptions that the places mean the same; empty where nothing was renamed
 */
public record InterfaceByPlace(ModelGraph candidate, List<Assumption> assumptions) {
  /** Copies the list. */
  public InterfaceByPlace {
    assumptions = List.copyOf(assumptions);
  }

  /** The second model with its own names, where names are what counts. */
  public static InterfaceByPlace named(ModelGraph candidate) {
    return new InterfaceByPlace(candidate, List.of());
  }

  /**
   * Pairs by place. Models of which one has more inputs or outputs, or of which names meet at
   * different places, keep their names.
   */
  public static InterfaceByPlace of(ModelGraph original, ModelGraph candidate) {
    Map<String, String> names = new LinkedHashMap<>();
    boolean isPaired =
        pair(candidate.graph().requiredInputs(), original.graph().requiredInputs(), names)
            && pair(candidate.graph().outputs(), original.graph().outputs(), names);
    boolean isSame = names.entrySet().stream().allMatch(it -> it.getKey().equals(it.getValue()));
    boolean isOneToOne = Set.copyOf(names.values()).size() == names.size();
    if (!isPaired
        || isSame
        || !isOneToOne
        || meetsElsewhere(names)
        || RenamedModel.definesInBody(candidate.graph(), Set.copyOf(names.values()))) {
      return named(candidate);
    }
    Map.Entry<String, String> first =
        names.entrySet().stream()
            .filter(it -> !it.getKey().equals(it.getValue()))
            .findFirst()
            .orElseThrow();
    return new InterfaceByPlace(
        RenamedModel.withInterface(candidate, names),
        List.of(
            new Assumption(
                Assumption.Kind.DECLARED,
                "inputs and outputs stand for one another by their places, as '%s' for '%s'"
                    .formatted(first.getKey(), first.getValue()),
                "the order of inputs and outputs")));
  }

  /** Whether a name of one model is another place's name in the other. */
  private static boolean meetsElsewhere(Map<String, String> names) {
    return names.entrySet().stream()
        .anyMatch(it -> !it.getKey().equals(it.getValue()) && names.containsKey(it.getValue()));
  }

  /** Whether there are as many of both; a value at two places has one name. */
  private static boolean pair(
      List<ValueInfo> own, List<ValueInfo> others, Map<String, String> names) {
    if (own.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < own.size(); i++) {
      String other = others.get(i).name();
      String before = names.put(own.get(i).name(), other);
      if (before != null && !before.equals(other)) {
        return false;
      }
    }
    return true;
  }
}
