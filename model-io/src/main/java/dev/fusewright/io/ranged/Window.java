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

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/** A stretch of a mounted file on the heap, or on its way there. */
final class Window {
  private final RemoteFile file;
  private final long start;
  private final int length;
  private final FutureTask<byte[]> bytes;
  private final AtomicBoolean isUsed = new AtomicBoolean();

  Window(RemoteFile file, long start, int length, Callable<byte[]> reading) {
    this.file = file;
    this.start = start;
    this.length = length;
    this.bytes = new FutureTask<>(reading);
  }

  boolean holds(RemoteFile other, long position) {
    return file == other && position >= start && position < end();
  }

  long start() {
    return start;
  }

  int length() {
    return length;
  }

  long end() {
    return start + length;
  }

  /** Whether nobody has asked this before. */
  boolean isUsedFirst() {
    return !isUsed.getAndSet(true);
  }

  /** Reads it, on this thread, unless somebody has begun to. */
  void read() {
    bytes.run();
  }

  /** Its bytes, when they are there. */
  byte[] bytes() throws IOException {
    try {
      return bytes.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted while reading");
      interrupted.initCause(e);
      throw interrupted;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    }
  }
}
