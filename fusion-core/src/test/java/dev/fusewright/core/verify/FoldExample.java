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
package dev.fusewright.core.verify;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.GraphText;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A small Conv → BatchNormalization → Relu, and what right and wrong rules make of it. */
final class FoldExample {
  private static final int CHANNELS = 4;

  private static final String ORIGINAL =
      """
      <ir_version: 8, opset_import: ["": 15]>
      original (%1$s[N, 4, 12, 12] x) => (%1$s[N, 4, 10, 10] y)
      <%1$s[4, 4, 3, 3] w = random(1), %1$s[4] b = random(2), %1$s[4] gamma = random(3, 0.5, 2.0),
       %1$s[4] beta = random(4), %1$s[4] mean = random(5), %1$s[4] variance = random(6, 0.5, 2.0)>
      {
        c = Conv (x, w, b)
        n = BatchNormalization <epsilon = 0.125> (c, gamma, beta, mean, variance)
        y = Relu (n)
      }
      """;

  private static final String FOLDED =
      """
      <ir_version: 8, opset_import: ["": 15]>
      folded (%1$s[N, 4, 12, 12] x) => (%1$s[N, 4, 10, 10] y)
      <%1$s[4, 4, 3, 3] w = fill(0.0), %1$s[4] b = fill(0.0)>
      {
        c = Conv (x, w, b)
        y = Relu (c)
      }
      """;

  private final ElementType type;

  FoldExample(ElementType type) {
    this.type = type;
  }

  /** What a wrong rule does. */
  enum Fault {
    NONE,
    SCALE_ON_THE_INPUT_AXIS,
    BIAS_LOST,
    BIAS_DOUBLED,
    EPS_DROPPED,
    VARIANCE_FOR_STD,
    MEAN_STALE,
    BETA_FORGOTTEN,
    CHANNELS_SWAPPED,
    NEIGHBOURS_SCALE,
    SCALE_NOT_ON_THE_BIAS,
    ONE_CHANNEL_OFF_BY_ONE_PERCENT
  }

  ModelGraph original() {
    return GraphText.parse(ORIGINAL.formatted(type.text()));
  }

  ModelGraph folded(Fault fault) {
    Map<String, double[]> p =
        original().graph().initializers().stream()
            .collect(Collectors.toMap(Initializer::name, i -> Tensors.doubles(i.tensor(), 1000)));
    double[] w = p.get("w").clone();
    double[] b = new double[CHANNELS];
    double[] scale = new double[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
      double spread = p.get("variance")[c] + (fault == Fault.EPS_DROPPED ? 0 : 0.125);
      scale[c] = p.get("gamma")[c] / (fault == Fault.VARIANCE_FOR_STD ? spread : Math.sqrt(spread));
    }
    for (int c = 0; c < CHANNELS; c++) {
      double bias =
          fault == Fault.BIAS_LOST
              ? 0
              : fault == Fault.BIAS_DOUBLED ? 2 * p.get("b")[c] : p.get("b")[c];
      double mean = fault == Fault.MEAN_STALE ? 0 : p.get("mean")[c];
      double beta = fault == Fault.BETA_FORGOTTEN ? 0 : p.get("beta")[c];
      b[c] = (bias - mean) * (fault == Fault.SCALE_NOT_ON_THE_BIAS ? 1 : scale[c]) + beta;
    }
    for (int i = 0; i < w.length; i++) {
      int out = i / (CHANNELS * 9);
      int in = i / 9 % CHANNELS;
      int channel =
          switch (fault) {
            case SCALE_ON_THE_INPUT_AXIS -> in;
            case NEIGHBOURS_SCALE -> (out + 1) % CHANNELS;
            case CHANNELS_SWAPPED -> out ^ 1;
            default -> out;
          };
      w[i] *=
          scale[channel] * (fault == Fault.ONE_CHANNEL_OFF_BY_ONE_PERCENT && out == 2 ? 1.01 : 1);
    }
    ModelGraph model = GraphText.parse(FOLDED.formatted(type.text()));
    Graph graph = model.graph();
    return model.withGraph(
        new Graph(
            graph.name(),
            graph.nodes(),
            List.of(
                new Initializer(
                    "w", LiteralTensor.ofDoubles(type, Shape.of(CHANNELS, CHANNELS, 3, 3), w)),
                new Initializer("b", LiteralTensor.ofDoubles(type, Shape.of(CHANNELS), b))),
            graph.inputs(),
            graph.outputs()));
  }
}
