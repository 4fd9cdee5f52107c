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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Types that a list declares of modules by themselves: groups of one name with a type, which fuse
 * nothing.
 */
final class Declarations {
  private final Set<String> known;
  private final Map<String, String> types = new LinkedHashMap<>();
  private final Set<String> unseen = new TreeSet<>();

  /** For a model of these modules. */
  Declarations(Set<String> known) {
    this.known = known;
  }

  static boolean isOne(List<NamePattern> group) {
    return group.size() == 1 && group.get(0).type() != null;
  }

  /**
   * Adds one.
   *
   * @param taken names of earlier groups, which an optional declaration leaves out
   * @throws ModuleListException if nothing fits it, or of a module two types are declared
   */
  void add(NamePattern pattern, Set<String> taken) {
    String type = Objects.requireNonNull(pattern.type());
    List<String> names =
        pattern.isLiteral() && !pattern.isOptional()
            ? List.of(pattern.text())
            : known.stream().filter(name -> pattern.match(name).isPresent()).toList();
    if (names.isEmpty() && !pattern.isOptional()) {
      throw ModuleListException.of(
          Reason.NO_SUCH_MODULE,
          "no modules of the model fit the declaration [%s:%s]%s",
          pattern.text(),
          type,
          ModuleList.some(known));
    }
    if (names.isEmpty()) {
      unseen.add(type);
    }
    for (String name : names) {
      if (pattern.isOptional() && taken.contains(name)) {
        continue;
      }
      String before = types.put(name, type);
      if (before != null && !before.equals(type)) {
        throw ModuleListException.of(
            Reason.MALFORMED_LIST, "'%s' is declared a %s and a %s", name, before, type);
      }
    }
  }

  Map<String, String> types() {
    return types;
  }

  Set<String> unseen() {
    return unseen;
  }
}
