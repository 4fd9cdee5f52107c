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
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The safetensors format. The package's description shows the layout. */
public final class SafetensorsFormat implements StateFormat {
  /** The header's longest length, as the reference implementation limits it. */
  static final long MAX_HEADER = 100_000_000;

  /** Heap, as estimated, that a header may take: some 400,000 tensors. */
  static final long MAX_HEAP = 128L << 20;

  /** The key that holds text instead of a tensor. */
  static final String METADATA = "__metadata__";

  /** Headers are padded with spaces to a multiple of this. */
  static final int ALIGNMENT = 8;

  @Override
  public String id() {
    return "safetensors";
  }

  @Override
  public String title() {
    return "a safetensors file";
  }

  @Override
  public List<String> extensions() {
    return List.of("safetensors");
  }

  @Override
  public boolean matches(FileEnds file) {
    ByteBuffer head = file.head();
    return file.size() >= 10
        && head.getLong(0) > 1
        && head.getLong(0) <= file.size() - Long.BYTES
        && head.get(8) == '{'
        && (head.get(9) == '"' || head.get(9) == '}' || Character.isWhitespace(head.get(9)));
  }

  @Override
  public boolean isReadByRanges() {
    return true;
  }

  @Override
  public StateCheckpoint open(Path file) {
    return SafetensorsReader.read(file);
  }

  /**
   * Writes a state dict that is from no file.
   *
   * @param metadata the file's {@code __metadata__}, in order
   * @param target created, or replaced; no file that a tensor is read from
   * @throws IOException if the target cannot be written
   * @throws dev.fusewright.io.file.UnsupportedFormatException if the format has no such element
   *     type
   */
  public WriteSummary write(StateDict state, Map<String, String> metadata, Path target)
      throws IOException {
    return SafetensorsWriter.write(state, metadata, target);
  }
}
