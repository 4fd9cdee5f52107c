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
package dev.fusewright.core.proof;

import dev.fusewright.core.reference.NdArray;
import java.util.List;

/**
 * A value as an affine function of its sources, position by position: {@code scale·s + shift},
 * where s is the {@code source} at that position, which is a channel of a layer's raw result or a
 * position of an input of the site.
 *
 * @param source numbers that name sources, see {@link Sources}
 * @param magnitude the largest term that went into the shift: what its rounding is measured by
 * @param padding pads that a Pad has put around the spatial axes, and that the next layer takes
 *     over; all begins before all ends, or empty
 */
record Field(NdArray source, NdArray scale, NdArray shift, NdArray magnitude, List<Long> padding) {
  Field {
    padding = List.copyOf(padding);
  }

  Field(NdArray source, NdArray scale, NdArray shift, NdArray magnitude) {
    this(source, scale, shift, magnitude, List.of());
  }
}
