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

import java.util.IdentityHashMap;

/** How often a pickle names each of its storages. */
final class UseCounts {
  private final IdentityHashMap<TorchStorage, Integer> counts = new IdentityHashMap<>();

  /** The storage, counted. */
  TorchStorage used(TorchStorage storage) {
    counts.merge(storage, 1, Integer::sum);
    return storage;
  }

  int of(TorchStorage storage) {
    return counts.getOrDefault(storage, 0);
  }
}
