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
package dev.fusewright.io.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The beginning and the end of a file, by which its format is told.
 *
 * @param head the first 64 KB, or all of a smaller file; little-endian, to be read by index
 * @param tail the last 64 KB, or all of a smaller file; little-endian, to be read by index
 * @param size bytes of the file
 */
public record FileEnds(ByteBuffer head, ByteBuffer tail, long size) {
  private static final int WINDOW = 1 << 16;
  private static final int ZIP_LOCAL_HEADER = 0x04034b50;
  private static final int ZIP_LOCAL_SIZE = 30;
  private static final int ZIP_CENTRAL_HEADER = 0x02014b50;
  private static final int ZIP_CENTRAL_SIZE = 46;
  private static final int ZIP_END = 0x06054b50;
  private static final int ZIP_END_SIZE = 22;
  private static final int ZIP_LOCATOR_SIZE = 20;
  private static final int ZIP_END64 = 0x06064b50;
  private static final int ZIP_END64_SIZE = 56;

  /**
   * Reads both ends of a file.
   *
   * @throws UnreadableFileException if the file cannot be read
   */
  public static FileEnds of(Path path) {
    try (FileChannel channel = CheckpointFiles.open(path)) {
      long size = channel.size();
      long length = Math.min(WINDOW, size);
      return new FileEnds(window(channel, 0, length), window(channel, size - length, length), size);
    } catch (IOException e) {
      throw new UnreadableFileException(
          Problem.in(path).expected("a readable file").found(String.valueOf(e.getMessage())), e);
    }
  }

  private static ByteBuffer window(FileChannel channel, long position, long length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) >= 0) {
      // A read may return fewer bytes than asked for.
    }
    return bytes.flip();
  }

  /** Whether it begins as a zip archive does. */
  public boolean isZip() {
    return head.limit() >= Integer.BYTES && head.getInt(0) == ZIP_LOCAL_HEADER;
  }

  /**
   * Names of a zip archive's entries: that of the first, and those in the last 64 KB of its central
   * directory. Empty for any other file.
   */
  public List<String> zipEntries() {
    List<String> names = new ArrayList<>();
    if (!isZip()) {
      return names;
    }
    if (head.limit() >= ZIP_LOCAL_SIZE) {
      names.add(name(head, ZIP_LOCAL_SIZE, Short.toUnsignedInt(head.getShort(26))));
    }
    for (int at = directory(); at + ZIP_CENTRAL_SIZE <= tail.limit(); at++) {
      if (tail.get(at) == 'P' && tail.getInt(at) == ZIP_CENTRAL_HEADER) {
        names.add(name(tail, at + ZIP_CENTRAL_SIZE, Short.toUnsignedInt(tail.getShort(at + 28))));
        at += ZIP_CENTRAL_SIZE - 1;
      }
    }
    return names;
  }

  /**
   * Where in the tail the central directory begins, or goes on: an entry before it may be an
   * archive itself. The tail's beginning where its end does not say.
   */
  private int directory() {
    for (int at = tail.limit() - ZIP_END_SIZE; at >= 0; at--) {
      if (tail.getInt(at) == ZIP_END) {
        long start = Integer.toUnsignedLong(tail.getInt(at + 16));
        int large = at - ZIP_LOCATOR_SIZE - ZIP_END64_SIZE;
        if (start == 0xffffffffL && large >= 0 && tail.getInt(large) == ZIP_END64) {
          start = tail.getLong(large + 48);
        }
        long within = start - (size - tail.limit());
        return within > 0 && within < at ? (int) within : 0;
      }
    }
    return 0;
  }

  private static String name(ByteBuffer bytes, int at, int length) {
    byte[] name = new byte[Math.max(0, Math.min(length, bytes.limit() - at))];
    bytes.get(at, name);
    return new String(name, StandardCharsets.UTF_8);
  }
}
