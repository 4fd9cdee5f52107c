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
package dev.fusewright.io.torch;

import dev.fusewright.io.torch.PickleValue.Global;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a pickle stand in its memo, which of them it refers to again, and where its
 * operations end: what must be known to put further operations behind them.
 *
 * <p>A pickle need not memoize what it names once: {@code pickletools.optimize} leaves that out.
 * Such a value is given a slot where it was made. In protocols 4 and 5 a MEMOIZE takes the number
 * of slots before it for its own, which another slot would move: so those that follow are written
 * as PUTs, with the numbers that they have.
 */
final class PickleLayout {
  /** MEMOIZEs of a pickle in which values are given slots: each is a piece of its own then. */
  private static final int MOST_COUNTED = 500_000;

  /** What is refused of a pickle in which a value is to be recalled. */
  static final String IRREGULAR =
      "a value or a slot used twice, or more than " + MOST_COUNTED + " slots without a number";

  /** A frame of protocols 4 and 5. */
  record Frame(long lengthAt, long length) {
    /** The position of its first byte. */
    long start() {
      return lengthAt + Long.BYTES;
    }

    /** The position of the first byte behind the frame. */
    long end() {
      return start() + length;
    }
  }

  private final BitSet recalled = new BitSet();
  private final SortedSet<String> names = new TreeSet<>();
  private final List<Frame> frames = new ArrayList<>();
  private @Nullable PickleValue[] memo = {};
  private @Nullable IdentityHashMap<PickleValue, Integer> slots;
  private final IdentityHashMap<PickleValue, Long> made = new IdentityHashMap<>();
  private final IdentityHashMap<PickleValue, Integer> allotted = new IdentityHashMap<>();
  private final SortedMap<Long, Integer> puts = new TreeMap<>();
  private boolean isRegular = true;
  private long[] countedAt = {};
  private int[] countedSlots = {};
  private int counted;
  private int allottedSlots;
  private long stop = -1;

  void frame(long lengthAt, long length) {
    frames.add(new Frame(lengthAt, length));
  }

  /** A value is used twice without the memo's help, or a slot written twice. */
  void repeat() {
    isRegular = false;
  }

  void recall(int slot) {
    recalled.set(slot);
  }

  /** A value is on top of the stack, and in no slot yet. */
  void made(PickleValue value, long position) {
    made.put(value, position);
  }

  void memoized(PickleValue value) {
    made.remove(value);
  }

  /** A MEMOIZE, whose slot is the number of those before it. */
  void count(long position, int slot) {
    if (counted == countedAt.length) {
      int more = Math.max(256, counted * 2);
      countedAt = Arrays.copyOf(countedAt, more);
      countedSlots = Arrays.copyOf(countedSlots, more);
    }
    countedAt[counted] = position;
    countedSlots[counted++] = slot;
  }

  void name(Global global) {
    names.add(global.qualified());
  }

  void end(long position, @Nullable PickleValue[] finalMemo) {
    stop = position;
    memo = finalMemo;
  }

  /** The position of the STOP operation in what was read. */
  long stop() {
    return stop;
  }

  /** In their order. */
  List<Frame> frames() {
    return Collections.unmodifiableList(frames);
  }

  /**
   * Whether every value that is used several times is recalled from the memo, as all pickles do
   * that Python writes.
   */
  boolean isRegular() {
    return isRegular;
  }

  /** Every class and function that the pickle names, qualified. */
  SortedSet<String> names() {
    return names;
  }

  /** Texts and numbers are many, and are written again rather than recalled. */
  private static boolean isObject(PickleValue value) {
    return value instanceof PickleValue.Instance
        || value instanceof PickleValue.Dict
        || value instanceof PickleValue.Call
        || value instanceof PickleValue.TensorRef
        || value instanceof Global;
  }

  /** The memo slot that holds this very object; empty if none does, and for texts and numbers. */
  OptionalInt slot(PickleValue value) {
    IdentityHashMap<PickleValue, Integer> known = slots;
    if (known == null) {
      known = new IdentityHashMap<>();
      for (int slot = 0; slot < memo.length; slot++) {
        PickleValue held = memo[slot];
        if (held != null && isObject(held)) {
          known.put(held, slot);
        }
      }
      slots = known;
    }
    Integer slot = known.get(value);
    return slot == null ? OptionalInt.empty() : OptionalInt.of(slot);
  }

  /** A memo slot that neither the pickle nor an earlier call has. */
  int allot() {
    int free = memo.length;
    while (free > 0 && memo[free - 1] == null) {
      free--;
    }
    return free + allottedSlots++;
  }

  /** Whether {@link #slotOf} knows a slot. */
  boolean isRecallable(PickleValue value) {
    return slot(value).isPresent() || (made.containsKey(value) && counted <= MOST_COUNTED);
  }

  /**
   * The memo slot that holds a value, or is to hold it: {@link #puts} has those.
   *
   * @throws IllegalStateException if there can be none
   */
  int slotOf(PickleValue value) {
    OptionalInt own = slot(value);
    if (own.isPresent()) {
      return own.getAsInt();
    }
    Long position = made.get(value);
    if (position == null || !isRecallable(value)) {
      throw new IllegalStateException(Descriptions.of(value) + " is not in the memo");
    }
    int slot = allotted.computeIfAbsent(value, absent -> allot());
    puts.put(position, slot);
    return slot;
  }

  /** The slots into which what is on top of the stack is to be put, by position. */
  SortedMap<Long, Integer> puts() {
    return Collections.unmodifiableSortedMap(puts);
  }

  /** The slots of the MEMOIZEs behind the first of {@link #puts}, by position. */
  SortedMap<Long, Integer> movedSlots() {
    SortedMap<Long, Integer> moved = new TreeMap<>();
    for (int i = counted - 1; i >= 0 && !puts.isEmpty() && countedAt[i] >= puts.firstKey(); i--) {
      moved.put(countedAt[i], countedSlots[i]);
    }
    return moved;
  }

  /** Whether the pickle refers to a value again after it was built. */
  boolean isRecalled(PickleValue value) {
    OptionalInt slot = slot(value);
    return !isRegular || (slot.isPresent() && recalled.get(slot.getAsInt()));
  }
}
