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

import dev.fusewright.core.text.Amounts;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntFunction;

/** Counts of models in classes, for a plot with bars. */
final class Histogram {
  private static final double GAP = 0.18;
  private static final int MOST_LABELS = 8;

  private final TreeMap<Integer, Long> counts = new TreeMap<>();

  /** Class of a number in doubling classes: 0, 1, 2–3, 4–7, 8–15, … */
  static int doubling(long number) {
    return number <= 0 ? 0 : 64 - Long.numberOfLeadingZeros(number);
  }

  /** What a doubling class holds. */
  static String doublingName(int of) {
    if (of == 0) {
      return "0";
    }
    long from = 1L << (of - 1);
    return of == 1 ? "1" : Amounts.count(from) + "–" + Amounts.count(2 * from - 1);
  }

  void add(int of) {
    counts.merge(of, 1L, Long::sum);
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  Plot plot(String title, String caption, String across, IntFunction<String> name) {
    int from = counts.firstKey();
    int classes = counts.lastKey() - from + 1;
    long most = counts.values().stream().mapToLong(count -> count).max().orElse(1);
    double width = Plot.WIDTH / classes;
    List<Plot.Bar> bars = new ArrayList<>();
    List<Plot.Tick> below = new ArrayList<>();
    int step = (classes + MOST_LABELS - 1) / MOST_LABELS;
    for (int i = 0; i < classes; i++) {
      if (i % step == 0) {
        below.add(new Plot.Tick((i + 0.5) * width, name.apply(from + i)));
      }
      long count = counts.getOrDefault(from + i, 0L);
      if (count > 0) {
        double height = Plot.HEIGHT * count / most;
        bars.add(
            new Plot.Bar(
                (i + GAP / 2) * width,
                Plot.HEIGHT - height,
                width * (1 - GAP),
                height,
                "%s: %s".formatted(name.apply(from + i), Amounts.count(count, "model"))));
      }
    }
    return new Plot(
        title,
        caption,
        across,
        "models",
        below,
        List.of(new Plot.Tick(Plot.HEIGHT, "0"), new Plot.Tick(0, Amounts.count(most))),
        List.of(),
        bars,
        List.of(),
        "");
  }
}
