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
package dev.fusewright.io.torch;

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.StatePath;

/**
 * A tensor whose bytes are computed while they are written.
 *
 * @param state that holds it
 * @param name in the state dict
 */
record ComputedTensor(StatePath state, String name, Tensor tensor) {
  /** The report of its writing. */
  RewrittenTensor rewritten(ElementCensus census) {
    return RewrittenTensor.of(state.toString(), name, tensor, census);
  }
}
