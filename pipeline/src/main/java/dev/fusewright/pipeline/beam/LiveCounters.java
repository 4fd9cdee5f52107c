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

import dev.fusewright.pipeline.run.RunFigures;
import dev.fusewright.report.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.beam.sdk.metrics.Metrics;

/**
 * Counters that move while a run goes on. Beam's Flink runner publishes those of a step when a
 * bundle ends, which in batch is when the task ends: too late for whoever watches. Those of a
 * source it publishes each time the source advances. The source and the step that works on what it
 * reads are one task and one thread, so the step notes here what it did, and the source counts it.
 * (With {@code --useDataStreamForBatch=false} a source's counters stop after its first split.)
 */
public final class LiveCounters {
  /** Of all of them: Flink calls one {@code fusewright_fused}. */
  public static final String NAMESPACE = "fusewright";

  static final String NOT_TRIED = "not_tried";

  /** Of those that are fused or have nothing to fuse: published as another of the same content. */
  static final String REUSED = "reused";

  static final String BYTES_IN = "bytes_in";
  static final String BYTES_OUT = "bytes_out";

  /** Of the sources of all models that are done, unchanged ones too. */
  static final String BYTES_DONE = "bytes_done";

  /** All there are. Each exists, as 0, before there is anything to count. */
  public static final List<String> NAMES = names();

  private static final ThreadLocal<Map<String, Long>> NOTED = ThreadLocal.withInitial(HashMap::new);

  private LiveCounters() {}

  private static List<String> names() {
    List<String> names =
        new ArrayList<>(List.of(NOT_TRIED, REUSED, BYTES_IN, BYTES_OUT, BYTES_DONE));
    for (Outcome outcome : Outcome.values()) {
      names.add(of(outcome));
    }
    return List.copyOf(names);
  }

  /** The name of the counter of an outcome. */
  static String of(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  /** Notes that this thread did so much more. */
  static void note(String name, long more) {
    NOTED.get().merge(name, more, Long::sum);
  }

  /** Counts what this thread has noted; called by the source that it reads from. */
  static void count() {
    Map<String, Long> noted = NOTED.get();
    for (String name : NAMES) {
      Metrics.counter(NAMESPACE, name).inc(noted.getOrDefault(name, 0L));
    }
    noted.clear();
  }

  /** What they say, taken together. */
  public static RunFigures figures(ToLongFunction<String> counter) {
    long models = 0;
    for (Outcome outcome : Outcome.values()) {
      models += counter.applyAsLong(of(outcome));
    }
    return new RunFigures(
        models,
        counter.applyAsLong(BYTES_DONE),
        counter.applyAsLong(of(Outcome.REJECTED)) + counter.applyAsLong(of(Outcome.FAILED)));
  }
}
