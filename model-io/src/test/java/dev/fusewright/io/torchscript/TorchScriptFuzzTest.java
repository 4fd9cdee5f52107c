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
import dev.fusewright.io.testing.ExportedPrograms;
import dev.fusewright.io.testing.FuzzedProgram;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Mutations of archives: read or refused, and never anything else. */
final class TorchScriptFuzzTest extends FuzzedProgram {
  TorchScriptFuzzTest() {
    super(new TorchScriptFormat());
  }

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        ExportedPrograms.bytes("functional.trace.pt"), ExportedPrograms.bytes("control.script.pt"));
  }

  @MethodSource("seeds")
  @FuzzTest
  void archives(byte[] bytes) throws Exception {
    feed(bytes);
  }
}
