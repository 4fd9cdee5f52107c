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
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;

/**
 * Pairs of positive numbers over many powers of ten, for a plot with two logarithmic axes. Points
 * that are drawn at the same place are one mark, so that their number does not matter.
 */
final class PointCloud {
  /** Places in a power of ten. */
  private static final int FINENESS = 16;

  /** What zero is drawn as: the least that an axis begins with. */
  private final double zero;

  private final Map<Place, Long> places = new HashMap<>();
  private long points;
  private long above;

  private record Place(int x, int y) {}

  PointCloud(double zero) {
    this.zero = zero;
  }

  void add(double x, double y) {
    if (Double.isFinite(x) && Double.isFinite(y)) {
      places.merge(new Place(place(x), place(y)), 1L, Long::sum);
      points++;
      if (y > x) {
        above++;
      }
    }
  }

  private int place(double value) {
    return (int) Math.round(FINENESS * Math.log10(Math.max(zero, value)));
  }

  long points() {
    return points;
  }

  /** How many lie above the diagonal. */
  long above() {
    return above;
  }

  /** The plot; what is above the diagonal is loud, if that is a fault. */
  Plot plot(
      String title,
      String caption,
      String across,
      String up,
      DoubleFunction<String> label,
      String diagonalName,
      boolean aboveIsFault) {
    Axis x = Axis.over(places.keySet().stream().mapToInt(Place::x).toArray(), Plot.WIDTH);
    Axis y = Axis.over(places.keySet().stream().mapToInt(Place::y).toArray(), Plot.HEIGHT);
    List<Plot.Dot> dots = new ArrayList<>();
    places.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.comparingInt(Place::x).thenComparing(Place::y)))
        .forEach(
            place ->
                dots.add(
                    new Plot.Dot(
                        x.at(place.getKey().x()),
                        Plot.HEIGHT - y.at(place.getKey().y()),
                        Math.min(9, 2.2 + 1.1 * Math.log(place.getValue())),
                        aboveIsFault && place.getKey().y() > place.getKey().x(),
                        "%s: %s %s, %s %s"
                            .formatted(
                                Amounts.count(place.getValue(), "model"),
                                across,
                                label.apply(value(place.getKey().x())),
                                up,
                                label.apply(value(place.getKey().y()))))));
    return new Plot(
        title,
        caption,
        across,
        up,
        x.ticks(label),
        y.ticks(label).stream()
            .map(tick -> new Plot.Tick(Plot.HEIGHT - tick.at(), tick.label()))
            .toList(),
        dots,
        List.of(),
        diagonal(x, y),
        diagonalName);
  }

  private static double value(int place) {
    return Math.pow(10, (double) place / FINENESS);
  }

  private static List<Double> diagonal(Axis x, Axis y) {
    int from = Math.max(x.from(), y.from());
    int to = Math.min(x.to(), y.to());
    return from >= to
        ? List.of()
        : List.of(x.at(from), Plot.HEIGHT - y.at(from), x.at(to), Plot.HEIGHT - y.at(to));
  }

  /** Whole powers of ten around all places. */
  private record Axis(int from, int to, double length) {
    static Axis over(int[] places, double length) {
      int least = Arrays.stream(places).min().orElse(0);
      int most = Arrays.stream(places).max().orElse(0);
      int from = Math.floorDiv(least, FINENESS) * FINENESS;
      int to = (Math.floorDiv(most, FINENESS) + 1) * FINENESS;
      return new Axis(from, to, length);
    }

    double at(int place) {
      return length * (place - from) / (to - from);
    }

    List<Plot.Tick> ticks(DoubleFunction<String> label) {
      List<Plot.Tick> ticks = new ArrayList<>();
      int decades = (to - from) / FINENESS;
      int step = (decades + 5) / 6;
      for (int i = 0; i <= decades; i += step) {
        int place = from + i * FINENESS;
        ticks.add(new Plot.Tick(at(place), label.apply(value(place))));
      }
      return ticks;
    }
  }

  /** A power of ten in a few letters: {@code 1e-7}. */
  static String power(double value) {
    return value == 0
        ? "0"
        : String.format(Locale.ROOT, "%.0e", value).replaceAll("e([+-])0", "e$1");
  }
}
