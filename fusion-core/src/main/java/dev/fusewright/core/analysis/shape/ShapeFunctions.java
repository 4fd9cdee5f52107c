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
package dev.fusewright.core.analysis.shape;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.ConstantNode;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every operator whose shapes are known, by family; a family is a file. */
final class ShapeFunctions {
  /** ShapeFunctions whose rank no attribute can change; their other attributes change sizes. */
  private static final Set<String> FIXED_RANK =
      Set.of(
          "Conv",
          "ConvTranspose",
          "ConvInteger",
          "QLinearConv",
          "MaxPool",
          "AveragePool",
          "LpPool",
          "Gemm",
          "Flatten",
          "Concat",
          "Split",
          "Slice",
          "Pad",
          "Resize",
          "Upsample",
          "TopK",
          "DepthToSpace",
          "SpaceToDepth",
          "LSTM",
          "GRU",
          "RNN");

  private ShapeFunctions() {}

  /** What is known of the outputs of a node; outputs beyond the list are unknown. */
  static List<ValueFacts> infer(InferenceCall call) {
    Node node = call.node();
    if (!node.op().domain().isEmpty()) {
      return function(call);
    }
    return switch (node.op().type()) {
      case "Identity" -> List.of(call.input(0));
      case "Constant" -> List.of(constant(node));
      case "If" -> Branches.infer(call);
      default -> {
        List<SymbolicShape> shapes = shapes(call);
        yield shapes == null ? function(call) : facts(call, shapes);
      }
    };
  }

  private static @Nullable List<SymbolicShape> shapes(InferenceCall call) {
    List<SymbolicShape> shapes = ElementwiseShapes.infer(call);
    shapes = shapes != null ? shapes : WindowShapes.infer(call);
    shapes = shapes != null ? shapes : ProductShapes.infer(call);
    shapes = shapes != null ? shapes : LayoutShapes.infer(call);
    shapes = shapes != null ? shapes : SelectionShapes.infer(call);
    shapes = shapes != null ? shapes : AssemblyShapes.infer(call);
    shapes = shapes != null ? shapes : ReductionShapes.infer(call);
    shapes = shapes != null ? shapes : GeneratorShapes.infer(call);
    shapes = shapes != null ? shapes : ResizeShapes.infer(call);
    shapes = shapes != null ? shapes : RecurrentShapes.infer(call);
    return shapes != null ? shapes : LoopShapes.infer(call);
  }

  private static List<ValueFacts> facts(InferenceCall call, List<SymbolicShape> shapes) {
    String type = call.node().op().type();
    boolean isOpen = call.hasReferences() && !ElementwiseShapes.isIndifferent(type);
    List<ValueFacts> facts = new ArrayList<>(shapes.size());
    for (SymbolicShape shape : shapes) {
      SymbolicShape known = shape;
      if (isOpen) {
        known = FIXED_RANK.contains(type) ? shape.withoutSizes() : SymbolicShape.UNKNOWN;
      }
      facts.add(ValueFacts.of(known.weakened(call.operandBasis())));
    }
    if (!isOpen && !facts.isEmpty()) {
      facts.set(0, facts.get(0).with(IntegerArithmetic.infer(call, facts.get(0).shape())));
    }
    return facts;
  }

  private static List<ValueFacts> function(InferenceCall call) {
    GraphScope body = ShapeInference.called(call.scope(), call.node(), call.inputs());
    return body == null
        ? List.of()
        : body.graph().outputs().stream()
            .map(output -> body.shapes().facts(output.name()))
            .toList();
  }

  private static ValueFacts constant(Node node) {
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.Text) {
        return ValueFacts.of(SymbolicShape.SCALAR);
      } else if (attribute instanceof Attribute.Texts texts) {
        return ValueFacts.of(SymbolicShape.of(Shape.of(texts.values().size())));
      }
    }
    Tensor value = ConstantNode.value(node);
    return value == null ? ValueFacts.UNKNOWN : ValueFacts.of(value);
  }
}
