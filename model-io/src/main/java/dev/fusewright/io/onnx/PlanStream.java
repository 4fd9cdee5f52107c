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
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Writes a plan to a file, in blocks that do not depend on each other: the file's length and the
 * place of each block are known before the first is written. Where there is much to compute, as
 * many threads take part as there are processors that write nothing else.
 *
 * <p>The threads end before {@link #write} returns, whatever happens. None but the caller's is ever
 * interrupted: an interrupt would close the original's file under everybody who reads it.
 */
final class PlanStream {
  /** Payloads of fewer bytes in all are not worth a thread. */
  private static final long SHARED_FROM = 4L << 20;

  /** One permit for each processor: models that are written side by side share them. */
  private static final Semaphore PROCESSORS =
      new Semaphore(Runtime.getRuntime().availableProcessors());

  private final List<Segment> segments;
  private final @Nullable FileBytes original;
  private final Path target;
  private final List<Block> blocks;
  private final int largest;
  private final Censuses censuses = new Censuses();
  private final AtomicInteger next = new AtomicInteger();
  private volatile @Nullable Throwable failure;

  private PlanStream(List<Segment> segments, @Nullable FileBytes original, Path target) {
    this.segments = segments;
    this.original = original;
    this.target = target;
    this.blocks = Block.of(segments);
    this.largest =
        blocks.stream()
            .mapToInt(block -> block instanceof Block.Rendered rendered ? rendered.size() : 0)
            .max()
            .orElse(0);
  }

  /**
   * Writes all segments to {@code target}, which is replaced if it exists.
   *
   * @param original where copies come from; null if the plan has none
   * @return the tensors that were computed
   */
  static List<RewrittenTensor> write(
      List<Segment> segments, @Nullable FileBytes original, Path target) throws IOException {
    FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)
        .close();
    PlanStream stream = new PlanStream(segments, original, target);
    stream.run(payloadBytes(segments) < SHARED_FROM ? 0 : stream.blocks.size() - 1);
    return stream.censuses.rewritten(segments);
  }

  private static long payloadBytes(List<Segment> segments) {
    return segments.stream()
        .filter(Segment.Payload.class::isInstance)
        .mapToLong(Segment::size)
        .sum();
  }

  /** Writes all blocks on this thread and at most {@code most} others. */
  private void run(int most) throws IOException {
    int permits = PROCESSORS.tryAcquire() ? 1 : 0;
    List<Thread> helpers = new ArrayList<>();
    try {
      while (permits > 0 && helpers.size() < most && PROCESSORS.tryAcquire()) {
        permits++;
        Thread helper = new Thread(this::work, "fusewright-fold");
        helper.setDaemon(true);
        helper.start();
        helpers.add(helper);
      }
      work();
    } finally {
      helpers.forEach(PlanStream::joinUninterruptibly);
      PROCESSORS.release(permits);
    }
    rethrow(failure);
  }

  /** Takes blocks until there are none. */
  private void work() {
    try (BlockWriter writer = new BlockWriter(segments, original, censuses, target, largest)) {
      for (int i = next.getAndIncrement();
          i < blocks.size() && failure == null;
          i = next.getAndIncrement()) {
        writer.write(blocks.get(i));
      }
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
    }
  }

  private synchronized void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    } else {
      failure.addSuppressed(cause);
    }
  }

  private static void rethrow(@Nullable Throwable cause) throws IOException {
    if (cause instanceof IOException failure) {
      throw failure;
    } else if (cause instanceof RuntimeException failure) {
      throw failure;
    } else if (cause instanceof Error failure) {
      throw failure;
    }
  }

  private static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
