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

import dev.fusewright.io.format.RewrittenTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes a plan to a file, from front to back. */
final class PlanStream {
  /** Payloads of fewer bytes in all are not worth a thread. */
  private static final long AHEAD_FROM = 4L << 20;

  /** Small models take small buffers: native memory is freed late. */
  private static final long SMALLEST_BUFFER = 1L << 12;

  private PlanStream() {}

  /**
   * Writes all segments to {@code target}, which is replaced if it exists. Where there is much to
   * compute, it is computed on a second thread while this one writes.
   *
   * @param original where copies come from; null if the plan has none
   * @return the tensors that were computed
   */
  static List<RewrittenTensor> write(
      List<Segment> segments, @Nullable FileBytes original, Path target) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      FileSink sink = new FileSink(original, out, segments.stream().mapToLong(Segment::size).sum());
      return payloadBytes(segments) < AHEAD_FROM
          ? new PlanRenderer(original, sink).render(segments)
          : RenderAhead.render(segments, original, sink);
    }
  }

  private static long payloadBytes(List<Segment> segments) {
    return segments.stream()
        .filter(Segment.Payload.class::isInstance)
        .mapToLong(Segment::size)
        .sum();
  }

  /** Writes at once. */
  private static final class FileSink implements PlanRenderer.Sink {
    private final @Nullable FileBytes original;
    private final FileChannel out;
    private final int capacity;
    private @Nullable ByteBuffer buffer;

    FileSink(@Nullable FileBytes original, FileChannel out, long size) {
      this.original = original;
      this.out = out;
      this.capacity = (int) Math.min(PlanRenderer.BUFFER, Math.max(SMALLEST_BUFFER, size));
    }

    @Override
    public ByteBuffer empty() {
      if (buffer == null) {
        buffer = ByteBuffer.allocateDirect(capacity);
      }
      return buffer.clear();
    }

    @Override
    public void full(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }

    /** The kernel copies from file to file. */
    @Override
    public void copy(Segment.Copy copy) throws IOException {
      FileBytes source = Objects.requireNonNull(original);
      long at = copy.start();
      while (at < copy.end()) {
        long count = source.channel().transferTo(at, copy.end() - at, out);
        if (count <= 0) {
          throw new IOException(source.path() + " became shorter while it was copied");
        }
        at += count;
      }
    }
  }
}
