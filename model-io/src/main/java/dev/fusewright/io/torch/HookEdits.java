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
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickledModule.Hooks;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The hooks of modules as they become, and the operations that make them so. */
final class HookEdits {
  private final Map<Instance, Map<Hooks, List<Dict.Item>>> hooks = new LinkedHashMap<>();

  /** The hooks of a module at this moment; changes to the list are edits. */
  List<Dict.Item> of(PickledModule module, Hooks kind) {
    return hooks
        .computeIfAbsent(
            module.object(),
            object -> {
              Map<Hooks, List<Dict.Item>> kinds = new EnumMap<>(Hooks.class);
              for (Hooks each : Hooks.values()) {
                kinds.put(each, new ArrayList<>(module.hooks(each)));
              }
              return kinds;
            })
        .computeIfAbsent(kind, each -> new ArrayList<>());
  }

  /** Adds a hook behind the others. */
  void append(PickledModule module, Hooks kind, PickleValue hook) {
    List<Dict.Item> own = of(module, kind);
    long key = -1;
    for (Dict.Item item : own) {
      if (item.key() instanceof Int number) {
        key = Math.max(key, number.value());
      }
    }
    own.add(new Dict.Item(new Int(key + 1), hook));
  }

  /** Adds the hook of an observer before the others. */
  void observe(PickledModule module) {
    List<Dict.Item> own = of(module, Hooks.FORWARD);
    List<Dict.Item> observing = QuantizerTail.observing(own);
    own.clear();
    own.addAll(observing);
  }

  /** Writes the hooks of the modules whose hooks changed. */
  void emit(PickleTail tail) {
    hooks.forEach((object, kinds) -> emit(object, kinds, tail));
  }

  private static void emit(Instance object, Map<Hooks, List<Dict.Item>> kinds, PickleTail tail) {
    PickledModule module =
        new PickledModule(
            "", object, object.state() instanceof Dict dict ? dict : new Dict(Dict.Kind.PLAIN));
    boolean isChanged = false;
    for (Map.Entry<Hooks, List<Dict.Item>> kind : kinds.entrySet()) {
      isChanged |= !module.hooks(kind.getKey()).equals(kind.getValue());
    }
    if (isChanged) {
      tail.addingTo(object);
      kinds.forEach(tail::hooks);
      tail.added();
    }
  }
}
