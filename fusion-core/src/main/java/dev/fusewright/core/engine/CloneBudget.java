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
 * How many bytes a model may grow by because parameters that are read by several layers are copied
 * for each of them.
 */
final class CloneBudget {
  private static final long AT_LEAST = 64L << 20;

  private long left;

  CloneBudget(long bytes) {
    this.left = bytes;
  }

  /** As much as the model's own parameters take, and never less than 64 MiB. */
  static CloneBudget of(ModelGraph model) {
    return new CloneBudget(Math.max(AT_LEAST, StoredBytes.of(model)));
  }

  boolean allows(long bytes) {
    return bytes <= left;
  }

  void spend(long bytes) {
    left -= bytes;
  }

  long left() {
    return left;
  }
}
