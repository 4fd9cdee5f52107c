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
package dev.fusewright.pipeline.beam;

import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How far the runs of this process are, for whoever watches. Of a run whose workers are elsewhere
 * nothing is seen here; Beam's metrics are the same there.
 */
public final class RunProgress {
  private static final Map<String, RunProgress> WATCHED = new ConcurrentHashMap<>();

  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger mostInFlight = new AtomicInteger();
  private final AtomicLong models = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  private final Map<Outcome, AtomicLong> outcomes = new EnumMap<>(Outcome.class);

  private RunProgress() {
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome, new AtomicLong());
    }
  }

  /** Watches a run from now on. */
  public static RunProgress watch(String runId) {
    return WATCHED.computeIfAbsent(runId, id -> new RunProgress());
  }

  /** Watches a run no longer. */
  public static void forget(String runId) {
    WATCHED.remove(runId);
  }

  static void begun(String runId) {
    RunProgress progress = WATCHED.get(runId);
    if (progress != null) {
      int now = progress.inFlight.incrementAndGet();
      progress.mostInFlight.accumulateAndGet(now, Math::max);
    }
  }

  static void done(String runId, FusionReport report) {
    RunProgress progress = WATCHED.get(runId);
    if (progress != null) {
      progress.inFlight.decrementAndGet();
      progress.models.incrementAndGet();
      Long size = report.getSource().getBytes();
      progress.bytes.addAndGet(size == null ? 0 : size);
      Objects.requireNonNull(progress.outcomes.get(report.getOutcome())).incrementAndGet();
    }
  }

  /** Models that are done, however they ended. */
  public long models() {
    return models.get();
  }

  /** Models that ended so. */
  public long models(Outcome outcome) {
    return Objects.requireNonNull(outcomes.get(outcome)).get();
  }

  /** Bytes of those models, as far as they were found out. */
  public long bytes() {
    return bytes.get();
  }

  /** What is done, in bytes, where every model counts as some more than it has. */
  public long cost() {
    return cost(models(), bytes());
  }

  /** What models of so many bytes in all come to. */
  public static long cost(long models, long bytes) {
    return bytes + models * SplitPlan.COST_OF_ANY;
  }

  /** How many models were worked on at the same time, at most. */
  public int mostInFlight() {
    return mostInFlight.get();
  }
}
