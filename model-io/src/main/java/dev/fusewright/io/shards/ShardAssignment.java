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
package dev.fusewright.io.shards;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The shard of each tensor of an edited state dict. A tensor stays where it was, by its name or, if
 * only its name is new, by itself. One that is new goes to the first tensor of its module, or of
 * the nearest module around that.
 */
final class ShardAssignment {
  private final ShardIndex index;
  private final Map<StateEntry, String> byEntry = new IdentityHashMap<>();
  private final Map<String, String> byModule = new HashMap<>();

  private ShardAssignment(ShardIndex index, StateDict original, StateDict edited) {
    this.index = index;
    Set<String> around = new HashSet<>();
    for (String name : edited.entries().keySet()) {
      if (!index.shardOf().containsKey(name)) {
        for (String module = module(name); !module.isEmpty(); module = module(module)) {
          around.add(module);
        }
      }
    }
    if (!around.isEmpty()) {
      original.entries().forEach((name, entry) -> note(name, entry, around));
    }
  }

  private void note(String name, StateEntry entry, Set<String> around) {
    String shard = index.shardOf().getOrDefault(name, "");
    byEntry.put(entry, shard);
    for (String module = module(name); !module.isEmpty(); module = module(module)) {
      if (around.contains(module)) {
        byModule.putIfAbsent(module, shard);
      }
    }
  }

  /** The shard of each tensor of {@code edited}, in its order. */
  static Map<String, String> of(ShardIndex index, StateDict original, StateDict edited) {
    ShardAssignment assignment = new ShardAssignment(index, original, edited);
    Map<String, String> shards = new LinkedHashMap<>();
    edited.entries().forEach((name, entry) -> shards.put(name, assignment.shard(name, entry)));
    return shards;
  }

  private String shard(String name, StateEntry entry) {
    String own = index.shardOf().get(name);
    if (own == null) {
      own = byEntry.get(entry);
    }
    for (String module = module(name); own == null && !module.isEmpty(); module = module(module)) {
      own = byModule.get(module);
    }
    return own == null ? index.shards().get(0) : own;
  }

  private static String module(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }
}
