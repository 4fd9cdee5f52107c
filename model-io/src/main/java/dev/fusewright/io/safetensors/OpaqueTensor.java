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
package dev.fusewright.io.safetensors;

import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.io.file.FileRegion;

/** A tensor of a type that no arithmetic is done on. */
record OpaqueTensor(SafetensorsType type, Shape shape, FileRegion region)
    implements StateEntry.Opaque {
  @Override
  public String description() {
    return type + shape.toString();
  }
}
