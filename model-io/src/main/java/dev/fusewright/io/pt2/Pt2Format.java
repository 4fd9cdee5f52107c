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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.WriteSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * PyTorch's exported programs: what {@code torch.export.save} writes. The package's description
 * shows the layout.
 *
 * @see <a href="https://docs.pytorch.org/docs/stable/export/pt2_archive.html">PT2 archive</a>
 */
public final class Pt2Format implements GraphFormat {
  /** Major version of the program's schema. */
  static final long SCHEMA = 8;

  /** Elements that overlapping views may have beyond those of their record. */
  static final long MOST_EXPANDED = 1L << 26;

  private static final long LEAST_HEAP = 64L << 20;

  /**
   * The rules whose results an archive can hold: parameters change, a bias comes, nodes go. Others
   * need nodes or attributes that the program does not have.
   */
  private static final Set<String> RULES =
      Set.of(
          "identity", "dropout", "conv-batch-norm", "conv-transpose-batch-norm", "gemm-batch-norm");

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

  @Override
  public boolean writesNewModels() {
    return false;
  }

  @Override
  public boolean holdsResultOf(String rule) {
    return RULES.contains(rule);
  }

  /** Heap that what is kept of one JSON may take. */
  static long mostHeap() {
    return Math.max(LEAST_HEAP, Runtime.getRuntime().maxMemory() / 3);
  }

  @Override
  public GraphCheckpoint open(Path path) {
    OpenFile file = OpenFile.open(path);
    ZipScratch scratch = new ZipScratch();
    try {
      return Pt2Checkpoint.of(path, file, scratch);
    } catch (RuntimeException | Error e) {
      scratch.close();
      file.close();
      throw e;
    }
  }

  @Override
  public List<String> dataFiles(Path file) {
    return List.of();
  }

  /**
   * Refused: a program says more than a graph, such as how its inputs and outputs are nested.
   *
   * @throws IllegalArgumentException always
   */
  @Override
  public WriteSummary write(ModelGraph model, Path target) {
    throw new IllegalArgumentException(
        "a graph becomes an exported program only where it was read from one");
  }
}
