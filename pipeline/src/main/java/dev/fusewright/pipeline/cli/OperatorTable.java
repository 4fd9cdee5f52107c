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
package dev.fusewright.pipeline.cli;

import dev.fusewright.report.ModelSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The operators of a graph before and after, and what they compute. */
final class OperatorTable {
  private OperatorTable() {}

  /** Lines; none for a state dict. Those that stay as they are share one. */
  static List<String> of(ModelSize before, ModelSize after) {
    Map<String, Long> was = new TreeMap<>(before.getOperators());
    Map<String, Long> is = new TreeMap<>(after.getOperators());
    Set<String> names = new TreeSet<>(was.keySet());
    names.addAll(is.keySet());
    List<String> lines = new ArrayList<>();
    List<String> same = new ArrayList<>();
    for (String name : names) {
      long first = was.getOrDefault(name, 0L);
      long second = is.getOrDefault(name, 0L);
      if (first == second) {
        same.add(first + " " + name);
      } else {
        lines.add(
            String.format(
                Locale.ROOT,
                "         %,6d → %,6d  %+,d  %s",
                first,
                second,
                second - first,
                name));
      }
    }
    if (!lines.isEmpty()) {
      lines.add(0, "operators");
    }
    if (!same.isEmpty()) {
      lines.add("same     " + String.join(", ", same));
    }
    Long adds = before.getMultiplyAdds();
    Long now = after.getMultiplyAdds();
    if (adds != null && now != null) {
      lines.add(
          adds.equals(now)
              ? String.format(Locale.ROOT, "computes %,d multiply-adds", adds)
              : String.format(Locale.ROOT, "computes %,d → %,d multiply-adds", adds, now));
    }
    return lines;
  }
}
