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
package dev.fusewright.io.shards;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.io.testing.FuzzedCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** An index beside two shards, {@code x} with the tensor {@code a} and {@code y} with {@code b}. */
final class ShardedFuzzTest extends FuzzedCheckpoint {
  static Stream<byte[]> seeds() {
    return Stream.of(
            "{\"weight_map\":{\"a\":\"x\",\"b\":\"y\"}}",
            "{\"weight_map\":{\"b\":\"y\"}}",
            "{\"metadata\":{\"total_size\":8.0,\"n\":[{},[],null,-1e+9,\"\\u00fc\"]},"
                + "\"weight_map\":{\"a\":\"x\"},\"more\":true}",
            "{\"weight_map\":{\"a\":\"../x\",\"b\":\"X\",\"c\":\"x\"}}")
        .map(text -> text.getBytes(UTF_8));
  }

  @Override
  protected String fileName() {
    return "fuzzed.safetensors.index.json";
  }

  @Override
  protected void write(byte[] bytes, Path file) throws IOException {
    Files.write(file, bytes);
    shard(file.resolveSibling("x"), "a");
    shard(file.resolveSibling("y"), "b");
  }

  private static void shard(Path file, String tensor) throws IOException {
    new SafetensorsFormat()
        .write(
            StateDict.ofTensors(Map.of(tensor, LiteralTensor.ofFloats(Shape.of(1), 1))),
            Map.of(),
            file);
  }

  @MethodSource("seeds")
  @FuzzTest
  void indexes(byte[] bytes) throws Exception {
    feed(bytes);
  }
}
