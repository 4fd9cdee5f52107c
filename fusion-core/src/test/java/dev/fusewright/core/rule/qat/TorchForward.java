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
package dev.fusewright.core.rule.qat;

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.GraphText;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * PyTorch's {@code _forward_approximate} of a graph of Conv, BatchNormalization and Relu, spelled
 * with the fake-quantized weight as a constant: shares nothing with the functions but the operators
 * of the evaluator.
 */
final class TorchForward {
  private TorchForward() {}

  static ModelGraph approximate(ModelGraph model, FakeQuantizer quantizer) {
    Map<String, Tensor> tensors =
        model.graph().initializers().stream()
            .collect(Collectors.toMap(Initializer::name, Initializer::tensor));
    Node conv = model.graph().nodes().get(0);
    Node norm = model.graph().nodes().get(1);
    float[] gamma = floats(tensors.get("bn.weight"));
    float[] variance = floats(tensors.get("bn.running_var"));
    float epsilon = (float) norm.realAttribute("epsilon", 1e-5f);
    Tensor weight = tensors.get("conv.weight");
    float[] scaled = floats(weight);
    float[] factor = new float[gamma.length];
    int each = scaled.length / gamma.length;
    for (int i = 0; i < scaled.length; i++) {
      factor[i / each] = gamma[i / each] / (float) Math.sqrt(variance[i / each] + epsilon);
      scaled[i] *= factor[i / each];
    }
    Shape shape = weight.shape();
    FakeQuantizer.Range range = quantizer.observe(LiteralTensor.ofFloats(shape, scaled));
    float[] quantized = quantizer.quantized(scaled, shape, quantizer.whileTraining(range));

    int dims = shape.rank() - 2;
    String text =
        """
        <ir_version: 8, opset_import: ["" : 15]>
        g (float[N,3%s] x) => (float[N,4] y, float[4] new_mean, float[4] new_var)
        <float[4,3%s] w = fill(0.0), float[1,4%s] f = fill(0.0), float[1,4%s] b = fill(0.0),
         float[4] "bn.weight" = fill(0.0), float[4] "bn.bias" = fill(0.0),
         float[4] "bn.running_mean" = fill(0.0), float[4] "bn.running_var" = fill(0.0)>
        {
          c = Conv<strides=[%s]>(x, w)
          d = Div(c, f)
          e = Add(d, b)
          n, new_mean, new_var = BatchNormalization<training_mode=1, epsilon=0.001, momentum=0.8>(e, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
          y = Relu(n)
        }
        """
            .formatted(
                ",7".repeat(dims),
                ",3".repeat(dims),
                ",1".repeat(dims),
                ",1".repeat(dims),
                "2, ".repeat(dims - 1) + "2");
    float[] bias = conv.hasInput(2) ? floats(tensors.get("conv.bias")) : new float[factor.length];
    ModelGraph template = GraphText.parse(text);
    var graph = template.graph();
    return template.withGraph(
        new dev.fusewright.core.graph.Graph(
            graph.name(),
            graph.nodes(),
            graph.initializers().stream()
                .map(
                    initializer ->
                        new Initializer(
                            initializer.name(),
                            switch (initializer.name()) {
                              case "w" -> LiteralTensor.ofFloats(shape, quantized);
                              case "f" ->
                                  LiteralTensor.ofFloats(initializer.tensor().shape(), factor);
                              case "b" ->
                                  LiteralTensor.ofFloats(initializer.tensor().shape(), bias);
                              default -> tensors.get(initializer.name());
                            }))
                .toList(),
            graph.inputs(),
            graph.outputs()));
  }

  private static float[] floats(Tensor tensor) {
    double[] doubles = Tensors.doubles(tensor, Integer.MAX_VALUE);
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) doubles[i];
    }
    return floats;
  }
}
