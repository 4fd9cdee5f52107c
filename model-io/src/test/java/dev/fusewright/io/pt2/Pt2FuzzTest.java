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

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.io.testing.ExportedPrograms;
import dev.fusewright.io.testing.FuzzedProgram;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole archives: what is read is said in ONNX's terms, and written again. */
final class Pt2FuzzTest extends FuzzedProgram {
  Pt2FuzzTest() {
    super(new Pt2Format());
  }

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        ExportedPrograms.bytes("functional.pt2"), ExportedPrograms.bytes("functional.core.pt2"));
  }

  @MethodSource("seeds")
  @FuzzTest
  void archives(byte[] bytes) throws Exception {
    feed(bytes);
  }
}
