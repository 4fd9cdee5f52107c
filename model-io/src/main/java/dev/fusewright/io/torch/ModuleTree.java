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
package dev.fusewright.io.torch;

import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Instance;
import dev.fusewright.io.torch.PickleValue.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The modules of a pickled module by their dotted names, the root's empty, in the order of {@code
 * named_modules()}; a module that stands in several places has several names.
 */
final class ModuleTree {
  private final Map<String, PickledModule> modules = new LinkedHashMap<>();
  private final IdentityHashMap<Instance, Integer> places = new IdentityHashMap<>();

  /** The tree below a module; {@link StateSearch} has been there before, and found its size fit. */
  ModuleTree(Instance root) {
    walk(root, "");
  }

  private void walk(Instance object, String name) {
    if (!(object.state() instanceof Dict attributes)) {
      return;
    }
    modules.put(name, new PickledModule(name, object, attributes));
    places.merge(object, 1, Integer::sum);
    if (attributes.get("_modules") instanceof Dict children) {
      for (Dict.Item item : children.items()) {
        if (item.key() instanceof Text key && item.value() instanceof Instance child) {
          walk(child, name.isEmpty() ? key.value() : name + "." + key.value());
        }
      }
    }
  }

  /** All of them, by name. */
  Map<String, PickledModule> modules() {
    return Collections.unmodifiableMap(modules);
  }

  Optional<PickledModule> at(String name) {
    return Optional.ofNullable(modules.get(name));
  }

  /** The module that holds another one; the root's is the root. */
  Optional<PickledModule> parent(String name) {
    return at(parentName(name));
  }

  static String parentName(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  /** The module's own name in its parent. */
  static String local(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Whether a module has one name only. */
  boolean isUnique(PickledModule module) {
    return places.getOrDefault(module.object(), 0) == 1;
  }

  /** Whether a module of this tree is one of another's too. */
  boolean overlaps(ModuleTree other) {
    return places.keySet().stream().anyMatch(other.places::containsKey);
  }

  /** Whether this is the tree of the very same object as another. */
  boolean isSame(ModuleTree other) {
    return at("")
        .flatMap(root -> other.at("").filter(it -> it.object() == root.object()))
        .isPresent();
  }

  /** The modules that hold a module, from the innermost. */
  List<PickledModule> ancestors(String name) {
    List<PickledModule> ancestors = new ArrayList<>();
    for (String at = name; !at.isEmpty(); ) {
      at = parentName(at);
      at(at).ifPresent(ancestors::add);
    }
    return ancestors;
  }

  /** The modules in a module, in their order. */
  List<PickledModule> children(PickledModule module) {
    String prefix = module.name().isEmpty() ? "" : module.name() + ".";
    List<PickledModule> children = new ArrayList<>();
    module
        .dict("_modules")
        .ifPresent(
            all ->
                all.items()
                    .forEach(
                        item ->
                            at(prefix + OpaqueCopier.keyText(item.key()))
                                .ifPresent(children::add)));
    return children;
  }
}
