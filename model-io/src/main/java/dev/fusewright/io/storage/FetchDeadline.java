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
package dev.fusewright.io.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Deadline of a fetch: it ends when its source has given no byte for so long. A read that blocks is
 * not to be interrupted on every store and file system; so the work is done by a thread of its own,
 * which is left behind, and ends when its client gives up.
 */
public final class FetchDeadline {
  private static final String IDLE = "fetch of nothing";

  /** Where nobody says otherwise. */
  public static final Duration STANDARD = Duration.ofMinutes(5);

  /** Threads that wait for sources; those that have nothing to do end soon. */
  private static final ExecutorService THREADS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          5,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, IDLE);
            thread.setDaemon(true);
            return thread;
          });

  private FetchDeadline() {}

  /** Is told whenever something came. */
  public interface Progress {
    void made();
  }

  /** Work that waits for a source. */
  public interface Fetch<T> {
    T run(Progress progress) throws IOException;
  }

  /**
   * Does the work.
   *
   * @param most how long a source may give nothing
   * @param source as errors call it
   * @throws StalledSourceException if it gave nothing for so long
   * @throws InterruptedIOException if this thread was interrupted, which it still is afterwards
   */
  public static <T> T run(Duration most, String source, Fetch<T> fetch) throws IOException {
    AtomicLong last = new AtomicLong(System.nanoTime());
    Future<T> task =
        THREADS.submit(
            () -> {
              Thread.currentThread().setName("fetch of " + source);
              try {
                return fetch.run(() -> last.set(System.nanoTime()));
              } finally {
                Thread.currentThread().setName(IDLE);
              }
            });
    while (true) {
      long left = most.toNanos() - (System.nanoTime() - last.get());
      if (left <= 0 && !task.isDone()) {
        task.cancel(/* mayInterruptIfRunning= */ true);
        throw new StalledSourceException(source, most);
      }
      try {
        return task.get(Math.max(1, left), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        // Something may have come meanwhile.
      } catch (InterruptedException e) {
        task.cancel(/* mayInterruptIfRunning= */ true);
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException(source + ": interrupted");
        interrupted.initCause(e);
        throw interrupted;
      } catch (ExecutionException e) {
        throw thrown(e.getCause());
      }
    }
  }

  private static IOException thrown(@Nullable Throwable cause) {
    if (cause instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof IOException io ? io : new IOException(cause);
  }
}
