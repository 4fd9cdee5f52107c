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
import java.nio.channels.FileChannel;
import java.util.Optional;

/** Reads or writes a composite file. */
final class CompositeChannel extends ViewChannel implements PlacedBytes {
  private final CompositeFile file;
  private final FileChannel local;

  /**
   * A channel.
   *
   * @param local of the file on this machine, opened for the same
   */
  CompositeChannel(CompositeFile file, FileChannel local) {
    this.file = file;
    this.local = local;
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  void readSome(long from, ByteBuffer destination) throws IOException {
    file.read(from, destination, local);
  }

  @Override
  public int write(ByteBuffer source, long to) throws IOException {
    requireOpen();
    int count = source.remaining();
    file.write(to, source, local);
    return count;
  }

  /** Takes over a range of a mounted file where this channel stands. */
  synchronized long refer(RemoteFile mounted, long from, long count) throws IOException {
    long to = position();
    file.refer(to, mounted, from, count);
    position(to + count);
    return count;
  }

  @Override
  public Optional<Object> place(long position, long length) {
    return file.place(position, length).map(Object.class::cast);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    local.close();
  }
}
