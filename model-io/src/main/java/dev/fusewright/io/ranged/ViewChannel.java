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
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A channel of a file that is not, or not as a whole, on this machine: nothing of it is mapped. */
abstract class ViewChannel extends FileChannel {
  private static final int BUFFER = 1 << 18;

  private long position;

  /** Reads some bytes, at least one; the position is within the file, and there is room. */
  abstract void readSome(long from, ByteBuffer destination) throws IOException;

  final void requireOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public final int read(ByteBuffer destination, long from) throws IOException {
    requireOpen();
    int before = destination.remaining();
    if (before == 0) {
      return 0;
    }
    if (from >= size()) {
      return -1;
    }
    readSome(from, destination);
    return before - destination.remaining();
  }

  @Override
  public final synchronized int read(ByteBuffer destination) throws IOException {
    int count = read(destination, position);
    position += Math.max(0, count);
    return count;
  }

  @Override
  public final long read(ByteBuffer[] destinations, int offset, int length) throws IOException {
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      while (destinations[i].hasRemaining()) {
        int count = read(destinations[i]);
        if (count < 0) {
          return total == 0 ? -1 : total;
        }
        total += count;
      }
    }
    return total;
  }

  @Override
  public final synchronized int write(ByteBuffer source) throws IOException {
    int count = write(source, position);
    position += count;
    return count;
  }

  @Override
  public final long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      total += write(sources[i]);
    }
    return total;
  }

  @Override
  public int write(ByteBuffer source, long to) throws IOException {
    throw new NonWritableChannelException();
  }

  @Override
  public final synchronized long position() throws IOException {
    requireOpen();
    return position;
  }

  @Override
  public final synchronized FileChannel position(long to) throws IOException {
    requireOpen();
    position = to;
    return this;
  }

  @Override
  public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
    long end = Math.min(size(), from + count);
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, Math.min(BUFFER, end - from)));
    long at = from;
    while (at < end) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
      at += Math.max(0, read(buffer, at));
      buffer.flip();
      while (buffer.hasRemaining()) {
        target.write(buffer);
      }
    }
    return Math.max(0, at - from);
  }

  @Override
  public final long transferFrom(ReadableByteChannel source, long to, long count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER, count));
    long done = 0;
    while (done < count) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), count - done));
      if (source.read(buffer) < 0) {
        break;
      }
      done += write(buffer.flip(), to + done);
    }
    return done;
  }

  @Override
  public final FileChannel truncate(long size) {
    throw new UnsupportedOperationException("a file of a view is not cut");
  }

  @Override
  public final void force(boolean metaData) {
    // It goes when its job ends.
  }

  @Override
  public final MappedByteBuffer map(MapMode mode, long from, long size) {
    throw new UnsupportedOperationException("a file of a view is not mapped");
  }

  @Override
  public final FileLock lock(long from, long size, boolean shared) {
    throw new UnsupportedOperationException("a file of a view is not locked");
  }

  @Override
  public final FileLock tryLock(long from, long size, boolean shared) {
    throw new UnsupportedOperationException("a file of a view is not locked");
  }
}
