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
package dev.fusewright.pipeline.run;

import dev.fusewright.report.FusionReport;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How far the runs of this process are, for whoever watches. Of a run whose workers are elsewhere
 * nothing is seen here; {@link ClusterJob#figures} asks for it.
 */
public final class RunProgress {
  private static final Map<String, RunProgress> WATCHED = new ConcurrentHashMap<>();

  private final Set<String> inWork = Collections.synchronizedSet(new LinkedHashSet<>());
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger mostInFlight = new AtomicInteger();
  private final AtomicLong models = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong notPublished = new AtomicLong();

  private RunProgress() {}

  /** Watches a run from now on. */
  public static RunProgress watch(String runId) {
    return WATCHED.computeIfAbsent(runId, id -> new RunProgress());
  }

  /** Watches a run no longer. */
  public static void forget(String runId) {
    WATCHED.remove(runId);
  }

  /** Counts a model that a worker of this process begins. */
  public static void begun(String runId, String entry) {
    RunProgress progress = WATCHED.get(runId);
    if (progress != null) {
      progress.inWork.add(entry);
      int now = progress.inFlight.incrementAndGet();
      progress.mostInFlight.accumulateAndGet(now, Math::max);
    }
  }

  /** Counts a model that a worker of this process has done. */
  public static void done(String runId, FusionReport report) {
    RunProgress progress = WATCHED.get(runId);
    if (progress != null) {
      progress.inWork.remove(report.getId());
      progress.inFlight.decrementAndGet();
      progress.models.incrementAndGet();
      Long size = report.getSource().getBytes();
      progress.bytes.addAndGet(size == null ? 0 : size);
      if (report.getError() != null) {
        progress.notPublished.incrementAndGet();
      }
    }
  }

  /** How far the run is. */
  public RunFigures figures() {
    return new RunFigures(models.get(), bytes.get(), notPublished.get());
  }

  /** Ids of the entries that are being worked on, the longest first. */
  public List<String> inWork() {
    synchronized (inWork) {
      return List.copyOf(inWork);
    }
  }

  /** How many models were worked on at the same time, at most. */
  public int mostInFlight() {
    return mostInFlight.get();
  }
}
