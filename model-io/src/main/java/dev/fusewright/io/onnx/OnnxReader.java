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

import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.file.CheckpointException;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads ONNX files of any size in memory that depends on their structure alone: weights are
 * located, never read. (One exception: lists of varints, such as float16 in {@code int32_data}, are
 * counted once.)
 *
 * <p>A model is not checked beyond its bytes; {@code GraphInvariants} says whether its graph makes
 * sense.
 */
final class OnnxReader {
  private OnnxReader() {}

  /**
   * Reads a model; the caller closes it.
   *
   * @throws CheckpointException if there is no such file, or it is no ONNX model, truncated,
   *     damaged or hostile, or its external data is missing
   */
  static OnnxCheckpoint read(Path file) {
    return read(file, ReadLimits.forThisHeap());
  }

  /** Reads a model within other limits than those of this process. */
  static OnnxCheckpoint read(Path file, ReadLimits limits) {
    FileBytes bytes = FileBytes.open(file);
    ExternalFiles externals = new ExternalFiles(file);
    try {
      return new OnnxCheckpoint(bytes, externals, new ModelReader(bytes, limits, externals).read());
    } catch (RuntimeException | Error e) {
      externals.close();
      bytes.close();
      throw e;
    }
  }

  /**
   * The data files that a model needs beside it, relative to its folder; they need not be there
   * yet.
   *
   * @throws CheckpointException as {@link #read}, except for missing external data
   */
  static List<String> dataFiles(Path file) {
    try (FileBytes bytes = FileBytes.open(file)) {
      Externals nothing =
          (region, problem) ->
              (offset, destination) -> {
                throw new TensorReadException(
                    problem.found("data that was not opened").toString(), null);
              };
      return new ModelReader(bytes, ReadLimits.forThisHeap(), nothing).read().dataFiles();
    }
  }
}
