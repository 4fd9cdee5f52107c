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
package dev.fusewright.pipeline.nightly;

import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A generated zoo: networks of Conv, BatchNormalization and Relu with random weights, whose sizes
 * are skewed as those of real zoos are: most are small, and the few big ones hold most of the
 * bytes. The same seed makes the same bytes.
 *
 * @param models how many
 * @param least bytes of the smallest, about
 * @param most bytes of the biggest, about
 */
record Zoo(int models, long least, long most, long seed) {
  private static final int FEWEST_LAYERS = 3;
  private static final int MOST_LAYERS = 8;

  /**
   * How far the sizes lean to the small ones: at 8, the biggest hundredth holds more than a third
   * of the bytes.
   */
  private static final double SKEW = 8;

  /**
   * Publishes the models and then {@code catalogue.jsonl} in a folder of a store.
   *
   * @param scratch an existing local folder
   * @return bytes of all models
   */
  long publish(Store store, Location folder, Path scratch) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder catalogue = new StringBuilder();
    long bytes = 0;
    for (int i = 0; i < models; i++) {
      double u = i == 0 ? 1 : random.nextDouble();
      long size = (long) (least * Math.pow((double) most / least, Math.pow(u, SKEW)));
      int layers = random.nextInt(FEWEST_LAYERS, MOST_LAYERS + 1);
      Path file = scratch.resolve("model.onnx");
      Formats.onnx().write(GraphText.parse(text(size, layers, random.nextInt(1 << 20))), file);
      long written = Files.size(file);
      bytes += written;
      store.take(file, folder.resolve("m%05d.onnx".formatted(i)));
      catalogue.append(
          "{\"id\": \"m%05d\", \"uri\": \"m%05d.onnx\", \"size\": %d}%n".formatted(i, i, written));
    }
    store.publish(
        catalogue.toString().getBytes(StandardCharsets.UTF_8), folder.resolve("catalogue.jsonl"));
    return bytes;
  }

  private static String text(long size, int layers, int seed) {
    int channels = Math.max(4, (int) Math.sqrt(size / (4.0 * 9 * (layers - 1))));
    StringBuilder parameters = new StringBuilder();
    StringBuilder nodes = new StringBuilder();
    for (int i = 0; i < layers; i++) {
      int in = i == 0 ? 3 : channels;
      parameters.append(
          "%s float[%d,%d,3,3] w%d = random(%d, -0.1, 0.1)"
              .formatted(i == 0 ? "" : ",", channels, in, i, seed + i));
      for (String statistic : new String[] {"scale", "shift", "mean", "variance"}) {
        parameters.append(
            ", float[%d] %s%d = random(%d, 0.5, 1.5)"
                .formatted(channels, statistic, i, seed + 31 * i + statistic.length()));
      }
      nodes.append(
          """
          c%1$d = Conv <kernel_shape = [3,3], pads = [1,1,1,1]> (r%2$d, w%1$d)
          b%1$d = BatchNormalization (c%1$d, scale%1$d, shift%1$d, mean%1$d, variance%1$d)
          r%1$d = Relu (b%1$d)
          """
              .formatted(i, i - 1));
    }
    return "<ir_version: 8, opset_import: [\"\" : 13]> g (float[1,3,4,4] x) => (float[1,%d,4,4] y) <%s> { %s }"
        .formatted(
            channels,
            parameters,
            nodes
                .toString()
                .replace("(r-1,", "(x,")
                .replace("r%d = Relu".formatted(layers - 1), "y = Relu"));
  }
}
