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
package dev.fusewright.core.modules;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What dotted names have in common at their beginnings. */
public final class CommonPrefix {
  private static final int LONGEST_CHAIN = 32;

  private CommonPrefix() {}

  /**
   * The prefixes of whole segments that all names have, the longest first and the empty one last:
   * {@code a.b.}, {@code a.} and none of {@code a.b.conv} and {@code a.b.bn}.
   */
  public static List<String> of(Collection<String> names) {
    String common = null;
    for (String name : names) {
      common = common == null ? name : shared(common, name);
    }
    List<String> prefixes = new ArrayList<>(List.of(""));
    String all = common == null ? "" : common;
    for (int dot = all.indexOf('.');
        dot >= 0 && prefixes.size() < LONGEST_CHAIN;
        dot = all.indexOf('.', dot + 1)) {
      prefixes.add(0, all.substring(0, dot + 1));
    }
    return prefixes;
  }

  private static String shared(String one, String other) {
    int length = 0;
    while (length < one.length()
        && length < other.length()
        && one.charAt(length) == other.charAt(length)) {
      length++;
    }
    return one.substring(0, length);
  }
}
