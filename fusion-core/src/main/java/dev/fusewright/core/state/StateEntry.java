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
package dev.fusewright.core.state;

import dev.fusewright.core.tensor.Tensor;

/** What a state dict holds under one name. */
public sealed interface StateEntry {
  /** A tensor that arithmetic can be done on. */
  record Parameter(Tensor tensor) implements StateEntry {}

  /**
   * Something that is only carried: a quantized or sparse tensor, an element type of six bits, a
   * data type's name, a tuple of packed parameters. Whoever read it can write it again unchanged.
   */
  non-sealed interface Opaque extends StateEntry {
    /** For people, such as {@code quantized qint8 [24,3,3,3]}. */
    String description();
  }
}
