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
package dev.fusewright.core.state;

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a graph of the groups of state dicts that are folded: for each a chain of its layer, its
 * BatchNorm and its activation, with the parameters under their own names. The graph says exactly
 * what the list says, and nothing else of the model.
 */
final class StateGraph {
  private static final long IR_VERSION = 8;
  private static final long OPSET = 15;

  /** Where a parameter of the graph stands in its state dict. */
  record Parameter(String module, String local) {}

  /**
   * A group's nodes.
   *
   * @param layer id of the layer's node
   * @param norm id of the BatchNorm's node
   * @param nodes all ids
   */
  record Chain(int layer, int norm, List<Integer> nodes) {}

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Initializer> initializers = new LinkedHashMap<>();
  private final Map<String, Parameter> parameters = new HashMap<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();

  /**
   * Adds a group with a BatchNorm.
   *
   * @param label before the names of everything of this state dict; empty if there is only one
   */
  Chain add(String label, StateGroup group, LayerShape shape, double epsilon) {
    StateModule layer = group.first();
    StateModule norm = group.norm().orElseThrow();
    Tensor weight = layer.tensor("weight").orElseThrow();
    int number = outputs.size();
    String value = "input " + number;
    inputs.add(input(value, weight, shape));
    List<Integer> chain = new ArrayList<>();
    List<String> operands = new ArrayList<>(List.of(value, parameter(label, layer, "weight")));
    if (layer.tensor("bias").isPresent()) {
      operands.add(parameter(label, layer, "bias"));
    }
    int layerId = nodes.size();
    value = add(label + layer.name(), operator(shape), operands, attributes(shape), chain, number);
    int normId = nodes.size();
    value =
        add(
            label + norm.name(),
            OpKind.BATCH_NORMALIZATION,
            norm(label, norm, value),
            Map.of("epsilon", new Attribute.Real(epsilon)),
            chain,
            number);
    Optional<Activation> activation = group.listed().activation();
    if (activation.isPresent()) {
      String name = label + group.names().get(group.names().size() - 1);
      value = add(name, activation.get().operator(), List.of(value), Map.of(), chain, number);
    }
    outputs.add(ValueInfo.untyped(value));
    return new Chain(layerId, normId, List.copyOf(chain));
  }

  private String add(
      String name,
      OpKind op,
      List<String> operands,
      Map<String, Attribute> attributes,
      List<Integer> chain,
      int number) {
    String output = "value %d of %d".formatted(chain.size(), number);
    chain.add(nodes.size());
    nodes.add(new Node(nodes.size(), name, op, operands, List.of(output), attributes));
    return output;
  }

  /** Of PyTorch's layouts only the channels are known. */
  private static ValueInfo input(String name, Tensor weight, LayerShape shape) {
    Shape dims = weight.shape();
    List<Dim> all = new ArrayList<>();
    all.add(Dim.of(-1));
    all.add(
        switch (shape.operator()) {
          case CONV, LINEAR -> Dim.of(dims.dim(1));
          case CONV_TRANSPOSE -> Dim.of(dims.dim(0));
        });
    for (int axis = 2; axis < dims.rank(); axis++) {
      all.add(Dim.of(-1));
    }
    return new ValueInfo(name, weight.type(), all);
  }

  private static OpKind operator(LayerShape shape) {
    return switch (shape.operator()) {
      case CONV -> OpKind.CONV;
      case CONV_TRANSPOSE -> OpKind.CONV_TRANSPOSE;
      case LINEAR -> OpKind.GEMM;
    };
  }

  private static Map<String, Attribute> attributes(LayerShape shape) {
    return switch (shape.operator()) {
      case CONV -> Map.of();
      case CONV_TRANSPOSE -> Map.of("group", new Attribute.Int(shape.groups()));
      case LINEAR -> Map.of("transB", new Attribute.Int(1));
    };
  }

  /** One without affine parameters computes with 1 and 0. */
  private List<String> norm(String label, StateModule norm, String value) {
    Tensor variance = norm.tensor("running_var").orElseThrow();
    ElementType affine = norm.tensor("weight").map(Tensor::type).orElse(variance.type());
    Shape channels = variance.shape();
    return List.of(
        value,
        parameter(label, norm, "weight", new FilledTensor(affine, channels, 1)),
        parameter(label, norm, "bias", new FilledTensor(affine, channels, 0)),
        parameter(label, norm, "running_mean"),
        parameter(label, norm, "running_var"));
  }

  private String parameter(String label, StateModule module, String local) {
    return parameter(label, module, local, module.tensor(local).orElseThrow());
  }

  private String parameter(String label, StateModule module, String local, Tensor absent) {
    String name = label + module.name() + "." + local;
    initializers.put(name, new Initializer(name, module.tensor(local).orElse(absent)));
    parameters.put(name, new Parameter(module.name(), local));
    return name;
  }

  /** Where each initializer stands in its state dict. */
  Map<String, Parameter> parameters() {
    return parameters;
  }

  ModelGraph model() {
    return new ModelGraph(
        IR_VERSION,
        Map.of("", OPSET),
        new Graph("state dict", nodes, List.copyOf(initializers.values()), inputs, outputs),
        List.of());
  }
}
