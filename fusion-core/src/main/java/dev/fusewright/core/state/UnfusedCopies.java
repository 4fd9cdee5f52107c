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

import dev.fusewright.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Copies of the listed modules in the same state dict, such as an average of their weights: modules
 * of the same names and shapes behind another prefix, which a list does not name.
 */
final class UnfusedCopies {
  private final StateModules modules;
  private final Set<String> named;

  /** Parameters by the names of their modules, the list's common first name left out. */
  private final Map<String, StateModule> listed = new LinkedHashMap<>();

  /**
   * Copies of what a list names.
   *
   * @param groups what the list names
   * @param named full names of all that the list names
   */
  UnfusedCopies(StateModules modules, List<StateGroup> groups, Set<String> named) {
    this.modules = modules;
    this.named = named;
    Map<String, StateModule> full = new LinkedHashMap<>();
    for (StateGroup group : groups) {
      for (StateModule member : group.members()) {
        if (!member.isEmpty()) {
          full.put(member.name(), member);
        }
      }
    }
    int shared = sharedLength(full.keySet());
    full.forEach((name, module) -> listed.put(name.substring(shared), module));
  }

  /** The length of a first name, with its dot, that all of these have. */
  private static int sharedLength(Set<String> names) {
    if (names.isEmpty()) {
      return 0;
    }
    String first = names.iterator().next();
    String outermost = first.substring(0, first.indexOf('.') + 1);
    return names.stream().allMatch(name -> name.startsWith(outermost)) ? outermost.length() : 0;
  }

  /** What stands before the names of each copy. */
  Set<String> prefixes() {
    Set<String> prefixes = new TreeSet<>();
    if (listed.isEmpty()) {
      return prefixes;
    }
    String first = listed.keySet().iterator().next();
    for (StateModule module : modules.all()) {
      String name = module.name();
      if (!named.contains(name) && (name.equals(first) || name.endsWith("." + first))) {
        String prefix = name.substring(0, name.length() - first.length());
        if (isCopy(prefix)) {
          prefixes.add(prefix);
        }
      }
      if (isFlatCopy(module, withoutDots(first + ".weight"))) {
        prefixes.add(module.name() + ".");
      }
    }
    return prefixes;
  }

  private boolean isCopy(String prefix) {
    return listed.entrySet().stream()
        .allMatch(it -> isAlike(it.getValue(), modules.get(prefix + it.getKey())));
  }

  private boolean isAlike(StateModule module, @Nullable StateModule other) {
    return other != null
        && !named.contains(other.name())
        && other.entries().keySet().equals(module.entries().keySet())
        && other.shape("weight").equals(module.shape("weight"))
        && other.shape("running_var").equals(module.shape("running_var"));
  }

  /** Whether a module has all listed weights as buffers, named without dots, as LitEma does. */
  private boolean isFlatCopy(StateModule holder, String first) {
    return holder.entries().keySet().stream()
        .filter(local -> local.endsWith(first))
        .map(local -> local.substring(0, local.length() - first.length()))
        .anyMatch(
            before ->
                listed.entrySet().stream()
                    .filter(it -> it.getValue().tensor("weight").isPresent())
                    .allMatch(
                        it ->
                            holder
                                .tensor(before + withoutDots(it.getKey() + ".weight"))
                                .map(Tensor::shape)
                                .filter(it.getValue().shape("weight")::equals)
                                .isPresent()));
  }

  private static String withoutDots(String name) {
    return name.replace(".", "");
  }
}
