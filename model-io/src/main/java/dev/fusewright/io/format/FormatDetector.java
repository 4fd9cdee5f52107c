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
package dev.fusewright.io.format;

import dev.fusewright.io.file.CheckpointFiles;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnreadableFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Tells the format of a file by its bytes; names and extensions are not looked at.
 *
 * <p>It reads at most the first and the last 64 KB and decides only who should read the file: the
 * reader may still refuse it.
 */
public final class FormatDetector {
  private static final int WINDOW = 1 << 16;
  private static final int ZIP_LOCAL_HEADER = 0x04034b50;
  private static final int ZIP_CENTRAL_HEADER = 0x02014b50;

  /** Pickle protocol 2, then the ten bytes of the long 0x1950a86a20f9469cfc6c. */
  private static final byte[] TORCH_MAGIC = {
    (byte) 0x80,
    2,
    (byte) 0x8a,
    10,
    0x6c,
    (byte) 0xfc,
    (byte) 0x9c,
    0x46,
    (byte) 0xf9,
    0x20,
    0x6a,
    (byte) 0xa8,
    0x50,
    0x19
  };

  private FormatDetector() {}

  /**
   * The format of a file.
   *
   * @throws UnreadableFileException if the file cannot be read
   */
  public static CheckpointFormat detect(Path path) {
    try (FileChannel channel = CheckpointFiles.open(path)) {
      long size = channel.size();
      ByteBuffer head = window(channel, 0, Math.min(WINDOW, size));
      if (size >= 4 && head.getInt(0) == ZIP_LOCAL_HEADER) {
        return ofZip(window(channel, Math.max(0, size - WINDOW), Math.min(WINDOW, size)), head);
      }
      if (isTorchLegacy(head)) {
        return CheckpointFormat.TORCH_LEGACY;
      }
      if (isSafetensors(head, size)) {
        return CheckpointFormat.SAFETENSORS;
      }
      return isOnnx(head, size) ? CheckpointFormat.ONNX : CheckpointFormat.UNKNOWN;
    } catch (IOException e) {
      throw new UnreadableFileException(
          Problem.in(path).expected("a readable file").found(String.valueOf(e.getMessage())), e);
    }
  }

  /** Looks at the names in the last 64 KB of the central directory, and at the first entry. */
  private static CheckpointFormat ofZip(ByteBuffer tail, ByteBuffer head) {
    boolean pickle = false;
    boolean code = false;
    for (int at = 0; at + 46 <= tail.limit(); at++) {
      if (tail.get(at) == 'P' && tail.getInt(at) == ZIP_CENTRAL_HEADER) {
        String name = name(tail, at + 46, Short.toUnsignedInt(tail.getShort(at + 28)));
        pickle |= name.endsWith("/data.pkl") || name.endsWith("/version");
        code |= name.contains("/code/") || name.endsWith("/constants.pkl");
        at += 45;
      }
    }
    String first = head.limit() < 30 ? "" : name(head, 30, Short.toUnsignedInt(head.getShort(26)));
    pickle |= first.endsWith("/data.pkl");
    if (code) {
      return CheckpointFormat.TORCHSCRIPT;
    }
    return pickle ? CheckpointFormat.TORCH_ZIP : CheckpointFormat.UNKNOWN;
  }

  private static String name(ByteBuffer bytes, int at, int length) {
    byte[] name = new byte[Math.max(0, Math.min(length, bytes.limit() - at))];
    bytes.get(at, name);
    return new String(name, StandardCharsets.UTF_8);
  }

  /** Any pickle that begins with torch's magic number, whatever protocol wrote it. */
  private static boolean isTorchLegacy(ByteBuffer head) {
    if (head.limit() < TORCH_MAGIC.length || head.get(0) != TORCH_MAGIC[0]) {
      return false;
    }
    for (int i = 2; i < TORCH_MAGIC.length; i++) {
      if (head.get(i) != TORCH_MAGIC[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSafetensors(ByteBuffer head, long size) {
    return size >= 10
        && head.getLong(0) > 1
        && head.getLong(0) <= size - Long.BYTES
        && head.get(8) == '{'
        && (head.get(9) == '"' || head.get(9) == '}' || Character.isWhitespace(head.get(9)));
  }

  /**
   * Walks the top-level fields of a ModelProto until an unknown one: text, a graph or an opset must
   * be among them.
   */
  private static boolean isOnnx(ByteBuffer head, long size) {
    long at = 0;
    boolean message = false;
    while (at < head.limit()) {
      int tag = head.get((int) at) & 0xff;
      boolean known =
          switch (tag) {
            // ir_version and model_version; producer, domain, doc, graph, opsets, metadata,
            // training, functions.
            case 0x08, 0x28, 0x12, 0x1a, 0x22, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca, 0xd2 -> true;
            default -> false;
          };
      if (!known) {
        return message;
      }
      at += tag >= 0x80 ? 2 : 1;
      long value = 0;
      int shift = 0;
      byte next;
      do {
        if (at >= head.limit() || shift > 63) {
          return message;
        }
        next = head.get((int) at++);
        value |= (long) (next & 0x7f) << shift;
        shift += 7;
      } while (next < 0);
      boolean varint = (tag & 7) == 0;
      if (!varint) {
        if (value < 0 || value > size - at) {
          return false;
        }
        at += value;
        message = true;
      }
    }
    return message;
  }

  private static ByteBuffer window(FileChannel channel, long position, long length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) >= 0) {
      // A read may return fewer bytes than asked for.
    }
    return bytes.flip();
  }
}
