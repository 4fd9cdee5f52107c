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
package dev.fusewright.pipeline.audit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** The few largest of many, each with a number that it is held against. Ties go to the first. */
final class Top<T> {
  private final int most;
  private final TreeSet<Ranked<T>> ranked =
      new TreeSet<>(
          Comparator.<Ranked<T>>comparingDouble(item -> -item.size())
              .thenComparingLong(Ranked::number));
  private long added;

  private record Ranked<T>(double size, long number, T item) {}

  Top(int most) {
    this.most = most;
  }

  void add(double size, T item) {
    ranked.add(new Ranked<>(size, added++, item));
    if (ranked.size() > most) {
      ranked.pollLast();
    }
  }

  /** The largest first. */
  List<T> items() {
    List<T> items = new ArrayList<>();
    ranked.forEach(item -> items.add(item.item()));
    return items;
  }
}
