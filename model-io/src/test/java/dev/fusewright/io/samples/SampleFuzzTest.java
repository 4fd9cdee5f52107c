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

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.io.testing.FuzzedParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Samples: numpy's arrays and serialised tensors. */
final class SampleFuzzTest extends FuzzedParser {
  static Stream<byte[]> seeds() {
    return Stream.of(
        npy("{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2), }         \n\1\0\1\0"),
        npy("{'descr': '|b1', 'fortran_order': False, 'shape': (), }             \n\1"),
        TensorProto.newBuilder()
            .setDataType(1)
            .addDims(2)
            .addFloatData(1.5f)
            .addFloatData(-2)
            .build()
            .toByteArray(),
        TensorProto.newBuilder()
            .setDataType(7)
            .addDims(1)
            .setRawData(com.google.protobuf.ByteString.copyFrom(new byte[8]))
            .build()
            .toByteArray());
  }

  private static byte[] npy(String headerAndElements) {
    int header = headerAndElements.indexOf('\n') + 1;
    return ("\u0093NUMPY\1\0" + (char) header + "\0" + headerAndElements)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @MethodSource("seeds")
  @FuzzTest
  void samples(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected void read(Path file) {
    SampleFiles.read(file);
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return (error instanceof CheckpointException || error instanceof TensorReadException)
        && String.valueOf(error.getMessage()).contains(file.toString());
  }
}
