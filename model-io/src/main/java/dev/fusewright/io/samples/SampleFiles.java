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
package dev.fusewright.io.samples;

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.RegularFiles;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnreadableFileException;
import dev.fusewright.io.onnx.TensorFile;
import java.io.IOException;
import java.nio.file.Path;

/** Reader of a tensor from a file of its own. */
public final class SampleFiles {
  /** More is no sample; it is held in memory while models run. */
  public static final long MOST_BYTES = 256L << 20;

  private SampleFiles() {}

  /**
   * Reads one tensor.
   *
   * @throws dev.fusewright.io.file.CheckpointException if it cannot be read, is too large or not
   *     supported
   */
  public static Tensor read(Path file) {
    try {
      long size = RegularFiles.attributes(file).size();
      if (size > MOST_BYTES) {
        throw new TooLargeException(
            Problem.in(file)
                .expected("a sample of at most " + (MOST_BYTES >> 20) + " MiB")
                .found((size >> 20) + " MiB"));
      }
      byte[] bytes = RegularFiles.bytes(file, (int) MOST_BYTES);
      return NpyFile.isOne(bytes) ? NpyFile.read(file, bytes) : TensorFile.read(file, bytes);
    } catch (IOException e) {
      throw new UnreadableFileException(
          Problem.in(file).expected("a sample").found(String.valueOf(e.getMessage())), e);
    }
  }
}
