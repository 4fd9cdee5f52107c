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

import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.io.archive.StridedSource;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A tensor's window on its storage, which remembers whose it is. */
final class StridedView implements TensorSource {
  private final TorchTensor tensor;
  private final StridedSource elements;

  StridedView(TorchTensor tensor) {
    this.tensor = tensor;
    this.elements =
        new StridedSource(
            tensor.storage().record(),
            tensor.offset(),
            tensor.sizes(),
            tensor.strides(),
            tensor.type().bytes());
  }

  /** Whose elements these are. */
  TorchTensor tensor() {
    return tensor;
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    elements.read(offset, destination);
  }

  @Override
  public String toString() {
    return "view of storage "
        + tensor.storage().key()
        + " with strides "
        + Arrays.toString(tensor.strides());
  }
}
