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

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What an index says.
 *
 * @param metadata values as they stand there, in JSON, by key, in order
 * @param others members beside {@code metadata} and {@code weight_map}, in the same way
 * @param shardOf the shard of each tensor, by its name, in order
 */
record ShardIndex(
    Map<String, String> metadata, Map<String, String> others, Map<String, String> shardOf) {
  ShardIndex {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    shardOf = Collections.unmodifiableMap(new LinkedHashMap<>(shardOf));
  }

  /** The shards, in the order in which they are named. */
  List<String> shards() {
    return List.copyOf(new LinkedHashSet<>(shardOf.values()));
  }
}
