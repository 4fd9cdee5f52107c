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
package dev.fusewright.io.storage;

import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;

/** Names of one writer's temporary files. */
final class TemporaryNames {
  private static final String SUFFIX = ".fusewright-tmp";
  private static final Pattern WRITER = Pattern.compile("[A-Za-z0-9-]{1,40}");
  private static final Pattern ANY = Pattern.compile("\\..+" + Pattern.quote(SUFFIX));

  private final String writer;
  private final Pattern ours;

  private TemporaryNames(String writer) {
    if (!WRITER.matcher(writer).matches()) {
      throw new IllegalArgumentException(
          "a writer is named by at most 40 letters, digits and dashes; found '%s'"
              .formatted(writer));
    }
    this.writer = writer;
    this.ours = Pattern.compile("\\..*\\." + writer + "\\.[0-9a-f]+" + Pattern.quote(SUFFIX));
  }

  static TemporaryNames of(String writer) {
    return new TemporaryNames(writer);
  }

  /** Those of a writer with a unique name. */
  static TemporaryNames unique() {
    return new TemporaryNames(random());
  }

  /** A name that no glob matches by accident, and that no two files share. */
  String next(Location target) {
    return "." + target.name() + "." + writer + "." + random() + SUFFIX;
  }

  /** Whether a file has a name that this writer gave. */
  boolean areOf(Location file) {
    return ours.matcher(file.name()).matches();
  }

  /** Whether a file has a name that any writer gave. */
  static boolean areAnyWriters(Location file) {
    return isAnyWriters(file.name());
  }

  static boolean isAnyWriters(String name) {
    return ANY.matcher(name).matches();
  }

  private static String random() {
    return HexFormat.of().toHexDigits(UUID.randomUUID().getMostSignificantBits());
  }
}
