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

import dev.fusewright.io.format.FormatContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An index as transformers writes it, and one that says more, in another order. */
final class ShardedFormatTest extends FormatContract {
  ShardedFormatTest() {
    super("sharded");
  }

  @Override
  protected List<Path> samples(Path empty) throws IOException {
    shard(empty.resolve("model-00001-of-00002.safetensors"), "a");
    shard(empty.resolve("model-00002-of-00002.safetensors"), "b");
    shard(empty.resolve("zwölf"), "z");
    shard(empty.resolve("one"), "a");
    return List.of(
        Files.writeString(
            empty.resolve("model.safetensors.index.json"),
            """
            {
              "metadata": {
                "total_size": 16
              },
              "weight_map": {
                "a": "model-00001-of-00002.safetensors",
                "b": "model-00002-of-00002.safetensors"
              }
            }
            """),
        Files.writeString(
            empty.resolve("strange.json"),
            """
            {"made": {"by": ["hand", -1.5e3, true, null]}, "weight_map": {"z": "zw\\u00f6lf", "a": "one"},
             "metadata": {"of": {"no": "size"}}}"""));
  }

  /** Two floats. */
  private static void shard(Path file, String name) throws IOException {
    byte[] header =
        "{\"%s\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}}"
            .formatted(name)
            .getBytes(UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + header.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header).putFloat(1).putFloat(-2);
    Files.write(file, bytes.array());
  }
}
