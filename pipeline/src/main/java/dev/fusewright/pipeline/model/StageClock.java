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
package dev.fusewright.pipeline.model;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** Knows which stage a model is in, and how long each took. */
public final class StageClock {
  /** A step of the way. */
  @FunctionalInterface
  public interface Step<T> {
    T run() throws Exception;
  }

  private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
  private Stage current = Stage.CONFIGURE;

  /**
   * Takes a step.
   *
   * @throws InterruptedException if the thread was interrupted before; it still is then
   */
  public <T> T at(Stage stage, Step<T> step) throws Exception {
    current = stage;
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedException("before the stage " + stage.text());
    }
    long start = System.nanoTime();
    try {
      return step.run();
    } finally {
      nanos.merge(stage, System.nanoTime() - start, Long::sum);
    }
  }

  /** The stage that was entered last. */
  public Stage current() {
    return current;
  }

  /** Milliseconds by stage, to the microsecond. */
  public Map<String, Double> milliseconds() {
    Map<String, Double> all = new TreeMap<>();
    nanos.forEach((stage, time) -> all.put(stage.text(), Math.round(time / 1e3) / 1e3));
    return all;
  }
}
