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

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The storages of a file that are overwritten in their own place, and those that are new. */
final class StorageEdits {
  private final Set<String> taken;
  private final Map<String, ComputedTensor> overwritten = new LinkedHashMap<>();
  private final Map<String, ComputedTensor> added = new LinkedHashMap<>();
  private long next;

  /** No edits yet of a file with these storages. */
  StorageEdits(Set<String> keys) {
    this.taken = new HashSet<>(keys);
  }

  void overwrite(String key, ComputedTensor tensor) {
    overwritten.put(key, tensor);
  }

  /** The key of a new storage: the smallest number that no storage has. */
  String add(ComputedTensor tensor) {
    while (!taken.add(String.valueOf(next))) {
      next++;
    }
    String key = String.valueOf(next);
    added.put(key, tensor);
    return key;
  }

  /** What a storage is overwritten with; null if it stays. */
  @Nullable ComputedTensor overwriting(String key) {
    return overwritten.get(key);
  }

  /** The new storages by key, in order. */
  Map<String, ComputedTensor> added() {
    return Collections.unmodifiableMap(added);
  }
}
