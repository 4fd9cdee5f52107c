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
package dev.fusewright.io.archive;

import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Reads a region from front to back through a small buffer, and knows where it stands. */
public final class ByteInput {
  private static final int BUFFER = 1 << 15;

  private final FileRegion region;
  private final ByteBuffer buffer;
  private long next;

  /** Stands at the first byte of a region. */
  public ByteInput(FileRegion region) {
    this.region = region;
    this.buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  }

  /** Bytes read so far. */
  public long position() {
    return next - buffer.remaining();
  }

  /** Bytes that are left. */
  public long remaining() {
    return region.length() - position();
  }

  /** What is read. */
  public FileRegion region() {
    return region;
  }

  /** The beginning of an error at a byte of this input. */
  public Problem problemAt(long position) {
    return region.file().problemAt(region.offset() + position);
  }

  /** One byte. */
  public int u1() {
    return need(1).get() & 0xff;
  }

  /** Two bytes, little-endian, without sign. */
  public int u2() {
    return need(2).getShort() & 0xffff;
  }

  /** Four bytes, little-endian. */
  public int i4() {
    return need(4).getInt();
  }

  /** Four bytes, little-endian, without sign. */
  public long u4() {
    return Integer.toUnsignedLong(i4());
  }

  /** Eight bytes, little-endian. */
  public long i8() {
    return need(8).getLong();
  }

  /** Eight bytes of a double, big-endian. */
  public double bigEndianDouble() {
    return Double.longBitsToDouble(Long.reverseBytes(i8()));
  }

  /** The next {@code count} bytes; the caller has limited {@code count}. */
  public byte[] bytes(long count) {
    if (count > remaining()) {
      throw truncated(count);
    }
    byte[] bytes = new byte[Math.toIntExact(count)];
    int done = 0;
    while (done < bytes.length) {
      int step = Math.min(bytes.length - done, BUFFER);
      need(step).get(bytes, done, step);
      done += step;
    }
    return bytes;
  }

  /** Bytes up to, and without, the next line feed. */
  public byte[] line(int longest) {
    byte[] line = new byte[64];
    int length = 0;
    long start = position();
    for (int next = u1(); next != '\n'; next = u1()) {
      if (length == longest) {
        throw new MalformedFileException(
            problemAt(start)
                .expected("a line of at most " + longest + " bytes")
                .found("a longer one"));
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, length * 2);
      }
      line[length++] = (byte) next;
    }
    return Arrays.copyOf(line, length);
  }

  /** A signed little-endian integer of any size. */
  public BigInteger bigInteger(int count) {
    byte[] little = bytes(count);
    byte[] big = new byte[count];
    for (int i = 0; i < count; i++) {
      big[i] = little[count - 1 - i];
    }
    return count == 0 ? BigInteger.ZERO : new BigInteger(big);
  }

  private ByteBuffer need(int count) {
    if (buffer.remaining() < count) {
      if (count > remaining()) {
        throw truncated(count);
      }
      buffer.compact();
      int fresh = (int) Math.min(buffer.remaining(), region.length() - next);
      buffer.limit(buffer.position() + fresh);
      region.file().read(region.offset() + next, buffer);
      next += fresh;
      buffer.flip();
    }
    return buffer;
  }

  private MalformedFileException truncated(long count) {
    return new MalformedFileException(
        problemAt(position())
            .expected(count + " more bytes")
            .found(remaining() + " before the end")
            .hint("The file is cut short: fetch it again"));
  }
}
