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
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a pickle with further operations behind them: its own up to its STOP, the frame that
 * holds the STOP lengthened, then the new ones.
 */
final class EditedPickle implements TensorSource {
  private final FileRegion kept;
  private final byte[] tail;
  private final long lengthAt;
  private final byte[] length;

  /**
   * An edited pickle.
   *
   * @param pickle from its first byte on
   * @param start position of that byte, as {@code layout} counts
   * @param tail operations that leave the stack as they find it, and a STOP
   * @throws MalformedFileException if its frames do not end where it does
   */
  EditedPickle(FileRegion pickle, long start, PickleLayout layout, byte[] tail) {
    this.kept = pickle.slice(0, layout.stop() - start);
    this.tail = tail.clone();
    PickleLayout.Frame frame = layout.frame();
    boolean isOpen = frame != null && frame.end() > layout.stop();
    if (frame != null && isOpen) {
      if (frame.end() != layout.stop() + 1) {
        throw new MalformedFileException(
            pickle
                .file()
                .problemAt(pickle.offset() + frame.lengthAt() - start)
                .inside("pickle")
                .expected("a frame that ends with the pickle")
                .found("one of " + frame.length() + " bytes"));
      }
      this.lengthAt = frame.lengthAt() - start;
      this.length = little(frame.length() - 1 + tail.length);
    } else {
      this.lengthAt = kept.length();
      this.length = new byte[0];
    }
  }

  private static byte[] little(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  long size() {
    return kept.length() + tail.length;
  }

  @Override
  public void read(long offset, ByteBuffer destination) {
    int start = destination.position();
    int own = (int) Math.max(0, Math.min(destination.remaining(), kept.length() - offset));
    int limit = destination.limit();
    if (own > 0) {
      kept.read(offset, destination.limit(start + own));
      destination.limit(limit);
      for (int i = 0; i < length.length; i++) {
        long at = lengthAt + i - offset;
        if (at >= 0 && at < own) {
          destination.put(start + (int) at, length[i]);
        }
      }
    }
    if (destination.hasRemaining()) {
      int from = (int) (offset + own - kept.length());
      destination.put(tail, from, destination.remaining());
    }
  }
}
