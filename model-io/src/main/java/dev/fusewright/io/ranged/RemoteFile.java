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
package dev.fusewright.io.ranged;

import dev.fusewright.io.storage.RangeReads;
import dev.fusewright.io.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One version of a stored file, read by position and from any thread. */
final class RemoteFile {
  private final StoredFile source;
  private final RangeReads reads;
  private final Windows windows;

  RemoteFile(StoredFile source, RangeReads reads, Windows windows) {
    this.source = source;
    this.reads = reads;
    this.windows = windows;
  }

  StoredFile source() {
    return source;
  }

  long size() {
    return source.bytes();
  }

  /** Begins to read a window. */
  void begin(Window window) {
    reads.ahead(window::read);
  }

  byte[] fetch(long position, int length) throws IOException {
    return reads.read(source, position, length);
  }

  /** Fills {@code destination} from {@code position} on; all of it lies within the file. */
  void read(long position, ByteBuffer destination) throws IOException {
    long at = position;
    while (destination.hasRemaining()) {
      Window window = windows.at(this, at);
      int from = (int) (at - window.start());
      int count = Math.min(window.length() - from, destination.remaining());
      destination.put(window.bytes(), from, count);
      at += count;
    }
  }
}
