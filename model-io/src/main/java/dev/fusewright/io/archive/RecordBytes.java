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

import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnreadableFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel.MapMode;
import java.util.OptionalLong;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one record of an archive.
 *
 * <p>Where the archive has a CRC-32 of them, it is checked before the first byte is handed out, so
 * that a damaged weight is never folded into a healthy looking one.
 */
public final class RecordBytes {
  private static final int CHUNK = 1 << 16;
  private static final int SEGMENT_BITS = 30;

  private final String part;
  private final FileRegion region;
  private final OptionalLong checksum;
  private boolean checked;
  private ByteBuffer @Nullable [] segments;

  /**
   * Bytes that nobody has looked at yet.
   *
   * @param part what errors call them, such as {@code storage '3'}
   * @param checksum their CRC-32, or empty where none is known
   */
  public RecordBytes(String part, FileRegion region, OptionalLong checksum) {
    this.part = part;
    this.region = region;
    this.checksum = checksum;
    this.checked = checksum.isEmpty();
  }

  /** The CRC-32 of the bytes, if the file has one. */
  public OptionalLong checksum() {
    return checksum;
  }

  /** Where the bytes lie, not checked. */
  public FileRegion region() {
    return region;
  }

  /** Fills {@code destination} from byte {@code from} on. */
  public void read(long from, ByteBuffer destination) {
    verified().read(from, destination);
  }

  /** Bytes of any position, mapped; for views that are not contiguous. */
  synchronized ByteBuffer segment(long position) {
    FileRegion bytes = verified();
    if (segments == null) {
      segments = new ByteBuffer[(int) ((bytes.length() >> SEGMENT_BITS) + 1)];
    }
    int index = (int) (position >> SEGMENT_BITS);
    ByteBuffer segment = segments[index];
    if (segment == null) {
      long start = (long) index << SEGMENT_BITS;
      long length = Math.min(1L << SEGMENT_BITS, bytes.length() - start);
      try {
        segment =
            bytes
                .file()
                .channel()
                .map(MapMode.READ_ONLY, bytes.offset() + start, length)
                .order(ByteOrder.LITTLE_ENDIAN);
      } catch (IOException e) {
        throw new TensorReadException(bytes.file().label() + ": " + part + " cannot be mapped", e);
      }
      segments[index] = segment;
    }
    return segment;
  }

  /** The position within {@link #segment}. */
  static int inSegment(long position) {
    return (int) (position & ((1L << SEGMENT_BITS) - 1));
  }

  private synchronized FileRegion verified() {
    if (!checked) {
      CRC32 crc = new CRC32();
      ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, Math.max(1, region.length())));
      for (long at = 0; at < region.length(); at += chunk.limit()) {
        chunk.clear().limit((int) Math.min(chunk.capacity(), region.length() - at));
        region.read(at, chunk);
        crc.update(chunk.flip());
      }
      if (crc.getValue() != checksum.orElseThrow()) {
        Problem problem = damaged(crc.getValue());
        throw new TensorReadException(problem.toString(), new MalformedFileException(problem));
      }
      checked = true;
    }
    return region;
  }

  /**
   * Checks the bytes now.
   *
   * @throws MalformedFileException if they are not those of the checksum
   */
  public void verify() {
    try {
      verified();
    } catch (TensorReadException e) {
      throw unwrapped(e);
    }
  }

  private Problem damaged(long found) {
    return region
        .file()
        .problemAt(region.offset())
        .inside(part)
        .expected("bytes with CRC-32 %08x".formatted(checksum.orElseThrow()))
        .found("%08x".formatted(found))
        .hint("The file is damaged: fetch it again");
  }

  /** For errors that must be of a reader's kind. */
  public static RuntimeException unwrapped(TensorReadException e) {
    return e.getCause() instanceof MalformedFileException malformed
        ? malformed
        : e.getCause() instanceof UnreadableFileException unreadable ? unreadable : e;
  }
}
