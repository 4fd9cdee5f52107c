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

import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.Printable;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.run.RunFigures;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** How far a run is, in one line. */
final class ProgressLine {
  /** Before, what is done says little about what is left. */
  private static final Duration TELLING = Duration.ofSeconds(5);

  private static final double TELLING_PART = 0.01;
  private static final int NAMED = 2;

  private ProgressLine() {}

  /**
   * What was seen of a run.
   *
   * @param inWork ids of the entries that are being worked on; empty where that is not known
   */
  record Seen(RunFigures figures, List<String> inWork) {
    Seen {
      inWork = List.copyOf(inWork);
    }
  }

  /**
   * The same for a terminal: where there is no room for all, bytes are left out, and what is in
   * work is cut off.
   */
  static String of(
      String verb, PreparedCatalogue catalogue, Seen seen, Duration elapsed, int columns) {
    String whole = of(verb, catalogue, seen, elapsed, /* hasBytes= */ true);
    String line =
        whole.length() <= columns
            ? whole
            : of(verb, catalogue, seen, elapsed, /* hasBytes= */ false);
    return line.length() <= columns ? line : line.substring(0, Math.max(0, columns - 1)) + "…";
  }

  /** Models, bytes, how long it took and may take, and what is in work. */
  static String of(String verb, PreparedCatalogue catalogue, Seen seen, Duration elapsed) {
    return of(verb, catalogue, seen, elapsed, /* hasBytes= */ true);
  }

  private static String of(
      String verb, PreparedCatalogue catalogue, Seen seen, Duration elapsed, boolean hasBytes) {
    RunFigures figures = seen.figures();
    boolean isSized = catalogue.sized() == catalogue.entries();
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%s %3.0f %%  %,d of %s",
                verb,
                100 * part(catalogue, figures),
                figures.models(),
                Amounts.count(catalogue.entries(), "model")));
    if (hasBytes) {
      line.append("  ").append(Amounts.bytes(figures.bytes()));
      line.append(isSized ? " of " + Amounts.bytes(catalogue.bytes()) : "");
    }
    if (figures.notPublished() > 0) {
      line.append(String.format(Locale.ROOT, "  %,d not published", figures.notPublished()));
    }
    line.append("  ").append(clock(elapsed));
    double part = part(catalogue, figures);
    if (part > TELLING_PART && part < 1 && elapsed.compareTo(TELLING) >= 0) {
      double left = elapsed.toMillis() * (1 - part) / part;
      line.append(", about ").append(clock(Duration.ofMillis((long) left))).append(" left");
    }
    if (!seen.inWork().isEmpty()) {
      List<String> named = seen.inWork().subList(0, Math.min(NAMED, seen.inWork().size()));
      line.append("  now ").append(Printable.line(String.join(", ", named)));
      if (seen.inWork().size() > NAMED) {
        line.append(", and ").append(seen.inWork().size() - NAMED).append(" more");
      }
    }
    return line.toString();
  }

  /**
   * By what models cost, where all sizes are known: the biggest come first. By models otherwise.
   */
  private static double part(PreparedCatalogue catalogue, RunFigures figures) {
    boolean isSized = catalogue.sized() == catalogue.entries();
    double all =
        isSized ? RunFigures.cost(catalogue.entries(), catalogue.bytes()) : catalogue.entries();
    double done = isSized ? figures.cost() : figures.models();
    return all == 0 ? 1 : Math.min(1, done / all);
  }

  /** Hours, minutes and seconds. */
  static String clock(Duration time) {
    return String.format(
        Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
  }
}
