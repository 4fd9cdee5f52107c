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

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.testing.FuzzedParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX's protobuf: read, or refused; what is read and not changed is written as it was. */
final class OnnxFuzzTest extends FuzzedParser {
  private static final long MOST_BYTES = 1 << 16;

  static Stream<byte[]> seeds() {
    return Fixtures.small().stream().map(OnnxFuzzTest::bytes);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @MethodSource("seeds")
  @FuzzTest
  void models(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected void read(Path file) throws Exception {
    try (OnnxCheckpoint model = OnnxReader.read(file, ReadLimits.forHeap(64 << 20))) {
      for (Initializer initializer : model.graph().graph().initializers()) {
        long bytes = initializer.tensor().byteCount();
        if (bytes > 0 && bytes < MOST_BYTES) {
          initializer.tensor().read(0, ByteBuffer.allocate((int) bytes));
        }
      }
      Path copy = folder.resolve("copy.onnx");
      OnnxWriter.write(model, model.graph(), Map.of(), copy);
      assertThat(copy).hasSameBinaryContentAs(file);
    }
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return (error instanceof CheckpointException || error instanceof TensorReadException)
        && String.valueOf(error.getMessage()).contains(folder.toString());
  }
}
