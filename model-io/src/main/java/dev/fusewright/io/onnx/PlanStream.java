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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a plan from front to back, through one buffer: long copies go from file to file, payloads
 * are computed in the buffer.
 */
final class PlanStream {
  private static final int BUFFER = 1 << 18;

  private final @Nullable FileBytes original;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private final List<WriteSummary.Rewritten> rewritten = new ArrayList<>();

  /** A stream whose copies come from {@code original}; null if the plan has none. */
  PlanStream(@Nullable FileBytes original) {
    this.original = original;
  }

  List<WriteSummary.Rewritten> rewritten() {
    return rewritten;
  }

  /** Writes all segments to {@code target}, which is replaced if it exists. */
  void write(List<Segment> segments, Path target) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (Segment segment : segments) {
        if (segment instanceof Segment.Copy copy) {
          copy(copy, out);
        } else if (segment instanceof Segment.Literal literal) {
          literal(literal.bytes(), out);
        } else {
          payload((Segment.Payload) segment, out);
        }
      }
      flush(out);
    }
  }

  private void flush(FileChannel out) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
    buffer.clear();
  }

  private void literal(ByteString bytes, FileChannel out) throws IOException {
    for (int done = 0; done < bytes.size(); ) {
      if (!buffer.hasRemaining()) {
        flush(out);
      }
      int count = Math.min(buffer.remaining(), bytes.size() - done);
      bytes.substring(done, done + count).copyTo(buffer);
      done += count;
    }
  }

  private void copy(Segment.Copy copy, FileChannel out) throws IOException {
    FileBytes source = java.util.Objects.requireNonNull(original);
    long at = copy.start();
    if (copy.size() <= BUFFER) {
      if (copy.size() > buffer.remaining()) {
        flush(out);
      }
      buffer.limit(buffer.position() + (int) copy.size());
      source.read(at, buffer);
      buffer.limit(BUFFER);
      return;
    }
    flush(out);
    while (at < copy.end()) {
      long count = source.channel().transferTo(at, copy.end() - at, out);
      if (count <= 0) {
        throw new IOException(source.path() + " became shorter while it was copied");
      }
      at += count;
    }
  }

  private void payload(Segment.Payload payload, FileChannel out) throws IOException {
    Tensor tensor = payload.tensor();
    ElementCensus census = new ElementCensus(tensor.type());
    int element = Math.max(1, tensor.type().bits() / Byte.SIZE);
    long total = tensor.byteCount();
    for (long done = 0; done < total; ) {
      if (buffer.remaining() < Math.min(BUFFER / 2, total - done)) {
        flush(out);
      }
      int start = buffer.position();
      int room = buffer.remaining() - buffer.remaining() % element;
      int count = (int) Math.min(room, total - done);
      buffer.limit(start + count);
      tensor.read(done, buffer);
      census.add(buffer.position(start));
      buffer.position(start + count).limit(BUFFER);
      done += count;
    }
    rewritten.add(
        new WriteSummary.Rewritten(
            payload.place().scope(),
            payload.place().name(),
            tensor.shape().elementCount(),
            census.nonFinite(),
            census.subnormal(),
            census.zero()));
  }
}
