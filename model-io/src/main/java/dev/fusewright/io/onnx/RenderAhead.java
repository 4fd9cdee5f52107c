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
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Renders a plan on a second thread, a few buffers ahead of the thread that writes it: computing a
 * fold and writing it take about the same time.
 *
 * <p>The second thread ends before {@link #render} returns, whatever happens. It is never
 * interrupted: an interrupt would close the original's file under everybody who reads it.
 */
final class RenderAhead {
  private static final int BUFFERS = 4;

  /** What the rendering thread hands over: bytes, a copy, or, at the end, its result. */
  private sealed interface Item {
    record Bytes(ByteBuffer buffer) implements Item {}

    record Copy(Segment.Copy copy) implements Item {}

    record Done(List<RewrittenTensor> rewritten) implements Item {}

    record Failed(Throwable cause) implements Item {}
  }

  private final BlockingQueue<ByteBuffer> free = new LinkedBlockingQueue<>();
  private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
  private volatile boolean stopped;

  private RenderAhead() {
    for (int i = 0; i < BUFFERS; i++) {
      free.add(ByteBuffer.allocateDirect(PlanRenderer.BUFFER));
    }
  }

  /** Renders {@code segments} into {@code sink}, which only the calling thread uses. */
  static List<RewrittenTensor> render(
      List<Segment> segments, @Nullable FileBytes original, PlanRenderer.Sink sink)
      throws IOException {
    RenderAhead ahead = new RenderAhead();
    Thread renderer = new Thread(() -> ahead.run(segments, original), "fusewright-fold");
    renderer.setDaemon(true);
    renderer.start();
    try {
      return ahead.drain(sink);
    } finally {
      ahead.stopped = true;
      ahead.free.add(ByteBuffer.allocate(0));
      joinUninterruptibly(renderer);
    }
  }

  /** The rendering thread. */
  private void run(List<Segment> segments, @Nullable FileBytes original) {
    try {
      items.add(new Item.Done(new PlanRenderer(original, new QueueSink()).render(segments)));
    } catch (IOException | RuntimeException | Error e) {
      items.add(new Item.Failed(e));
    }
  }

  /** The writing thread. */
  private List<RewrittenTensor> drain(PlanRenderer.Sink sink) throws IOException {
    while (true) {
      Item item = take(items);
      if (item instanceof Item.Bytes bytes) {
        sink.full(bytes.buffer());
        free.add(bytes.buffer().clear());
      } else if (item instanceof Item.Copy copy) {
        sink.copy(copy.copy());
      } else if (item instanceof Item.Done done) {
        return done.rewritten();
      } else {
        rethrow(((Item.Failed) item).cause());
      }
    }
  }

  private static void rethrow(Throwable cause) throws IOException {
    if (cause instanceof IOException failure) {
      throw failure;
    } else if (cause instanceof RuntimeException failure) {
      throw failure;
    }
    throw (Error) cause;
  }

  private static <T> T take(BlockingQueue<T> queue) throws IOException {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a model was written", e);
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

  private final class QueueSink implements PlanRenderer.Sink {
    @Override
    public ByteBuffer empty() throws IOException {
      ByteBuffer buffer = take(free);
      if (stopped) {
        throw new CancellationException("nobody writes any more");
      }
      return buffer;
    }

    @Override
    public void full(ByteBuffer bytes) {
      items.add(new Item.Bytes(bytes));
    }

    @Override
    public void copy(Segment.Copy copy) {
      items.add(new Item.Copy(copy));
    }
  }
}
