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

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.ExportedPrograms;
import dev.fusewright.io.testing.FuzzedParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Mutations of archives: read or refused, and never anything else. */
final class TorchScriptFuzzTest extends FuzzedParser {
  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        ExportedPrograms.bytes("functional.trace.pt"), ExportedPrograms.bytes("control.script.pt"));
  }

  @MethodSource("seeds")
  @FuzzTest
  void archives(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected void read(Path file) throws Exception {
    try (GraphCheckpoint model = new TorchScriptFormat().open(file)) {
      model.translation();
      Path copies = Files.createDirectories(folder.resolve("copies"));
      model.write(model.graph(), Map.of("any", "thing"), copies.resolve("copy"));
    }
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return (error instanceof CheckpointException || error instanceof TensorReadException)
        && String.valueOf(error.getMessage()).contains(folder.toString());
  }
}
