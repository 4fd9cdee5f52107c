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

import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The statuses of very many files, in some {@value #FILE_BYTES} bytes each: a file is known by 96
 * bits of two hashes of its location, and the usual etag, a number of 32 hexadecimal digits with or
 * without a count of parts, is kept as one. What cannot be kept so is not kept, and not found.
 */
final class StatusTable {
  /** What one file takes of the heap, about. */
  static final int FILE_BYTES = 60;

  private static final double FULL = 0.8;
  private static final double GROWTH = 1.5;
  private static final Pattern USUAL_ETAG =
      Pattern.compile("([0-9a-f]{16})([0-9a-f]{16})(?:-([1-9][0-9]{0,3}))?");
  private static final short NO_ETAG = -1;
  private static final short OTHER_ETAG = -2;

  /** Few files have etags of another form: there are not to be more of them than this. */
  private static final int MOST_OTHER_ETAGS = 100_000;

  private int size;
  private Slots slots = new Slots(64, /* hasEtags= */ false);
  private final Map<Long, String> otherEtags = new HashMap<>();

  /** Columns of the table; a key of 0 is none. */
  private static final class Slots {
    private final long[] keys;
    private final int[] checks;
    private final long[] bytes;

    /** Since 1970. */
    private final long[] nanoseconds;

    private final @Nullable Etags etags;

    Slots(int capacity, boolean hasEtags) {
      keys = new long[capacity];
      checks = new int[capacity];
      bytes = new long[capacity];
      nanoseconds = new long[capacity];
      etags = hasEtags ? new Etags(capacity) : null;
    }

    /** Where a file is, or would be. */
    int slot(long key, int check) {
      int slot = Math.floorMod(key, keys.length);
      while (keys[slot] != 0 && (keys[slot] != key || checks[slot] != check)) {
        slot = slot + 1 == keys.length ? 0 : slot + 1;
      }
      return slot;
    }

    void copy(Slots from, int old) {
      int slot = slot(from.keys[old], from.checks[old]);
      keys[slot] = from.keys[old];
      checks[slot] = from.checks[old];
      bytes[slot] = from.bytes[old];
      nanoseconds[slot] = from.nanoseconds[old];
      Etags theirs = from.etags;
      if (etags != null && theirs != null) {
        etags.parts[slot] = theirs.parts[old];
        etags.digits[2 * slot] = theirs.digits[2 * old];
        etags.digits[2 * slot + 1] = theirs.digits[2 * old + 1];
      }
    }
  }

  /** Columns of etags, which a local disk has not. */
  private static final class Etags {
    /** Two for each. */
    private final long[] digits;

    /** How many parts an etag counts, 0 of one that does not; or that it is none, or another. */
    private final short[] parts;

    Etags(int capacity) {
      digits = new long[2 * capacity];
      parts = new short[capacity];
      Arrays.fill(parts, NO_ETAG);
    }
  }

  /** How many files it holds. */
  int size() {
    return size;
  }

  /** Keeps what is known of a file, in the place of what was. */
  void put(StoredFile file) {
    long nanoseconds;
    try {
      nanoseconds =
          Math.addExact(
              Math.multiplyExact(file.modified().getEpochSecond(), 1_000_000_000L),
              file.modified().getNano());
    } catch (ArithmeticException e) {
      return;
    }
    String etag = file.etag();
    if (etag != null && slots.etags == null) {
      resize(slots.keys.length, /* hasEtags= */ true);
    }
    if (size + 1 > FULL * slots.keys.length) {
      resize((int) (GROWTH * slots.keys.length), slots.etags != null);
    }
    long key = key(file.location());
    int check = check(file.location());
    int slot = slots.slot(key, check);
    if (!putEtag(slot, key, etag)) {
      return;
    }
    size += slots.keys[slot] == 0 ? 1 : 0;
    slots.keys[slot] = key;
    slots.checks[slot] = check;
    slots.bytes[slot] = file.bytes();
    slots.nanoseconds[slot] = nanoseconds;
  }

  private boolean putEtag(int slot, long key, @Nullable String etag) {
    Etags etags = slots.etags;
    if (etags == null) {
      return etag == null;
    }
    if (etag == null) {
      etags.parts[slot] = NO_ETAG;
      return true;
    }
    Matcher usual = USUAL_ETAG.matcher(etag);
    if (usual.matches()) {
      etags.digits[2 * slot] = Long.parseUnsignedLong(usual.group(1), 16);
      etags.digits[2 * slot + 1] = Long.parseUnsignedLong(usual.group(2), 16);
      etags.parts[slot] = usual.group(3) == null ? 0 : Short.parseShort(usual.group(3));
      return true;
    }
    if (otherEtags.size() == MOST_OTHER_ETAGS) {
      return false;
    }
    otherEtags.put(key, etag);
    etags.parts[slot] = OTHER_ETAG;
    return true;
  }

  private void resize(int capacity, boolean hasEtags) {
    Slots larger = new Slots(capacity, hasEtags);
    for (int slot = 0; slot < slots.keys.length; slot++) {
      if (slots.keys[slot] != 0) {
        larger.copy(slots, slot);
      }
    }
    slots = larger;
  }

  /** What is known of a file; empty if nothing is. */
  Optional<StoredFile> find(Location file) {
    long key = key(file);
    int slot = slots.slot(key, check(file));
    if (slots.keys[slot] == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new StoredFile(
            file,
            slots.bytes[slot],
            Instant.ofEpochSecond(
                Math.floorDiv(slots.nanoseconds[slot], 1_000_000_000L),
                Math.floorMod(slots.nanoseconds[slot], 1_000_000_000L)),
            etag(slot, key)));
  }

  private @Nullable String etag(int slot, long key) {
    Etags etags = slots.etags;
    if (etags == null || etags.parts[slot] == NO_ETAG) {
      return null;
    }
    if (etags.parts[slot] == OTHER_ETAG) {
      return otherEtags.get(key);
    }
    String digits =
        "%016x%016x".formatted(etags.digits[2 * slot], etags.digits[2 * slot + 1]);
    return etags.parts[slot] == 0 ? digits : digits + "-" + etags.parts[slot];
  }

  /** FNV-1a of all that names a file, with its bits mixed once more; never 0. */
  private static long key(Location file) {
    long hash = 0xcbf29ce484222325L;
    for (String text : Arrays.asList(file.scheme(), "\0", file.authority(), "\0", file.path())) {
      for (int i = 0; i < text.length(); i++) {
        hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
      }
    }
    hash ^= hash >>> 32;
    hash *= 0x9e3779b97f4a7c15L;
    hash ^= hash >>> 29;
    return hash == 0 ? 1 : hash;
  }

  /** Of another kind. */
  private static int check(Location file) {
    return file.path().hashCode();
  }
}
