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

import dev.fusewright.core.text.Printable;
import dev.fusewright.report.FusionReport;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Comparison of a run's models with those of a run before, by id. It holds some two hundred bytes
 * for each model of the run before.
 */
final class Changes {
  /** An error that is so small a part of what it may be is not worse than another one. */
  private static final double NEGLIGIBLE = 0.01;

  private static final double MUCH = 2;

  private final Map<String, Known> before = new HashMap<>();
  private final Map<Change, Long> counts = new EnumMap<>(Change.class);

  /** What is kept of a model of the run before. */
  private record Known(
      boolean isProblem,
      int strength,
      long folds,
      @Nullable Double ratio,
      @Nullable String source,
      @Nullable String output) {
    static Known of(FusionReport report) {
      ModelFacts facts = new ModelFacts(report);
      return new Known(
          facts.isProblem(),
          facts.strength(),
          facts.folds(),
          facts.worstRatio(),
          report.getSource().getSha256(),
          report.getOutput() == null ? null : report.getOutput().getSha256());
    }
  }

  /** Adds a model of the run before. */
  void addBefore(FusionReport report) {
    before.put(report.getId(), Known.of(report));
  }

  /** What became of a model, which is counted; empty if nothing is to be told. */
  Optional<Change> of(FusionReport report) {
    Known then = before.remove(report.getId());
    Optional<Change> change = then == null ? Optional.of(Change.NEW) : of(then, Known.of(report));
    change.ifPresent(c -> counts.merge(c, 1L, Long::sum));
    return change;
  }

  private static Optional<Change> of(Known then, Known now) {
    if (then.isProblem != now.isProblem) {
      return Optional.of(now.isProblem ? Change.NOW_FAILING : Change.RECOVERED);
    }
    if (now.isProblem) {
      return hasOtherFiles(then, now) ? Optional.of(Change.CHANGED) : Optional.empty();
    }
    if (then.folds == 0 && now.folds > 0) {
      return Optional.of(Change.NEWLY_FUSED);
    }
    // Of a model in which nothing is fused nothing is to be proven.
    if (now.folds > 0 && now.strength < then.strength) {
      return Optional.of(Change.VERDICT_WORSE);
    }
    if (isWorse(then.ratio, now.ratio)) {
      return Optional.of(Change.ERROR_WORSE);
    }
    if (now.folds < then.folds) {
      return Optional.of(Change.FUSES_LESS);
    }
    return hasOtherFiles(then, now) ? Optional.of(Change.CHANGED) : Optional.empty();
  }

  /** Models that were not run both times are not compared. */
  private static boolean isWorse(@Nullable Double then, @Nullable Double now) {
    return then != null && now != null && now > MUCH * then && now > NEGLIGIBLE;
  }

  private static boolean hasOtherFiles(Known then, Known now) {
    return !Objects.equals(then.source, now.source) || !Objects.equals(then.output, now.output);
  }

  /** How many models changed how. */
  Map<Change, Long> counts() {
    return counts;
  }

  /** Models of the run before of which nothing was told: after all of this one, those that left. */
  long gone() {
    return before.size();
  }

  /** The first of them by id. */
  List<String> gone(int most) {
    List<String> ids = new ArrayList<>(before.keySet());
    ids.sort(null);
    return ids.stream().limit(most).map(Printable::line).toList();
  }
}
