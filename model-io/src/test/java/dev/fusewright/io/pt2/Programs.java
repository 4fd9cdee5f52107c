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
package dev.fusewright.io.pt2;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fusewright.io.testing.ExportedPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Archives that tests make of others, record by record, with right checksums. */
final class Programs {
  static final String PROGRAM = "models/model.json";

  private Programs() {}

  /** The records of an archive of the test resources. */
  static Map<String, byte[]> records(String name, Path folder) throws IOException {
    return new LinkedHashMap<>(ExportedPrograms.records(ExportedPrograms.copy(name, folder)));
  }

  /** Writes an archive of these records. */
  static Path write(Path file, Map<String, byte[]> records) throws IOException {
    return ExportedPrograms.write(file, "made/", records);
  }

  /** The archive with a text in its program replaced, which must occur there. */
  static Map<String, byte[]> with(Map<String, byte[]> records, String old, String other) {
    return with(records, PROGRAM, old, other);
  }

  static Map<String, byte[]> with(
      Map<String, byte[]> records, String record, String old, String other) {
    String text = new String(records.get(record), UTF_8);
    if (!text.contains(old)) {
      throw new IllegalArgumentException("not in it: " + old);
    }
    Map<String, byte[]> changed = new LinkedHashMap<>(records);
    changed.put(record, text.replace(old, other).getBytes(UTF_8));
    return changed;
  }
}
