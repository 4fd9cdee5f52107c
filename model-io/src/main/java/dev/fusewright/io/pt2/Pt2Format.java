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

import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.programs.ProgramFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * PyTorch's exported programs: what {@code torch.export.save} writes. The package's description
 * shows the layout.
 *
 * @see <a href="https://docs.pytorch.org/docs/stable/export/pt2_archive.html">PT2 archive</a>
 */
public final class Pt2Format extends ProgramFormat {
  /** Major version of the program's schema. */
  static final long SCHEMA = 8;

  private static final long LEAST_HEAP = 64L << 20;

  /**
   * The rules whose results an archive can hold: parameters change, a bias comes, nodes go. Others
   * need nodes or attributes that the program does not have.
   */
  private static final Set<String> RULES =
      Set.of(
          "identity", "dropout", "conv-batch-norm", "conv-transpose-batch-norm", "gemm-batch-norm");

  /** The format; it holds nothing. */
  public Pt2Format() {
    super(RULES, "an exported program");
  }

  @Override
  public String id() {
    return "pt2";
  }

  @Override
  public String title() {
    return "an exported program of PyTorch";
  }

  @Override
  public List<String> extensions() {
    return List.of("pt2");
  }

  @Override
  public boolean matches(FileEnds file) {
    return file.zipEntries().stream().anyMatch(Pt2Format::isMark);
  }

  /** Whether only such an archive, or one that is refused here with a reason, has this record. */
  private static boolean isMark(String record) {
    return record.endsWith("/archive_format")
        || record.endsWith("/archive_version")
        || (record.contains("/models/") && record.endsWith(".json"))
        || Refusals.isMark(record);
  }

  /** Heap that what is kept of one JSON may take. */
  static long mostHeap() {
    return Math.max(LEAST_HEAP, Runtime.getRuntime().maxMemory() / 3);
  }

  @Override
  protected GraphCheckpoint read(Path path, OpenFile file, ZipScratch scratch) {
    return new Pt2Checkpoint(path, file, scratch);
  }
}
