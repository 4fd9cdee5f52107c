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
package dev.fusewright.core.modules;

import static dev.fusewright.core.graph.OpKind.ADD;
import static dev.fusewright.core.graph.OpKind.BATCH_NORMALIZATION;
import static dev.fusewright.core.graph.OpKind.CONSTANT;
import static dev.fusewright.core.graph.OpKind.CONV;
import static dev.fusewright.core.graph.OpKind.CONV_TRANSPOSE;
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.IDENTITY;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;
import static dev.fusewright.core.graph.OpKind.TRANSPOSE;

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Tells what PyTorch module some nodes are a call of. */
final class ModuleTypes {
  /** Layers first: a module that holds one of these is that layer, whatever else helps it. */
  private static final List<OpKind> LAYERS =
      List.of(CONV, CONV_TRANSPOSE, GEMM, MAT_MUL, BATCH_NORMALIZATION);

  /** Operators that only prepare operands. */
  private static final Set<OpKind> HELPERS =
      Set.of(CONSTANT, IDENTITY, TRANSPOSE, OpKind.onnx("Shape"), OpKind.onnx("Cast"));

  /** Other operators whose module has another name than the operator. */
  private static final Map<String, String> NAMES =
      Map.of("LayerNormalization", "LayerNorm", "InstanceNormalization", "InstanceNorm");

  private static final String TORCH_MODULES = "torch.nn.modules.";

  private ModuleTypes() {}

  /**
   * The call that these nodes, all those of one scope, make up.
   *
   * @param className of the module, where the file names it
   */
  static ModuleCall call(GraphView graph, List<Node> nodes, Optional<String> className) {
    for (OpKind layer : LAYERS) {
      for (Node node : nodes) {
        if (node.is(layer)) {
          List<Node> chain = withBias(graph, node, nodes);
          return new ModuleCall(className(className, layer(graph, node)), chain);
        }
      }
    }
    List<Node> main = nodes.stream().filter(node -> !HELPERS.contains(node.op())).toList();
    if (main.size() == 1) {
      return new ModuleCall(className(className, follower(graph, main.get(0))), main);
    }
    String operators =
        nodes.stream().map(node -> node.op().toString()).collect(Collectors.joining(" → "));
    return new ModuleCall(
        className(className, main.isEmpty() ? "Identity" : "a module of " + operators),
        main.isEmpty() ? nodes : main);
  }

  /** One call for each layer among nodes that share a module but say nothing of their calls. */
  static List<ModuleCall> calls(GraphView graph, List<Node> nodes) {
    return nodes.stream()
        .filter(node -> LAYERS.contains(node.op()))
        .map(node -> new ModuleCall(layer(graph, node), withBias(graph, node, nodes)))
        .toList();
  }

  /**
   * PyTorch's own classes by their last name, others in full, so that a subclass is another type.
   */
  private static String className(Optional<String> className, String fromNodes) {
    return className
        .map(
            name ->
                name.startsWith(TORCH_MODULES) ? name.substring(name.lastIndexOf('.') + 1) : name)
        .orElse(fromNodes);
  }

  /** A Linear on more than two axes is a MatMul, and an Add for the bias. */
  private static List<Node> withBias(GraphView graph, Node node, List<Node> nodes) {
    List<Node> chain = new ArrayList<>(List.of(node));
    if (node.is(MAT_MUL) && graph.useCount(node.output()) == 1) {
      Node next = graph.uses(node.output()).get(0).node();
      if (next.is(ADD) && nodes.contains(next)) {
        chain.add(next);
      }
    }
    return chain;
  }

  private static String layer(GraphView graph, Node node) {
    if (node.is(GEMM) || node.is(MAT_MUL)) {
      return isConstant(graph, node.input(1)) ? "Linear" : node.op().type();
    }
    if (node.is(CONV) || node.is(CONV_TRANSPOSE)) {
      String name = node.is(CONV) ? "Conv" : "ConvTranspose";
      int rank =
          Constants.resolve(graph, node.input(1)) instanceof Operand.Constant weight
              ? weight.tensor().shape().rank()
              : graph.shapes().of(node.input(1)).rank();
      return rank < 3 ? name : name + (rank - 2) + "d";
    }
    int rank = graph.shapes().of(node.input(0)).rank();
    return rank == SymbolicShape.UNKNOWN_RANK
        ? "BatchNorm"
        : "BatchNorm" + Math.max(rank - 2, 1) + "d";
  }

  private static boolean isConstant(GraphView graph, String value) {
    return Constants.resolve(graph, value) instanceof Operand.Constant;
  }

  private static String follower(GraphView graph, Node node) {
    Optional<Activation> activation = Activation.of(graph, node);
    if (activation.isPresent()) {
      return activation.get().torchName();
    }
    String type = node.op().type();
    if (type.endsWith("Pool")) {
      int rank = graph.shapes().of(node.input(0)).rank();
      return rank == SymbolicShape.UNKNOWN_RANK
          ? type
          : type.replace("Average", "Avg") + (rank - 2) + "d";
    }
    return NAMES.getOrDefault(type, node.op().toString());
  }
}
