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
package dev.fusewright.pipeline.flow;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.onnx.OnnxModel;
import dev.fusewright.io.onnx.OnnxReader;
import dev.fusewright.io.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * The original with every weight moved by about one unit in its last place, at random per channel:
 * what a fold cannot help doing when it rounds. How far that moves the answers is noise of the
 * original, which neither another order of evaluation nor moved inputs show where a saturated
 * output hangs on the cancellation of large sums.
 */
final class MovedWeights {
  private MovedWeights() {}

  /** Writes the moved model. */
  static void write(Path original, Path moved, long seed) throws IOException {
    try (OnnxModel model = OnnxReader.read(original)) {
      OnnxWriter.write(model, moved(model.graph(), new Random(seed)), java.util.Map.of(), moved);
    }
  }

  private static ModelGraph moved(ModelGraph model, Random random) {
    Graph graph = model.graph();
    List<Initializer> initializers =
        graph.initializers().stream()
            .map(
                constant ->
                    constant.tensor().type().isFoldable() && constant.tensor().shape().rank() >= 2
                        ? new Initializer(constant.name(), moved(constant.tensor(), random))
                        : constant)
            .toList();
    return model.withGraph(
        new Graph(
            graph.name(),
            graph.nodes(),
            initializers,
            graph.inputs(),
            graph.outputs(),
            graph.valueInfos(),
            graph.annotations(),
            graph.sparseInitializers()));
  }

  private static Tensor moved(Tensor weight, Random random) {
    double[] factors = new double[Math.toIntExact(weight.shape().dim(0))];
    for (int c = 0; c < factors.length; c++) {
      factors[c] = 1 + (random.nextBoolean() ? 1 : -1) * epsilon(weight.type());
    }
    return new ChannelScaled(weight, ChannelAxis.of(0), factors);
  }

  /** The distance from 1 to the next value of the type, found by rounding ever smaller steps. */
  private static double epsilon(ElementType type) {
    double step = 0.5;
    while (ElementCodec.of(type).round(1 + step / 2) != 1) {
      step /= 2;
    }
    return step;
  }
}
