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

import com.google.protobuf.WireFormat;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import java.nio.ByteBuffer;

/**
 * Walks the fields of protobuf messages in a file, one after the other, without knowing what they
 * mean.
 *
 * <p>After {@link #next} the accessors describe one field: {@code tagStart ≤ payload ≤ payloadEnd}.
 * To look inside a sub-message, remember its payload's bounds, {@link #seek} to its start, walk it,
 * and seek to its end. Bytes are seen through a window that grows while reading goes straight on
 * and is small after a jump, so that hopping over weights reads little.
 */
final class WireCursor {
  private static final int MAX_WINDOW = 1 << 16;
  private static final int MIN_WINDOW = 1 << 11;

  private final FileBytes file;
  private final ReadLimits limits;
  private final byte[] window = new byte[MAX_WINDOW];
  private long windowStart;
  private int windowLength;
  private int nextWindow = MIN_WINDOW;
  private long position;

  private long tagStart;
  private int field;
  private int wireType;
  private long payload;
  private long payloadEnd;
  private long value;

  WireCursor(FileBytes file, ReadLimits limits) {
    this.file = file;
    this.limits = limits;
  }

  /** Where the tag of the current field begins. */
  long tagStart() {
    return tagStart;
  }

  /** The number of the current field. */
  int field() {
    return field;
  }

  /** Where its payload begins: behind its tag, or behind its length. */
  long payload() {
    return payload;
  }

  /** Where it ends. */
  long payloadEnd() {
    return payloadEnd;
  }

  /** The value of a varint field. */
  long value() {
    return value;
  }

  /**
   * Whether the current field is {@code number}, length-delimited: a message, a string, or packed
   * numbers.
   */
  boolean isDelimited(int number) {
    return field == number && isDelimited();
  }

  boolean isDelimited() {
    return wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  /** Whether the current field is {@code number} as a varint. */
  boolean isVarint(int number) {
    return field == number && isVarint();
  }

  boolean isVarint() {
    return wireType == WireFormat.WIRETYPE_VARINT;
  }

  /** Whether the current field is one fixed-size number of {@code bytes} bytes. */
  boolean isFixed(int bytes) {
    return wireType
        == (bytes == Float.BYTES ? WireFormat.WIRETYPE_FIXED32 : WireFormat.WIRETYPE_FIXED64);
  }

  FileBytes file() {
    return file;
  }

  void seek(long to) {
    position = to;
  }

  /**
   * Moves to the next field of the message that ends at {@code end}; false if there is none.
   *
   * @throws MalformedFileException if the bytes are no field, or reach beyond {@code end}
   */
  boolean next(long end) {
    if (position >= end) {
      return false;
    }
    tagStart = position;
    long tag = varint(end);
    field = tag > 0xffff_ffffL || tag < 0 ? 0 : (int) (tag >>> 3);
    wireType = (int) tag & 7;
    if (field == 0) {
      throw malformed(tagStart, "the tag of a field", "the number " + Long.toUnsignedString(tag));
    }
    payload = position;
    switch (wireType) {
      case WireFormat.WIRETYPE_VARINT -> value = varint(end);
      case WireFormat.WIRETYPE_FIXED64 -> skip(Long.BYTES, end);
      case WireFormat.WIRETYPE_FIXED32 -> skip(Integer.BYTES, end);
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
        long length = varint(end);
        payload = position;
        skip(length, end);
      }
      case WireFormat.WIRETYPE_START_GROUP -> skipGroup(end);
      default ->
          throw malformed(
              tagStart, "a field", "wire type " + wireType + " with field number " + field);
    }
    payloadEnd = position;
    return true;
  }

  private void skip(long bytes, long end) {
    if (bytes < 0 || bytes > end - position) {
      throw malformed(
          tagStart,
          Long.toUnsignedString(bytes) + " bytes, as field " + field + " announces",
          (end - position) + " in " + (end == file.size() ? "the file" : "its message"));
    }
    position += bytes;
  }

  /**
   * Unknown groups, as old protobuf writers made them; a stack of field numbers instead of
   * recursion.
   */
  private void skipGroup(long end) {
    long start = tagStart;
    int[] open = new int[limits.depth()];
    int depth = 0;
    open[depth++] = field;
    while (depth > 0) {
      if (position >= end) {
        throw malformed(start, "the end of group " + open[depth - 1], "the end of its message");
      }
      long tag = varint(end);
      int number = (int) (tag >>> 3);
      switch ((int) tag & 7) {
        case WireFormat.WIRETYPE_VARINT -> varint(end);
        case WireFormat.WIRETYPE_FIXED64 -> skip(Long.BYTES, end);
        case WireFormat.WIRETYPE_FIXED32 -> skip(Integer.BYTES, end);
        case WireFormat.WIRETYPE_LENGTH_DELIMITED -> skip(varint(end), end);
        case WireFormat.WIRETYPE_START_GROUP -> {
          if (depth == open.length) {
            throw tooDeep(start);
          }
          open[depth++] = number;
        }
        case WireFormat.WIRETYPE_END_GROUP -> {
          if (number != open[--depth]) {
            throw malformed(start, "the end of group " + open[depth], "the end of group " + number);
          }
        }
        default -> throw malformed(start, "a group", "wire type " + (tag & 7) + " in it");
      }
    }
  }

  private long varint(long end) {
    long start = position;
    long result = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (position >= end) {
        throw malformed(start, "a number", "the end of its message");
      }
      byte next = byteAt(position++);
      result |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return result;
      }
    }
    throw malformed(start, "a number of at most ten bytes", "a longer one");
  }

  private byte byteAt(long at) {
    long index = at - windowStart;
    if (index < 0 || index >= windowLength) {
      fill(at);
      index = 0;
    }
    return window[(int) index];
  }

  private void fill(long at) {
    nextWindow =
        at == windowStart + windowLength ? Math.min(nextWindow * 2, MAX_WINDOW) : MIN_WINDOW;
    int length = (int) Math.min(nextWindow, file.size() - at);
    file.read(at, ByteBuffer.wrap(window, 0, length));
    windowStart = at;
    windowLength = length;
  }

  /**
   * Copies a slice of the file that is about to be parsed.
   *
   * @throws TooLargeException if it is longer than a message may be
   */
  byte[] copy(long from, long to) {
    requireParsable(from, to - from);
    byte[] copy = new byte[(int) (to - from)];
    copy(from, copy, 0, copy.length);
    return copy;
  }

  void copy(long from, byte[] into, int at, int length) {
    long index = from - windowStart;
    if (index >= 0 && index + length <= windowLength) {
      System.arraycopy(window, (int) index, into, at, length);
    } else {
      file.read(from, ByteBuffer.wrap(into, at, length));
    }
  }

  void requireParsable(long from, long length) {
    if (length > limits.messageBytes()) {
      throw new TooLargeException(
          Problem.in(file.path())
              .at(from)
              .expected(
                  "at most " + limits.messageBytes() + " bytes in one message beside its tensors")
              .found(Long.toString(length)));
    }
  }

  TooLargeException tooDeep(long at) {
    return new TooLargeException(
        Problem.in(file.path())
            .at(at)
            .expected("at most " + limits.depth() + " messages inside each other")
            .found("more"));
  }

  MalformedFileException malformed(long at, String expected, String found) {
    return new MalformedFileException(
        Problem.in(file.path()).at(at).expected(expected).found(found));
  }
}
