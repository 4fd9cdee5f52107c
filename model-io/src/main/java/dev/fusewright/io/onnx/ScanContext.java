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

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.Map;

/** What the parts of one scan share. */
final class ScanContext {
  final FileBytes file;
  final ReadLimits limits;
  final WireCursor cursor;
  final ScanBudget budget;
  final ModelIndex index = new ModelIndex();
  final TensorReader tensors;
  private final Map<String, String> names = new HashMap<>();

  ScanContext(FileBytes file, ReadLimits limits, Externals externals) {
    this.file = file;
    this.limits = limits;
    cursor = new WireCursor(file, limits);
    budget = new ScanBudget(file.path(), limits.structureBytes());
    tensors = new TensorReader(cursor, budget, externals);
  }

  /**
   * The name in {@code bytes}, one instance for all its uses: a value's name comes once per reader.
   *
   * @param position for messages
   */
  String name(ByteString bytes, long position) {
    if (!bytes.isValidUtf8()) {
      throw cursor.malformed(position, "names in UTF-8", "other bytes");
    }
    String name = bytes.toStringUtf8();
    String known = names.putIfAbsent(name, name);
    return known == null ? name : known;
  }
}
