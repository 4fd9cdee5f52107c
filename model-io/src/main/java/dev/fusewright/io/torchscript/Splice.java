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

import java.util.Collection;
import java.util.TreeSet;

/** Other text for a part of a file of code. */
record Splice(int start, int end, String text) implements Comparable<Splice> {
  @Override
  public int compareTo(Splice other) {
    int byStart = Integer.compare(start, other.start);
    int byEnd = byStart != 0 ? byStart : Integer.compare(end, other.end);
    return byEnd != 0 ? byEnd : text.compareTo(other.text);
  }

  boolean contains(Expression expression) {
    return start <= expression.start() && expression.end() <= end;
  }

  /**
   * A part of a text with some of it replaced.
   *
   * @throws IllegalArgumentException if two of them overlap
   */
  static String apply(String text, int start, int end, Collection<Splice> splices) {
    StringBuilder out = new StringBuilder();
    int at = start;
    for (Splice splice : new TreeSet<>(splices)) {
      if (splice.start() < at) {
        throw new IllegalArgumentException("edits that overlap");
      }
      out.append(text, at, splice.start()).append(splice.text());
      at = splice.end();
    }
    return out.append(text, at, end).toString();
  }
}
