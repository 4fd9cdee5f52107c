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

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.format.ElementCensus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.zip.CRC32;

/**
 * Writes an archive of stored entries, payloads aligned as torch aligns them.
 *
 * <p>Sizes are known before an entry begins; a checksum that is not is written into the header
 * afterwards. The bytes depend on nothing but names and contents. Entries, offsets and counts
 * beyond 32 bits use zip64.
 */
public final class ZipOutput {
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final int LOCAL_CRC = 14;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_SIZE = 46;
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int END64_LOCATOR = 0x07064b50;
  private static final int UTF8_NAMES = 0x0800;
  private static final int ZIP64_VERSION = 45;
  private static final int VERSION = 20;
  private static final int FIRST_OF_1980 = 0x21;
  private static final int ZIP64_FIELD = 1;

  /** The extra field that torch pads with, and its filling. */
  private static final int PADDING_FIELD = 'F' | 'B' << 8;

  private static final byte PADDING = 'Z';
  private static final long LARGE = 0xffffffffL;
  private static final int MANY = 0xffff;
  private static final int CHUNK = 1 << 16;

  private final FileChannel channel;
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
  private long entries;

  /** Writes from the channel's beginning on. */
  public ZipOutput(FileChannel channel) {
    this.channel = channel;
  }

  /** An entry from memory. */
  public void bytes(String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    long at = begin(name, content.length, crc.getValue());
    write(ByteBuffer.wrap(content));
    list(name, at, content.length, crc.getValue());
  }

  /** An entry copied from another file; with a known checksum, without looking at it. */
  public void region(String name, FileRegion region, OptionalLong crc) throws IOException {
    if (crc.isPresent()) {
      long at = begin(name, region.length(), crc.getAsLong());
      region.transferTo(channel);
      list(name, at, region.length(), crc.getAsLong());
    } else {
      streamed(name, region.length(), region);
    }
  }

  /** An entry of a tensor's canonical bytes, computed chunk by chunk. */
  public void tensor(String name, Tensor tensor, ElementCensus census) throws IOException {
    streamed(
        name,
        tensor.byteCount(),
        (offset, destination) -> {
          int start = destination.position();
          tensor.read(offset, destination);
          int end = destination.position();
          census.add(destination.flip().position(start));
          destination.position(end);
        });
  }

  /** An entry that is made chunk by chunk. */
  public void streamed(String name, long size, TensorSource source) throws IOException {
    CRC32 crc = new CRC32();
    long at = begin(name, size, 0);
    for (long done = 0; done < size; ) {
      int count = (int) Math.min(CHUNK, size - done);
      chunk.clear().limit(count);
      source.read(done, chunk);
      crc.update(chunk.flip());
      write(chunk.flip());
      done += count;
    }
    ByteBuffer patch = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    patch.putInt((int) crc.getValue()).flip();
    channel.write(patch, at + LOCAL_CRC);
    list(name, at, size, crc.getValue());
  }

  /**
   * Writes a local header whose padding ends at an aligned offset; returns where the header begins.
   */
  private long begin(String name, long size, long crc) throws IOException {
    long at = channel.position();
    byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
    boolean large = size >= LARGE;
    int zip64 = large ? 20 : 0;
    long payload = at + LOCAL_SIZE + encoded.length + zip64 + 4;
    int padding =
        (int)
            ((ArchiveLimits.ALIGNMENT - payload % ArchiveLimits.ALIGNMENT)
                % ArchiveLimits.ALIGNMENT);
    ByteBuffer header =
        ByteBuffer.allocate(LOCAL_SIZE + encoded.length + zip64 + 4 + padding)
            .order(ByteOrder.LITTLE_ENDIAN);
    header
        .putInt(LOCAL)
        .putShort((short) (large ? ZIP64_VERSION : VERSION))
        .putShort((short) UTF8_NAMES);
    header
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort((short) FIRST_OF_1980)
        .putInt((int) crc);
    header.putInt((int) (large ? LARGE : size)).putInt((int) (large ? LARGE : size));
    header.putShort((short) encoded.length).putShort((short) (zip64 + 4 + padding)).put(encoded);
    if (large) {
      header.putShort((short) ZIP64_FIELD).putShort((short) 16).putLong(size).putLong(size);
    }
    header.putShort((short) PADDING_FIELD).putShort((short) padding);
    while (header.hasRemaining()) {
      header.put(PADDING);
    }
    write(header.flip());
    return at;
  }

  private void list(String name, long at, long size, long crc) {
    byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
    boolean largeSize = size >= LARGE;
    boolean largeOffset = at >= LARGE;
    int values = (largeSize ? 16 : 0) + (largeOffset ? 8 : 0);
    int extra = values == 0 ? 0 : values + 4;
    ByteBuffer record =
        ByteBuffer.allocate(CENTRAL_SIZE + encoded.length + extra).order(ByteOrder.LITTLE_ENDIAN);
    short version = (short) (extra > 0 ? ZIP64_VERSION : VERSION);
    record.putInt(CENTRAL).putShort(version).putShort(version).putShort((short) UTF8_NAMES);
    record
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort((short) FIRST_OF_1980)
        .putInt((int) crc);
    record.putInt((int) (largeSize ? LARGE : size)).putInt((int) (largeSize ? LARGE : size));
    record.putShort((short) encoded.length).putShort((short) extra).putShort((short) 0);
    record
        .putShort((short) 0)
        .putShort((short) 0)
        .putInt(0)
        .putInt((int) (largeOffset ? LARGE : at))
        .put(encoded);
    if (extra > 0) {
      record.putShort((short) ZIP64_FIELD).putShort((short) values);
      if (largeSize) {
        record.putLong(size).putLong(size);
      }
      if (largeOffset) {
        record.putLong(at);
      }
    }
    directory.writeBytes(record.array());
    entries++;
  }

  /** Writes the directory; nothing can follow. */
  public void finish() throws IOException {
    long start = channel.position();
    long size = directory.size();
    write(ByteBuffer.wrap(directory.toByteArray()));
    boolean large = start >= LARGE || size >= LARGE || entries >= MANY;
    ByteBuffer end = ByteBuffer.allocate(56 + 20 + 22).order(ByteOrder.LITTLE_ENDIAN);
    if (large) {
      long end64 = start + size;
      end.putInt(END64).putLong(44).putShort((short) ZIP64_VERSION).putShort((short) ZIP64_VERSION);
      end.putInt(0).putInt(0).putLong(entries).putLong(entries).putLong(size).putLong(start);
      end.putInt(END64_LOCATOR).putInt(0).putLong(end64).putInt(1);
    }
    short count = (short) (entries >= MANY ? MANY : entries);
    end.putInt(END).putShort((short) 0).putShort((short) 0).putShort(count).putShort(count);
    end.putInt((int) (size >= LARGE ? LARGE : size)).putInt((int) (start >= LARGE ? LARGE : start));
    end.putShort((short) 0);
    write(end.flip());
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
