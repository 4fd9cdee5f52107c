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
package dev.fusewright.io.safetensors;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.json.JsonCursor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads safetensors files by their specification: every offset is checked before any is used.
 *
 * <p>The tensors' bytes must follow each other without gap or overlap from the header's end to the
 * file's, each as many as its type and shape say.
 */
final class SafetensorsReader {
  private SafetensorsReader() {}

  /**
   * Opens a file.
   *
   * @throws dev.fusewright.io.file.CheckpointException if it cannot be read, or breaks the
   *     specification
   */
  static SafetensorsCheckpoint read(Path path) {
    OpenFile file = OpenFile.open(path);
    try {
      return read(path, file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static SafetensorsCheckpoint read(Path path, OpenFile file) {
    if (file.size() < Long.BYTES) {
      throw new MalformedFileException(
          file.problemAt(0)
              .expected("the header's length in 8 bytes")
              .found(Amounts.count(file.size(), "byte")));
    }
    long length = file.bytes(0, Long.BYTES).getLong();
    if (length < 0 || length > file.size() - Long.BYTES) {
      throw new MalformedFileException(
          file.problemAt(0)
              .expected("a header within the file's %d bytes".formatted(file.size()))
              .found(Long.toUnsignedString(length) + " bytes")
              .hint("The file is cut short, or no safetensors file"));
    }
    if (length > SafetensorsFormat.MAX_HEADER) {
      throw new TooLargeException(
          file.problemAt(0)
              .expected("a header of at most " + SafetensorsFormat.MAX_HEADER + " bytes")
              .found(Amounts.count(length, "byte")));
    }
    long data = Long.BYTES + length;
    HeaderParser header = new HeaderParser(file, Long.BYTES, data);
    header.parse();
    checkOffsets(file, header, file.size() - data);
    return new SafetensorsCheckpoint(path, file, state(file, header, data), header.metadata());
  }

  private static void checkOffsets(OpenFile file, HeaderParser header, long bytes) {
    List<HeaderEntry> byOffset = new ArrayList<>(header.entries().values());
    byOffset.sort(Comparator.comparingLong(HeaderEntry::begin).thenComparingLong(HeaderEntry::end));
    long free = 0;
    for (HeaderEntry entry : byOffset) {
      Problem problem =
          file.problemAt(entry.at()).inside("tensor '" + JsonCursor.shortened(entry.name()) + "'");
      String offsets = "[%d, %d]".formatted(entry.begin(), entry.end());
      if (entry.begin() != free) {
        throw new MalformedFileException(
            problem
                .expected("data that begins at %d, where the one before ends".formatted(free))
                .found(offsets));
      }
      if (entry.end() < entry.begin() || entry.end() > bytes) {
        throw new MalformedFileException(
            problem
                .expected("data within the %d bytes behind the header".formatted(bytes))
                .found(offsets));
      }
      checkSize(entry, problem);
      free = entry.end();
    }
    if (free != bytes) {
      throw new MalformedFileException(
          file.problemAt(file.size() - bytes + free)
              .expected("the end of the file, since no tensor is left")
              .found(bytes - free + " more bytes"));
    }
  }

  private static void checkSize(HeaderEntry entry, Problem problem) {
    String what = "%s%s".formatted(entry.type(), entry.shape());
    long bits;
    try {
      bits = Math.multiplyExact(entry.shape().elementCount(), (long) entry.type().bits());
    } catch (ArithmeticException e) {
      throw new MalformedFileException(problem.expected("a size below 2^63").found(what), e);
    }
    if (bits % Byte.SIZE != 0 || bits / Byte.SIZE != entry.byteCount()) {
      throw new MalformedFileException(
          problem
              .expected("as many bytes as %s needs".formatted(what))
              .found(Amounts.count(entry.byteCount(), "byte")));
    }
  }

  private static StateDict state(OpenFile file, HeaderParser header, long data) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    for (HeaderEntry entry : header.entries().values()) {
      FileRegion region = new FileRegion(file, data + entry.begin(), entry.byteCount());
      entries.put(
          entry.name(),
          entry
              .type()
              .elementType()
              .<StateEntry>map(
                  type -> new StateEntry.Parameter(new StoredTensor(type, entry.shape(), region)))
              .orElseGet(() -> new OpaqueTensor(entry.type(), entry.shape(), region)));
    }
    return new StateDict(entries, Map.of());
  }
}
