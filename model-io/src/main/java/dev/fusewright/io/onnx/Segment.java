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
package dev.fusewright.io.onnx;

import com.google.protobuf.ByteString;
import dev.fusewright.core.tensor.Tensor;

/** A stretch of a file that is to be written. */
sealed interface Segment {
  /** The number of bytes it will take. */
  long size();

  /** Bytes {@code [start, end)} of the original file, as they are. */
  record Copy(long start, long end) implements Segment {
    @Override
    public long size() {
      return end - start;
    }
  }

  /** New bytes. */
  record Literal(ByteString bytes) implements Segment {
    @Override
    public long size() {
      return bytes.size();
    }
  }

  /** The canonical bytes of a tensor, read chunk by chunk when their turn comes. */
  record Payload(Tensor tensor, TensorPlace place) implements Segment {
    @Override
    public long size() {
      return tensor.byteCount();
    }
  }
}
