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

import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * PyTorch's files: zip archives, legacy streams and TorchScript archives. The package's description
 * shows the layouts.
 *
 * <p>Whatever was read, what is written is a zip archive.
 */
public final class TorchFormat implements StateFormat {
  /** The first pickle of a legacy file. */
  static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);

  /** The second pickle of a legacy file. */
  static final long LEGACY_PROTOCOL = 1001;

  /**
   * The only pickle protocol that is written, and that torch's own loader of weights understands.
   */
  static final int PICKLE_PROTOCOL = 2;

  /** What torch writes into the record {@code version}. */
  static final String ARCHIVE_VERSION = "3\n";

  /**
   * Operations in one pickle: a checkpoint of 100,000 tensors with an optimizer needs some 20
   * million.
   */
  static final long MAX_OPERATIONS = 60_000_000;

  /** Heap, as estimated, that the values of one pickle may take. */
  static final long MAX_HEAP = 128L << 20;

  /** Containers within containers. */
  static final int MAX_DEPTH = 400;

  /** Items on the interpreter's stack. */
  static final int MAX_STACK = 4_000_000;

  /** Open marks. */
  static final int MAX_MARKS = 10_000;

  /** Memo slots. */
  static final int MAX_MEMO = 8_000_000;

  /** Axes of a tensor; torch itself stops at 64. */
  static final int MAX_RANK = 64;

  private static final byte PROTOCOL = (byte) 0x80;
  private static final int PROTOCOL_SIZE = 2;
  private static final byte FRAME = (byte) 0x95;
  private static final int FRAME_SIZE = 9;

  /** The ten bytes of {@link #LEGACY_MAGIC} as a long. */
  private static final byte[] LEGACY_BEGINNING = {
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

  @Override
  public String id() {
    return "pytorch";
  }

  @Override
  public String title() {
    return "a PyTorch checkpoint";
  }

  @Override
  public List<String> extensions() {
    return List.of("pth", "pt", "th", "ckpt", "bin");
  }

  @Override
  public boolean matches(FileEnds file) {
    return file.isZip()
        ? file.zipEntries().stream().anyMatch(TorchFormat::isMark)
            && file.zipEntries().stream().noneMatch(TorchFormat::isCode)
        : beginsAsLegacy(file.head());
  }

  /** Whether only an archive of torch has an entry of this name. */
  private static boolean isMark(String entry) {
    return entry.endsWith("/data.pkl")
        || (entry.endsWith("/version") && !entry.endsWith("/.data/version"));
  }

  /**
   * Whether an entry says what a model computes: TorchScript's archives are a format of their own.
   */
  private static boolean isCode(String entry) {
    String inner = entry.substring(entry.indexOf('/') + 1);
    return inner.equals("constants.pkl") || inner.startsWith("code/");
  }

  /**
   * Any pickle that begins with torch's magic number, whatever protocol from 2 on wrote it: those
   * from 4 on put a frame before it.
   */
  private static boolean beginsAsLegacy(ByteBuffer head) {
    if (head.limit() < PROTOCOL_SIZE || head.get(0) != PROTOCOL) {
      return false;
    }
    boolean isFramed = head.limit() > PROTOCOL_SIZE && head.get(PROTOCOL_SIZE) == FRAME;
    int start = PROTOCOL_SIZE + (isFramed ? FRAME_SIZE : 0);
    byte[] number = new byte[Math.max(0, Math.min(LEGACY_BEGINNING.length, head.limit() - start))];
    head.get(Math.min(start, head.limit()), number);
    return Arrays.equals(number, LEGACY_BEGINNING);
  }

  @Override
  public StateCheckpoint open(Path file) {
    return TorchReader.read(file);
  }
}
