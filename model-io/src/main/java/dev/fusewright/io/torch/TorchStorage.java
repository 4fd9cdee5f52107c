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
 * The memory that tensors are views of.
 *
 * <p>Where the archive has a CRC-32 of the storage, it is checked before the first byte is handed
 * out, so that a damaged weight is never folded into a healthy looking one. A storage that is
 * copied whole keeps its checksum, so that damage stays detectable.
 */
final class TorchStorage {
  private static final int CHUNK = 1 << 16;
  private static final int SEGMENT_BITS = 30;

  private final String key;
  private final TorchType type;
  private final String location;
  private final long elements;
  private @Nullable FileRegion region;
  private long checksum = -1;
  private boolean checked;
  private ByteBuffer @Nullable [] segments;

  TorchStorage(String key, TorchType type, String location, long elements) {
    this.key = key;
    this.type = type;
    this.location = location;
    this.elements = elements;
  }

  /** The name of the storage in the file. */
  String key() {
    return key;
  }

  TorchType type() {
    return type;
  }

  /** The device it was on, such as {@code cpu} or {@code cuda:0}. */
  String location() {
    return location;
  }

  /** Elements of {@link #type()}; bytes, if that is untyped. */
  long elements() {
    return elements;
  }

  long byteCount() {
    return elements * type.bytes();
  }

  /** Whether the bytes have been found in the file. */
  boolean isBound() {
    return region != null;
  }

  /** Says where the bytes lie; {@code crc} is their CRC-32 or empty. */
  void bind(FileRegion bytes, OptionalLong crc) {
    region = bytes;
    checksum = crc.orElse(-1);
    checked = crc.isEmpty();
  }

  /** The CRC-32 of the bytes, if the file has one. */
  OptionalLong checksum() {
    return checksum < 0 ? OptionalLong.empty() : OptionalLong.of(checksum);
  }

  /** Where the bytes lie, not checked. */
  FileRegion region() {
    if (region == null) {
      throw new IllegalStateException("storage " + key + " is not bound");
    }
    return region;
  }

  /** Fills {@code destination} from byte {@code from} of the storage on. */
  void read(long from, ByteBuffer destination) {
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
        throw new TensorReadException(
            bytes.file().label() + ": storage " + key + " cannot be mapped", e);
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
    FileRegion bytes = region();
    if (!checked) {
      CRC32 crc = new CRC32();
      ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, Math.max(1, bytes.length())));
      for (long at = 0; at < bytes.length(); at += chunk.limit()) {
        chunk.clear().limit((int) Math.min(chunk.capacity(), bytes.length() - at));
        bytes.read(at, chunk);
        crc.update(chunk.flip());
      }
      if (crc.getValue() != checksum) {
        Problem problem =
            bytes
                .file()
                .problemAt(bytes.offset())
                .inside("storage '" + key + "'")
                .expected("bytes with CRC-32 %08x".formatted(checksum))
                .found("%08x".formatted(crc.getValue()))
                .hint("The file is damaged: fetch it again");
        throw new TensorReadException(problem.toString(), new MalformedFileException(problem));
      }
      checked = true;
    }
    return bytes;
  }

  /** For errors that must be of a reader's kind. */
  static RuntimeException unwrapped(TensorReadException e) {
    return e.getCause() instanceof MalformedFileException malformed
        ? malformed
        : e.getCause() instanceof UnreadableFileException unreadable ? unreadable : e;
  }
}
