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

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Sharded checkpoints as transformers lays them out. */
public final class ShardedModels {
  private ShardedModels() {}

  /**
   * Writes shards and their index.
   *
   * @param shards tensors by name, by the name of their file
   * @return the index
   */
  public static Path write(Path index, Map<String, Map<String, Tensor>> shards)
      throws IOException {
    Map<String, String> map = new TreeMap<>();
    long bytes = 0;
    for (Map.Entry<String, Map<String, Tensor>> shard : shards.entrySet()) {
      new SafetensorsFormat()
          .write(
              StateDict.ofTensors(shard.getValue()),
              Map.of("format", "pt"),
              index.resolveSibling(shard.getKey()));
      for (Map.Entry<String, Tensor> tensor : shard.getValue().entrySet()) {
        map.put(tensor.getKey(), shard.getKey());
        bytes += tensor.getValue().byteCount();
      }
    }
    return Files.writeString(index, text(bytes, map));
  }

  /** The text of an index. */
  public static String text(long totalSize, Map<String, String> shardOf) {
    JsonObject metadata = new JsonObject();
    metadata.addProperty("total_size", totalSize);
    JsonObject map = new JsonObject();
    shardOf.forEach(map::addProperty);
    JsonObject index = new JsonObject();
    index.add("metadata", metadata);
    index.add("weight_map", map);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(index)
        + "\n";
  }
}
