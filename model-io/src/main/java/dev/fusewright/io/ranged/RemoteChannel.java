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

import dev.fusewright.io.file.PlacedBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/** Reads a mounted file. */
final class RemoteChannel extends ViewChannel implements PlacedBytes {
  private final RemoteFile file;

  RemoteChannel(RemoteFile file) {
    this.file = file;
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  void readSome(long from, ByteBuffer destination) throws IOException {
    int count = (int) Math.min(file.size() - from, destination.remaining());
    ByteBuffer part = destination.duplicate();
    part.limit(part.position() + count);
    file.read(from, part);
    destination.position(part.position());
  }

  /** A composite file takes the range over; nothing is read. */
  @Override
  public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
    requireOpen();
    return target instanceof CompositeChannel composite
        ? composite.refer(file, from, Math.max(0, Math.min(count, file.size() - from)))
        : super.transferTo(from, count, target);
  }

  @Override
  public Optional<Object> place(long position, long length) {
    return Optional.of(new Place(file, position, length));
  }

  @Override
  protected void implCloseChannel() {
    // Ranges are requests of their own.
  }
}
