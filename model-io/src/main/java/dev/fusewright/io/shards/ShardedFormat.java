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

import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The format of an index and its shards, as transformers writes them. The package's description
 * shows the layout.
 */
public final class ShardedFormat implements StateFormat {
  /** The longest index. */
  static final long MAX_INDEX = 100_000_000;

  /** Heap, as estimated, that an index and the headers of its shards may take. */
  static final long MAX_HEAP = 128L << 20;

  /** Shards of one index, all of which are open at the same time. */
  static final int MAX_SHARDS = 1000;

  static final String METADATA = "metadata";
  static final String WEIGHT_MAP = "weight_map";
  static final String TOTAL_SIZE = "total_size";
  static final String TOTAL_PARAMETERS = "total_parameters";

  private static final Pattern BEGINNING = Pattern.compile("\\s*\\{\\s*\"");
  private static final Pattern NAMED = Pattern.compile("\"" + WEIGHT_MAP + "\"\\s*:\\s*\\{");

  /** Names that transformers gives an index: model.safetensors.index.json, ….index.fp16.json. */
  private static final Pattern LIST =
      Pattern.compile(".+\\.(safetensors|bin)\\.index(\\.[A-Za-z0-9_-]+)?\\.json");

  /** Names that it gives shards: model-00001-of-00005.safetensors. */
  private static final Pattern PART =
      Pattern.compile(".*-[0-9]{5}-of-[0-9]{5}\\.(safetensors|bin)");

  private final List<StateFormat> formats;

  /**
   * The format.
   *
   * @param formats of shards
   */
  public ShardedFormat(List<StateFormat> formats) {
    this.formats = List.copyOf(formats);
  }

  @Override
  public String id() {
    return "sharded";
  }

  @Override
  public String title() {
    return "an index of shards";
  }

  @Override
  public List<String> extensions() {
    return List.of("safetensors.index.json", "bin.index.json");
  }

  @Override
  public boolean matches(FileEnds file) {
    ByteBuffer head = file.head().duplicate().rewind();
    String text = StandardCharsets.ISO_8859_1.decode(head).toString();
    return BEGINNING.matcher(text).lookingAt() && NAMED.matcher(text).find();
  }

  /** The index; of a shard, its own format says it. */
  @Override
  public boolean isReadByRanges() {
    return true;
  }

  @Override
  public boolean isOfParts() {
    return true;
  }

  @Override
  public boolean isListName(String name) {
    return LIST.matcher(name).matches();
  }

  @Override
  public boolean isPart(String name) {
    return PART.matcher(name).matches();
  }

  @Override
  public StateCheckpoint open(Path file) {
    return new ShardedReader(this, formats).read(file);
  }

  @Override
  public List<String> dataFiles(Path file) {
    try (OpenFile index = OpenFile.open(file)) {
      return IndexParser.parse(index).shards();
    }
  }
}
