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

import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import java.nio.file.Path;

/** Counts what the structure of a model takes on the heap, before it is taken. */
final class ScanBudget {
  /**
   * A node with its record, lists, maps and place in the index, apart from names and attributes.
   */
  static final int NODE = 512;

  /** Any smaller message: an attribute, an initializer, a value info, an entry of a map. */
  static final int MESSAGE = 256;

  /** A stretch of a payload or of unknown fields. */
  static final int RANGE = 64;

  private final Path file;
  private final long limit;
  private long used;
  private long messages;

  ScanBudget(Path file, long limit) {
    this.file = file;
    this.limit = limit;
  }

  /** Charges a message and the bytes of it that are kept, which Java strings and lists blow up. */
  void charge(int message, long bytes, long position) {
    messages++;
    used += message + 4 * bytes;
    if (used > limit) {
      throw new TooLargeException(
          Problem.in(file)
              .at(position)
              .expected(
                  "a model whose structure, without weights, fits in " + limit + " bytes of heap")
              .found("more than that at message number " + messages)
              .hint("If the file is trusted, run with a larger -Xmx"));
    }
  }
}
