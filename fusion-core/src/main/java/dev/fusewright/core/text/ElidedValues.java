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
package dev.fusewright.core.text;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.TensorSource;
import java.nio.ByteBuffer;

/**
 * The source of a tensor whose values a text leaves out. Real numbers are made up, so that what
 * depends on the structure alone can be told: all different, from 0.5 to below 1.5. Other values
 * decide what a graph is, and are not.
 *
 * @param place resource, line and column, and the type of the tensor
 */
record ElidedValues(ElementType type, String place) implements TensorSource {
  @Override
  public void read(long offset, ByteBuffer destination) {
    if (!type.isFoldable()) {
      throw new TensorReadException(
          "%s: the text leaves out values that are needed: write them out".formatted(place), null);
    }
    new SeededValues(type, /* seed= */ 0, 0.5, 1.5).read(offset, destination);
  }
}
