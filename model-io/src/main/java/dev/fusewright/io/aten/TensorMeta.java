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
package dev.fusewright.io.aten;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.tensor.ElementType;
import java.util.List;

/**
 * What an archive says of a tensor.
 *
 * @param type {@link ElementType#UNDEFINED} where it is none of ours
 * @param dims its sizes
 * @param strides in elements; empty where one is not a number
 * @param offset of the first element in the storage, in elements; -1 where it is not a number
 * @param isStrided whether it is laid out by strides
 */
public record TensorMeta(
    ElementType type, List<Dim> dims, List<Long> strides, long offset, boolean isStrided) {
  public TensorMeta {
    dims = List.copyOf(dims);
    strides = List.copyOf(strides);
  }

  /** Whether every size is known. */
  public boolean isStatic() {
    return dims.stream().allMatch(Dim.Fixed.class::isInstance);
  }

  /** The sizes, of which each is known. */
  public long[] sizes() {
    return dims.stream().mapToLong(dim -> ((Dim.Fixed) dim).size()).toArray();
  }
}
