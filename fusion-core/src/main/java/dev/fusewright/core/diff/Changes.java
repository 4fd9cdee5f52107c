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
package dev.fusewright.core.diff;

import java.util.List;

/**
 * Changes among the things of one kind, each named once.
 *
 * @param removed only in the first model
 * @param added only in the second
 * @param changed in both under the same name, and not the same
 */
public record Changes(List<String> removed, List<String> added, List<String> changed) {
  /** Copies the lists. */
  public Changes {
    removed = List.copyOf(removed);
    added = List.copyOf(added);
    changed = List.copyOf(changed);
  }

  /** Whether nothing became of them. */
  public boolean isEmpty() {
    return removed.isEmpty() && added.isEmpty() && changed.isEmpty();
  }
}
