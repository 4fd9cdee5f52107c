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
package dev.fusewright.core.verify;

import java.time.Duration;

/**
 * The two models of a comparison, run in the same way.
 *
 * @param patience how long the candidate may take for a request, however fast the original is: so
 *     long that no machine is ever too busy for it
 */
public record RunnerPair(ModelRunner original, ModelRunner candidate, Duration patience) {
  /** The patience where nobody says otherwise. */
  public static final Duration PATIENCE = Duration.ofSeconds(10);

  /** How many times as long as the original's slowest request one of the candidate's may take. */
  private static final int TIMES = 3;

  /** A pair with the usual {@link #PATIENCE}. */
  public RunnerPair(ModelRunner original, ModelRunner candidate) {
    this(original, candidate, PATIENCE);
  }

  /**
   * How long the candidate may take for a request.
   *
   * @param slowest request of the original
   */
  Duration limit(Duration slowest) {
    Duration proportional = slowest.multipliedBy(TIMES);
    return proportional.compareTo(patience) > 0 ? proportional : patience;
  }
}
