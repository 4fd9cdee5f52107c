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

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * A budget of bytes that claims share: a claim that does not fit waits. Safe for use by several
 * threads.
 *
 * <p>Claims are served in the order in which they came, except that one which fits <em>beside</em>
 * the first of those that wait goes past it. So a large claim is never put off by later ones: when
 * those that were there before it are released, it fits, whatever went past. And small claims are
 * not held up by a large one unless it takes nearly all.
 *
 * <p>A thread that holds a claim must not make another of the same budget: with two such threads
 * neither would ever go on. {@link Claim#grow} gives up what is held before it waits.
 */
public final class ByteBudget {
  private final long total;
  private final Deque<Waiter> waiting = new ArrayDeque<>();
  private long used;

  /**
   * A budget.
   *
   * @param total bytes, at least 1
   */
  public ByteBudget(long total) {
    if (total < 1) {
      throw new IllegalArgumentException("a budget of " + total + " bytes");
    }
    this.total = total;
  }

  private static final class Waiter {
    private final long bytes;
    private boolean admitted;

    /** Who stood first when this went past. */
    private @Nullable Waiter passed;

    /** What went past this and is still in use. */
    private long pastMe;

    Waiter(long bytes) {
      this.bytes = bytes;
    }
  }

  /** Bytes in all. */
  public long total() {
    return total;
  }

  /** Bytes that are claimed. */
  public synchronized long used() {
    return used;
  }

  /** How many claims wait. */
  synchronized int waiters() {
    return waiting.size();
  }

  /**
   * Claims bytes, and waits until there are so many.
   *
   * @throws IllegalArgumentException if there will never be so many
   */
  public Claim claim(long bytes) throws InterruptedException {
    return new Claim(admitted(bytes));
  }

  private synchronized Waiter admitted(long bytes) throws InterruptedException {
    if (bytes < 0 || bytes > total) {
      throw new IllegalArgumentException(bytes + " bytes of a budget of " + total);
    }
    Waiter waiter = new Waiter(bytes);
    waiting.addLast(waiter);
    admit();
    try {
      while (!waiter.admitted) {
        wait();
      }
      return waiter;
    } catch (InterruptedException e) {
      if (waiter.admitted) {
        release(waiter);
      } else {
        waiting.remove(waiter);
        admit();
      }
      throw e;
    }
  }

  private synchronized void release(Waiter waiter) {
    used -= waiter.bytes;
    if (waiter.passed != null) {
      waiter.passed.pastMe -= waiter.bytes;
    }
    admit();
  }

  /** Lets in whoever may go now. */
  private synchronized void admit() {
    while (!waiting.isEmpty() && waiting.getFirst().bytes <= total - used) {
      enter(waiting.removeFirst());
    }
    if (!waiting.isEmpty()) {
      Waiter first = waiting.getFirst();
      for (Iterator<Waiter> others = waiting.iterator(); others.hasNext(); ) {
        Waiter other = others.next();
        if (other != first
            && other.bytes <= total - used
            && other.bytes <= total - first.bytes - first.pastMe) {
          others.remove();
          other.passed = first;
          first.pastMe += other.bytes;
          enter(other);
        }
      }
    }
    notifyAll();
  }

  private void enter(Waiter waiter) {
    waiter.admitted = true;
    used += waiter.bytes;
  }

  /** Bytes that are reserved until they are released. For one thread. */
  public final class Claim implements AutoCloseable {
    private @Nullable Waiter held;

    private Claim(Waiter held) {
      this.held = held;
    }

    /** How many bytes it is. */
    public long bytes() {
      return held == null ? 0 : held.bytes;
    }

    /**
     * Makes it at least so many bytes. What is held is given up before more is waited for, so that
     * two that grow at the same time do not wait for each other.
     *
     * @param bytes in all
     * @throws IllegalArgumentException if there will never be so many
     */
    public void grow(long bytes) throws InterruptedException {
      if (bytes > bytes()) {
        if (bytes > total) {
          throw new IllegalArgumentException(bytes + " bytes of a budget of " + total);
        }
        close();
        held = admitted(bytes);
      }
    }

    /** Releases the bytes; a second time does nothing. */
    @Override
    public void close() {
      Waiter released = held;
      held = null;
      if (released != null) {
        release(released);
      }
    }
  }
}
