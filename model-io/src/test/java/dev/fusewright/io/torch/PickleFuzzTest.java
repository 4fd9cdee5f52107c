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
package dev.fusewright.io.torch;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.io.testing.FuzzedCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The pickle of an archive whose checksums are right, whatever the pickle is. */
final class PickleFuzzTest extends FuzzedCheckpoint {
  private static final long[] TWO = {2};
  private static final long[] ONE = {1};

  static Stream<byte[]> seeds() {
    return Stream.of(
        new Pickles().op('}').bytes(),
        new Pickles().op('}').text("weight").tensor("0", 2, 0, TWO, ONE).op('s').bytes(),
        new Pickles()
            .op('}')
            .text("model")
            .op('}')
            .text("weight")
            .tensor("0", 2, 0, TWO, ONE)
            .op('s', 's')
            .text("epoch")
            .number(3)
            .op('s')
            .bytes(),
        new Pickles()
            .op('}')
            .text("run")
            .global("evil.module", "Thing")
            .op(')', (char) 0x81)
            .op('}')
            .op('b', 's')
            .bytes());
  }

  @MethodSource("seeds")
  @FuzzTest
  void pickles(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected void write(byte[] bytes, Path file) throws IOException {
    Pickles.archive(file, bytes, Map.of("0", new byte[8]));
  }
}
