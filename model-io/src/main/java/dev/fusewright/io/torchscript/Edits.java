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
package dev.fusewright.io.torchscript;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What changes in one object, and in its class as far as this object goes. */
final class Edits {
  private final SortedSet<Splice> splices = new TreeSet<>();
  private final Map<String, Pickled> values = new LinkedHashMap<>();
  private final Map<String, String> places = new LinkedHashMap<>();
  private final Set<String> removed = new LinkedHashSet<>();

  SortedSet<Splice> splices() {
    return splices;
  }

  void splice(int start, int end, String text) {
    splices.add(new Splice(start, end, text));
  }

  /** Gives an attribute a value; a new one stands behind another. */
  void put(String attribute, Pickled value, String behind) {
    values.put(attribute, value);
    places.put(attribute, behind);
  }

  void remove(String attribute) {
    removed.add(attribute);
  }

  Set<String> removed() {
    return removed;
  }

  boolean changesState() {
    return !values.isEmpty() || !removed.isEmpty();
  }

  /** The attributes as they are then. */
  Pickled.Mapping state(Pickled.Mapping old) {
    Pickled.Mapping state = new Pickled.Mapping();
    List<Pickled> items = new ArrayList<>();
    Set<String> there = new LinkedHashSet<>();
    old.entries().forEach(entry -> there.add(entry.name()));
    for (Pickled.Entry entry : old.entries()) {
      if (!removed.contains(entry.name())) {
        items.add(entry.key());
        items.add(values.getOrDefault(entry.name(), entry.value()));
      }
      places.forEach(
          (attribute, behind) -> {
            if (behind.equals(entry.name()) && !there.contains(attribute)) {
              items.add(TreeEdit.text(attribute));
              items.add(Objects.requireNonNull(values.get(attribute)));
            }
          });
    }
    state.fill(items, items.isEmpty() ? Pickled.Filling.NONE : Pickled.Filling.MARKED);
    if (old.isMemoized()) {
      state.memoize();
    }
    return state;
  }
}
