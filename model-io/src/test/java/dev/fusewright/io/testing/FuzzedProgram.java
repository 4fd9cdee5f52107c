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
package dev.fusewright.io.testing;

import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** An archive of a program under a fuzzer: it is said in ONNX's terms, and written again. */
public abstract class FuzzedProgram extends FuzzedParser {
  private final GraphFormat format;

  /** Of a format. */
  protected FuzzedProgram(GraphFormat format) {
    this.format = format;
  }

  @Override
  protected final void read(Path file) throws Exception {
    try (GraphCheckpoint model = format.open(file)) {
      model.translation();
      Path copies = Files.createDirectories(folder.resolve("copies"));
      model.write(model.graph(), Map.of("any", "thing"), copies.resolve("copy"));
    }
  }

  @Override
  protected final boolean isRefusal(Exception error, Path file) {
    return (error instanceof CheckpointException || error instanceof TensorReadException)
        && String.valueOf(error.getMessage()).contains(folder.toString());
  }
}
