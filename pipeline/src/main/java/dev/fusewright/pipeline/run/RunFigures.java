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

/**
 * How far a run is.
 *
 * @param models that are done, however they ended
 * @param bytes of their sources, as far as they were found out
 * @param notPublished how many of the models were rejected or failed
 */
public record RunFigures(long models, long bytes, long notPublished) {
  /** What a model costs beside its bytes: reaching the store, starting a check. */
  public static final long COST_OF_ANY = 1 << 18;

  /** What is done, in bytes, where every model counts as some more than it has. */
  public long cost() {
    return cost(models, bytes);
  }

  /** What models of so many bytes in all come to. */
  public static long cost(long models, long bytes) {
    return bytes + models * COST_OF_ANY;
  }
}
