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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a BatchNormalization node as an eval-mode {@link BatchNorm}, or says why it is none.
 *
 * <p>What makes it inference differs by opset: 1 and 6 say {@code is_test=1} (the default is
 * training), 7 and 9 say it by having one output, 14 and later by {@code training_mode=0}.
 */
final class BatchNormNode {
  private static final float DEFAULT_EPSILON = 1e-5f;
  private static final List<String> OPERANDS = List.of("scale", "B", "mean", "var");

  private BatchNormNode() {}

  static Decision<BatchNorm> read(GraphView graph, Node node) {
    return inferenceForm(graph, node)
        .then(form -> parameters(graph, node))
        .then(BatchNormNode::checkValues);
  }

  private static Decision<Node> inferenceForm(GraphView graph, Node node) {
    long opset = graph.opset();
    if (opset < 9 && node.intAttribute("spatial", 1) != 1) {
      return Decision.refuse(
          Reason.SPATIAL, "'%s' has spatial=0: its parameters are per element", node.label());
    }
    if (opset < 7 && node.intAttribute("is_test", 0) != 1) {
      return Decision.refuse(
          Reason.TRAINING_MODE,
          "Fusion only for eval! '%s' has is_test=0 (opset %d)",
          node.label(),
          opset);
    }
    if (opset >= 14 && node.intAttribute("training_mode", 0) != 0) {
      return Decision.refuse(
          Reason.TRAINING_MODE, "Fusion only for eval! '%s' has training_mode=1", node.label());
    }
    if (node.hasFurtherOutputs()) {
      return opset < 14
          ? Decision.refuse(
              Reason.TRAINING_MODE,
              "Fusion only for eval! '%s' has %d outputs, which before opset 14 is the training"
                  + " form",
              node.label(),
              node.outputs().size())
          : Decision.refuse(
              Reason.EXTRA_OUTPUTS, "'%s' has %d outputs", node.label(), node.outputs().size());
    }
    return Decision.sound(node);
  }

  private static Decision<BatchNorm> parameters(GraphView graph, Node node) {
    List<double[]> values = new ArrayList<>();
    ElementType type = ElementType.UNDEFINED;
    ElementType promoted = ElementType.UNDEFINED;
    long channels = -1;
    for (int i = 0; i < OPERANDS.size(); i++) {
      String name = node.input(i + 1);
      Operand operand = Constants.resolve(graph, name);
      if (operand instanceof Operand.Variable variable) {
        return variable(graph, node, OPERANDS.get(i), name, variable);
      }
      Tensor tensor = ((Operand.Constant) operand).tensor();
      if (tensor.shape().rank() != 1 || (channels >= 0 && tensor.shape().dim(0) != channels)) {
        return Decision.refuse(
            Reason.SHAPE_MISMATCH,
            "%s of '%s' has the shape %s, expected [%s]",
            OPERANDS.get(i),
            node.label(),
            tensor.shape(),
            channels < 0 ? "C" : String.valueOf(channels));
      }
      if (!tensor.type().isFoldable()) {
        return Decision.refuse(
            Reason.ELEMENT_TYPE,
            "%s of '%s' is %s",
            OPERANDS.get(i),
            node.label(),
            tensor.type().text());
      }
      channels = tensor.shape().dim(0);
      if (channels > Vectors.MAX_CHANNELS) {
        return Decision.refuse(
            Reason.SHAPE_MISMATCH,
            "'%s' has %d channels, which no model has",
            node.label(),
            channels);
      }
      if (type != ElementType.UNDEFINED && type != tensor.type()) {
        // scale and B are of one type, mean and var too; from opset 14 on these may differ.
        boolean mayDiffer = graph.opset() >= 14 && i == 2;
        if (!mayDiffer) {
          return Decision.refuse(
              Reason.ELEMENT_TYPE,
              "the parameters of '%s' mix %s and %s (opset %d)",
              node.label(),
              type.text(),
              tensor.type().text(),
              graph.opset());
        }
        promoted = wider(type, tensor.type());
      }
      type = tensor.type();
      values.add(Vectors.read(tensor));
    }
    return Decision.sound(
        new BatchNorm(
            values.get(0),
            values.get(1),
            values.get(2),
            values.get(3),
            node.realAttribute("epsilon", DEFAULT_EPSILON),
            promoted == ElementType.UNDEFINED ? type : promoted));
  }

  private static ElementType wider(ElementType a, ElementType b) {
    return a == ElementType.DOUBLE || b == ElementType.DOUBLE
        ? ElementType.DOUBLE
        : ElementType.FLOAT;
  }

  private static <F> Decision<F> variable(
      GraphView graph, Node node, String operand, String name, Operand.Variable why) {
    Node producer = graph.producer(name);
    if (producer != null && producer.op().equals(OpKind.onnx("ReduceMean"))) {
      return Decision.refuse(
          Reason.NO_RUNNING_STATISTICS,
          "%s of '%s' is the mean of the batch, computed by '%s': the module has no running"
              + " statistics",
          operand,
          node.label(),
          producer.label());
    }
    return Decision.refuse("%s of '%s'".formatted(operand, node.label()), why);
  }

  private static Decision<BatchNorm> checkValues(BatchNorm norm) {
    List<double[]> all = List.of(norm.gamma(), norm.beta(), norm.mean(), norm.variance());
    for (int i = 0; i < all.size(); i++) {
      int channel = Vectors.firstNonFinite(all.get(i));
      if (channel >= 0) {
        return Decision.refuse(
            Reason.NON_FINITE_PARAMETER,
            "%s[%d] is %s",
            OPERANDS.get(i),
            channel,
            all.get(i)[channel]);
      }
    }
    for (int c = 0; c < norm.channels(); c++) {
      if (norm.variance()[c] + norm.epsilon() <= 0) {
        return Decision.refuse(
            Reason.NON_POSITIVE_VARIANCE,
            "var[%d] + epsilon is %s + %s",
            c,
            norm.variance()[c],
            norm.epsilon());
      }
    }
    return Decision.sound(norm);
  }
}
