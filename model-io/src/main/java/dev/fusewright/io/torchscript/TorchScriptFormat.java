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
package dev.fusewright.io.torchscript;

import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.programs.ProgramFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * TorchScript archives: what {@code torch.jit.save} writes of traced, scripted and frozen models.
 * The package's description shows the layout.
 */
public final class TorchScriptFormat extends ProgramFormat {
  /** Bytes of all code that is read. */
  static final long MOST_CODE = 16L << 20;

  /** Calls that are followed. */
  static final long MOST_CALLS = 1_000_000;

  /** Calls, blocks and expressions within one another. */
  static final int DEEPEST_CODE = 600;

  /** Objects within objects. */
  static final int DEEPEST_OBJECT = 200;

  /** Operators that the code runs. */
  static final long MOST_OPERATORS = 1_000_000;

  private static final long LEAST_HEAP = 64L << 20;

  /**
   * The rules whose results an archive can hold: parameters change, a bias comes, BatchNorms go.
   * Others need operators that the code does not have.
   */
  private static final Set<String> RULES =
      Set.of("conv-batch-norm", "conv-transpose-batch-norm", "gemm-batch-norm");

  /** The format; it holds nothing. */
  public TorchScriptFormat() {
    super(RULES, "a TorchScript archive");
  }

  @Override
  public String id() {
    return "torchscript";
  }

  @Override
  public String title() {
    return "a TorchScript archive";
  }

  @Override
  public List<String> extensions() {
    return List.of("torchscript", "ptl");
  }

  @Override
  public List<String> otherExtensions() {
    return List.of("pt", "pth", "ts", "jit", "bin");
  }

  @Override
  public boolean matches(FileEnds file) {
    return file.zipEntries().stream().anyMatch(TorchScriptFormat::isMark);
  }

  /** Whether only an archive with code has such a record. */
  private static boolean isMark(String record) {
    int folder = record.indexOf('/');
    String inner = record.substring(folder + 1);
    return inner.equals("constants.pkl")
        || inner.equals("bytecode.pkl")
        || inner.startsWith("code/");
  }

  /** Heap that what is kept of one pickle may take. */
  static long mostHeap() {
    return Math.max(LEAST_HEAP, Runtime.getRuntime().maxMemory() / 4);
  }

  @Override
  protected GraphCheckpoint read(Path path, OpenFile file, ZipScratch scratch) {
    return new TorchScriptCheckpoint(path, file, scratch);
  }
}
