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
package dev.fusewright.pipeline.cache;

import dev.fusewright.io.storage.Location;
import org.jspecify.annotations.Nullable;

/**
 * Cache key of an entry: what a run wants of it, as far as an earlier receipt is compared with it.
 *
 * @param runId null outside of a run, where nothing has been done by the same one
 * @param target where the model is to be published
 * @param format that the source must have; null if any will do
 * @param sha256 that the source must have; null if any will do
 * @param unfused whether a model in which nothing is fused is published too
 * @param converter its version and build
 * @param configuration digest of everything that decides what the output is
 */
public record CacheKey(
    @Nullable String runId,
    String id,
    Location source,
    Location target,
    @Nullable String format,
    @Nullable String sha256,
    Unfused unfused,
    String converter,
    String configuration) {

  /** Whether a model in which nothing is fused is published too. */
  public enum Unfused {
    PUBLISHED,
    LEFT_OUT
  }
}
