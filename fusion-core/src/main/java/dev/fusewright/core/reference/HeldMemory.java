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
package dev.fusewright.core.reference;

import java.util.concurrent.Semaphore;

/**
 * Heap that the values of one evaluation hold. Every evaluation may hold a small share of it, so
 * that many may go on at once; those that need more do so one after the other, and nobody gets more
 * than a third of the heap.
 */
final class HeldMemory implements AutoCloseable {
  private static final long HEAP = Runtime.getRuntime().maxMemory();
  private static final long SHARE = HEAP / (16L * Runtime.getRuntime().availableProcessors());
  private static final long MOST = HEAP / 3;

  /** Nothing larger than this is decoded whole. */
  static final int MOST_ELEMENTS = (int) Math.min(Integer.MAX_VALUE - 8, MOST / Double.BYTES);

  private static final Semaphore MORE_THAN_A_SHARE = new Semaphore(1);

  private long held;
  private boolean hasMore;

  /**
   * Before values are made, or at the latest when they are there.
   *
   * @param name of what they are for
   * @throws EvaluationMemoryException if they are too many
   */
  void hold(String name, long elements) {
    long bytes = elements > MOST / Double.BYTES ? MOST : elements * Double.BYTES;
    if (held + bytes >= MOST) {
      throw new EvaluationMemoryException(name, elements, held, MOST);
    }
    held += bytes;
    if (held > SHARE && !hasMore) {
      MORE_THAN_A_SHARE.acquireUninterruptibly();
      hasMore = true;
    }
  }

  void release(long elements) {
    held -= elements * Double.BYTES;
  }

  @Override
  public void close() {
    if (hasMore) {
      MORE_THAN_A_SHARE.release();
      hasMore = false;
    }
  }
}
