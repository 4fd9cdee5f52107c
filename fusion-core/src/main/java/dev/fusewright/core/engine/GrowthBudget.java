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
package dev.fusewright.core.engine;

import dev.fusewright.core.graph.ModelGraph;

/**
 * How far a model may grow because parameters are stored which it had computed, or had stored once
 * for several layers: of a file of 80 kB with weights made by ConstantOfShape, folding made one of
 * 94 MB.
 */
final class GrowthBudget {
  /** What no file is refused for. */
  static final long ALWAYS_ALLOWED = 16_000_000;

  private final long original;
  private final double factor;
  private long grown;

  /**
   * A budget.
   *
   * @param original bytes that the model's parameters take
   * @param factor how many times as large they may become
   */
  GrowthBudget(long original, double factor) {
    if (!(factor >= 1)) {
      throw new IllegalArgumentException("a factor of at least 1 is expected, not " + factor);
    }
    this.original = original;
    this.factor = factor;
  }

  static GrowthBudget of(ModelGraph model, double factor) {
    return new GrowthBudget(StoredBytes.of(model), factor);
  }

  /** Whether the model, grown by so many bytes more, keeps one of the two bounds. */
  boolean allows(long bytes) {
    long after = grown + bytes;
    return bytes <= 0 || after <= ALWAYS_ALLOWED || original + after <= factor * original;
  }

  void spend(long bytes) {
    grown += bytes;
  }

  /** Bytes that the parameters take by now. */
  long size() {
    return original + grown;
  }

  long original() {
    return original;
  }
}
