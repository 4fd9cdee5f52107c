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
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.RewrittenTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lays the segments of a plan side by side into buffers, and computes payloads there; long copies
 * are left to the sink.
 */
final class PlanRenderer {
  /** Fits a second-level cache together with what a tensor needs to compute it. */
  static final int BUFFER = 1 << 18;

  /** Takes what was laid out, in order. */
  interface Sink {
    /** An empty buffer, of {@link #BUFFER} bytes at most; may wait until one is free. */
    ByteBuffer empty() throws IOException;

    /** The next bytes of the file, between position and limit. */
    void full(ByteBuffer bytes) throws IOException;

    /** The next bytes of the file are bytes of the original. */
    void copy(Segment.Copy copy) throws IOException;
  }

  private final @Nullable FileBytes original;
  private final Sink sink;
  private final List<RewrittenTensor> rewritten = new ArrayList<>();
  private ByteBuffer buffer;

  PlanRenderer(@Nullable FileBytes original, Sink sink) throws IOException {
    this.original = original;
    this.sink = sink;
    this.buffer = sink.empty();
  }

  /** Renders all segments; to be called once. */
  List<RewrittenTensor> render(List<Segment> segments) throws IOException {
    for (Segment segment : segments) {
      if (segment instanceof Segment.Copy copy) {
        copy(copy);
      } else if (segment instanceof Segment.Literal literal) {
        literal(literal.bytes());
      } else {
        payload((Segment.Payload) segment);
      }
    }
    sink.full(buffer.flip());
    return rewritten;
  }

  private void next() throws IOException {
    sink.full(buffer.flip());
    buffer = sink.empty();
  }

  private void literal(ByteString bytes) throws IOException {
    for (int done = 0; done < bytes.size(); ) {
      if (!buffer.hasRemaining()) {
        next();
      }
      int count = Math.min(buffer.remaining(), bytes.size() - done);
      bytes.substring(done, done + count).copyTo(buffer);
      done += count;
    }
  }

  private void copy(Segment.Copy copy) throws IOException {
    if (copy.size() > buffer.remaining() && buffer.position() > 0) {
      next();
    }
    if (copy.size() > buffer.remaining()) {
      sink.copy(copy);
    } else {
      int limit = buffer.limit();
      buffer.limit(buffer.position() + (int) copy.size());
      Objects.requireNonNull(original).read(copy.start(), buffer);
      buffer.limit(limit);
    }
  }

  private void payload(Segment.Payload payload) throws IOException {
    Tensor tensor = payload.tensor();
    ElementCensus census = new ElementCensus(tensor.type());
    int element = Math.max(1, tensor.type().bits() / Byte.SIZE);
    long total = tensor.byteCount();
    for (long done = 0; done < total; ) {
      if (buffer.remaining() < Math.min(BUFFER / 2, total - done)) {
        next();
      }
      int start = buffer.position();
      int limit = buffer.limit();
      int room = buffer.remaining() - buffer.remaining() % element;
      int count = (int) Math.min(room, total - done);
      buffer.limit(start + count);
      tensor.read(done, buffer);
      census.add(buffer.position(start));
      buffer.limit(limit).position(start + count);
      done += count;
    }
    rewritten.add(
        RewrittenTensor.of(payload.place().scope().text(), payload.place().name(), tensor, census));
  }
}
