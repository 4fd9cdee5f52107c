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

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.format.ElementCensus;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes blocks of a file, each where it belongs: payloads are computed in a buffer and counted
 * there, long copies are left to the kernel. For one thread; several of them may write one file.
 */
final class BlockWriter implements Closeable {
  private final List<Segment> segments;
  private final @Nullable FileBytes original;
  private final Censuses censuses;
  private final FileChannel out;
  private final ByteBuffer buffer;

  /**
   * A writer into a file that is there.
   *
   * @param largest bytes of the largest block that is rendered
   */
  BlockWriter(
      List<Segment> segments,
      @Nullable FileBytes original,
      Censuses censuses,
      Path target,
      int largest)
      throws IOException {
    this.segments = segments;
    this.original = original;
    this.censuses = censuses;
    this.out = FileChannel.open(target, StandardOpenOption.WRITE);
    this.buffer = ByteBuffer.allocateDirect(largest);
  }

  void write(Block block) throws IOException {
    if (block instanceof Block.Transfer transfer) {
      transfer(transfer);
      return;
    }
    render((Block.Rendered) block);
    long at = block.position();
    while (buffer.hasRemaining()) {
      at += out.write(buffer, at);
    }
  }

  private void transfer(Block.Transfer transfer) throws IOException {
    FileBytes source = Objects.requireNonNull(original);
    out.position(transfer.position());
    long at = transfer.start();
    while (at < transfer.end()) {
      long count = source.channel().transferTo(at, transfer.end() - at, out);
      if (count <= 0) {
        throw new IOException(source.path() + " became shorter while it was copied");
      }
      at += count;
    }
  }

  private void render(Block.Rendered block) {
    buffer.clear();
    int segment = block.segment();
    long skipped = block.skipped();
    while (buffer.position() < block.size()) {
      int start = buffer.position();
      int count =
          (int) Math.min(segments.get(segment).size() - skipped, block.size() - (long) start);
      buffer.limit(start + count);
      render(segment, skipped, count);
      segment++;
      skipped = 0;
    }
    buffer.flip();
  }

  /** Fills the buffer up to its limit. */
  private void render(int index, long skipped, int count) {
    Segment segment = segments.get(index);
    if (segment instanceof Segment.Copy copy) {
      Objects.requireNonNull(original).read(copy.start() + skipped, buffer);
    } else if (segment instanceof Segment.Literal literal) {
      literal.bytes().substring((int) skipped, (int) skipped + count).copyTo(buffer);
    } else {
      Tensor tensor = ((Segment.Payload) segment).tensor();
      int start = buffer.position();
      tensor.read(skipped, buffer);
      ElementCensus census = new ElementCensus(tensor.type());
      census.add(buffer.duplicate().position(start));
      censuses.add(index, census);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
