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

import dev.fusewright.io.archive.ZipDirectory;
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Archives of PyTorch's that are related to those that are read, told by their records. */
final class Refusals {
  /** A record's name or a part of it, what has it, and what to do. */
  private record Kind(String mark, String title, String hint) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind(
              "serialized_exported_program.json",
              "an exported program of a torch before 2.7",
              "Load it with torch.export.load and save it again with torch 2.7 or newer"),
          new Kind(
              "data/aotinductor/",
              "an AOTInductor package: compiled code, and no graph that could be folded",
              "Fuse the exported program (torch.export.save) before it is compiled"),
          new Kind(
              "data/executorch/",
              "an ExecuTorch package",
              "Fuse the exported program (torch.export.save) before it is lowered"),
          new Kind(
              "xl_model_weights/",
              "an archive that keeps weights outside of data/weights",
              "Save the program with torch.export.save"));

  private Refusals() {}

  /** Whether a record's name tells one of them. */
  static boolean isMark(String record) {
    return of(record) != null;
  }

  private static @Nullable Kind of(String record) {
    for (Kind kind : KINDS) {
      int at = record.indexOf(kind.mark());
      boolean isFolder = kind.mark().endsWith("/");
      if (at >= 0 && (isFolder || at + kind.mark().length() == record.length())) {
        return kind;
      }
    }
    return null;
  }

  static void check(Path path, ZipDirectory directory) {
    for (ZipEntryInfo entry : directory.entries()) {
      Kind kind = of(entry.name());
      if (kind != null) {
        throw new UnsupportedFormatException(
            Problem.in(path)
                .expected("an exported program of torch 2.7 or newer")
                .found(kind.title())
                .hint(kind.hint()));
      }
    }
  }
}
