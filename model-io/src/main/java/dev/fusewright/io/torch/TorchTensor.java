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

import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.io.aten.TorchType;
import java.util.Arrays;

/**
 * A tensor of a file: a view of a storage, and the call that rebuilds it, which is what is written
 * again if nobody edits it.
 *
 * <p>Whoever makes one has checked that every element lies within the storage.
 */
final class TorchTensor {
  /** What the elements mean. */
  enum Meaning {
    /** The storage's elements are the values. */
    PLAIN,
    /** Values need a scale, an imaginary sign or the like: carried, never computed with. */
    ENCODED
  }

  private final TorchStorage storage;
  private final TorchType type;
  private final long offset;
  private final long[] sizes;
  private final long[] strides;
  private final Meaning meaning;
  private final PickleValue.Call call;

  TorchTensor(
      TorchStorage storage,
      TorchType type,
      long offset,
      long[] sizes,
      long[] strides,
      Meaning meaning,
      PickleValue.Call call) {
    this.storage = storage;
    this.type = type;
    this.offset = offset;
    this.sizes = sizes;
    this.strides = strides;
    this.meaning = meaning;
    this.call = call;
  }

  /** A tensor that is the whole of a storage, in row-major order; nothing rebuilds it yet. */
  static TorchTensor contiguous(TorchStorage storage, Shape shape) {
    long[] sizes = shape.dims().stream().mapToLong(Long::longValue).toArray();
    long[] strides = new long[sizes.length];
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      strides[axis] =
          axis == sizes.length - 1
              ? 1
              : Math.multiplyExact(strides[axis + 1], Math.max(1, sizes[axis + 1]));
    }
    PickleValue.Call nothing =
        new PickleValue.Call(new PickleValue.Global("", ""), PickleValue.Tuple.EMPTY);
    return new TorchTensor(storage, storage.type(), 0, sizes, strides, Meaning.PLAIN, nothing);
  }

  /** The same tensor, wrapped by another call, such as that of a Parameter. */
  TorchTensor wrappedBy(PickleValue.Call wrapper) {
    return new TorchTensor(storage, type, offset, sizes, strides, meaning, wrapper);
  }

  TorchStorage storage() {
    return storage;
  }

  TorchType type() {
    return type;
  }

  /** Of the first element, in elements of {@link #type()}. */
  long offset() {
    return offset;
  }

  long[] sizes() {
    return sizes.clone();
  }

  /** In elements. */
  long[] strides() {
    return strides.clone();
  }

  /** The call that rebuilds it in Python. */
  PickleValue.Call call() {
    return call;
  }

  /** This tensor in a state dict. */
  StateEntry entry() {
    if (meaning == Meaning.PLAIN && type.elementType().isPresent()) {
      return new StateEntry.Parameter(
          new StoredTensor(type.elementType().get(), Shape.of(sizes), new StridedView(this)));
    }
    return new OpaqueValue(new PickleValue.TensorRef(this));
  }

  @Override
  public String toString() {
    return type.dtype() + Arrays.toString(sizes).replace(" ", "");
  }
}
