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
package dev.fusewright.pipeline;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.safetensors.SafetensorsFormat;
import dev.fusewright.io.testing.ShardedModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** A model in three shards: a Conv, its BatchNorm, and what neither belongs to. */
public final class ShardedExample {
  /** The Conv. */
  public static final String FIRST = "model-00001-of-00003.safetensors";

  /** Its BatchNorm, and nothing else. */
  public static final String SECOND = "model-00002-of-00003.safetensors";

  /** What is not fused. */
  public static final String THIRD = "model-00003-of-00003.safetensors";

  /** The index's name. */
  public static final String INDEX = "model.safetensors.index.json";

  /** What is fused. */
  public static final String LIST = "[[\"conv\", \"bn\"]]";

  private ShardedExample() {}

  /** Writes it, and gives its index. */
  public static Path in(Path folder) throws IOException {
    return in(folder, /* seed= */ 1);
  }

  /** Writes it with other values. */
  public static Path in(Path folder, int seed) throws IOException {
    Random random = new Random(seed);
    Map<String, Tensor> conv = new LinkedHashMap<>();
    conv.put("conv.weight", tensor(random, 4, 3, 2, 2));
    Map<String, Tensor> norm = new LinkedHashMap<>();
    for (String name : new String[] {"weight", "bias", "running_mean", "running_var"}) {
      norm.put("bn." + name, tensor(random, 4));
    }
    norm.put("bn.num_batches_tracked", LiteralTensor.ofLongs(Shape.SCALAR, 7));
    Map<String, Tensor> other = new LinkedHashMap<>();
    other.put("fc.weight", tensor(random, 2, 4));
    other.put("fc.bias", tensor(random, 2));
    Map<String, Map<String, Tensor>> shards = new LinkedHashMap<>();
    shards.put(FIRST, conv);
    shards.put(SECOND, norm);
    shards.put(THIRD, other);
    Files.createDirectories(folder);
    return ShardedModels.write(folder.resolve(INDEX), shards);
  }

  /** The same parameters in one file. */
  public static Path whole(Path file, Map<String, Tensor> tensors) throws IOException {
    new SafetensorsFormat().write(StateDict.ofTensors(tensors), Map.of(), file);
    return file;
  }

  private static Tensor tensor(Random random, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5f + random.nextFloat();
    }
    return LiteralTensor.ofFloats(shape, values);
  }
}
