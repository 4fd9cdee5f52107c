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
package dev.fusewright.core.tensor;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Source of the bytes of a stored tensor; the port that model-io implements over files.
 *
 * <p>Implementations may be read from several threads.
 */
public interface TensorSource {
  /**
   * Fills {@code destination} with canonical tensor bytes (little-endian, packed).
   *
   * @param offset of the first byte, counted in canonical bytes from the tensor's start
   * @throws TensorReadException if the bytes cannot be had; its message says where
   */
  void read(long offset, ByteBuffer destination);

  /**
   * Where the bytes are kept, if they stay as they are there: sources of equal places have the same
   * bytes. Empty if nobody can promise that.
   */
  default Optional<Object> keptAt() {
    return Optional.empty();
  }
}
