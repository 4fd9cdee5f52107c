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
package dev.fusewright.pipeline.cache;

import dev.fusewright.io.storage.Location;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which batch has the receipt of an entry, or of a content: some twenty bytes for each of them. Of
 * two batches with the same id the one that was added last counts. Not for use by several threads.
 */
final class ReceiptIndex {
  private static final double FULL = 0.6;
  private static final int NONE = -1;

  private final List<Location> batches = new ArrayList<>();
  private long[] keys = new long[64];
  private int[] numbers = new int[64];
  private int size;

  ReceiptIndex() {
    Arrays.fill(numbers, NONE);
  }

  /**
   * Adds a batch.
   *
   * @param ids the numbers of its ids, as {@link ReceiptBatch#key} says
   */
  void add(Location batch, ByteBuffer ids) {
    int number = batches.size();
    batches.add(batch);
    ByteBuffer all = ids.duplicate();
    while (all.hasRemaining()) {
      put(all.getLong(), number);
    }
  }

  private void put(long key, int number) {
    if (size + 1 > FULL * keys.length) {
      grow();
    }
    int slot = slot(key);
    size += numbers[slot] == NONE ? 1 : 0;
    keys[slot] = key;
    numbers[slot] = number;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldNumbers = numbers;
    keys = new long[2 * oldKeys.length];
    numbers = new int[keys.length];
    Arrays.fill(numbers, NONE);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldNumbers[i] != NONE) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        numbers[slot] = oldNumbers[i];
      }
    }
  }

  /** Where a key is, or would be. */
  private int slot(long key) {
    int slot = Math.floorMod(key, keys.length);
    while (numbers[slot] != NONE && keys[slot] != key) {
      slot = slot + 1 == keys.length ? 0 : slot + 1;
    }
    return slot;
  }

  /** The batch that may have an entry's receipt; null if none has. */
  @Nullable Location find(String id) {
    int number = numbers[slot(ReceiptBatch.key(id))];
    return number == NONE ? null : batches.get(number);
  }
}
