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

import static dev.fusewright.core.graph.OpKind.CONSTANT;
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.ConstantNode;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What PyTorch demands of a layer and the BatchNorm after it before it builds a QAT module of them,
 * in its order and its words: as many features as channels, {@code affine}, {@code
 * track_running_stats}. The fourth, that both are in the same mode, cannot be broken here, since in
 * a graph only the BatchNorm has one.
 */
public final class QatPreconditions {
  private static final int SCALE = 1;
  private static final int SHIFT = 2;
  private static final int MEAN = 3;

  private QatPreconditions() {}

  /** Whether the nodes may be built into a QAT module. */
  public static Decision<Node> check(GraphView graph, Node layer, Node norm) {
    boolean isLinear = layer.is(GEMM) || layer.is(MAT_MUL);
    long channels = channels(graph, layer);
    Shape scale = shape(graph, norm.input(SCALE));
    long features = scale == null || scale.rank() != 1 ? -1 : scale.dim(0);
    if (channels >= 0 && features >= 0 && channels != features) {
      return Decision.refuse(
          Reason.CHANNEL_MISMATCH,
          "%s: '%s' has %d and '%s' has %d",
          isLinear
              ? "Output features of Linear must match num_features of BatchNorm1d"
              : "Output channel of Conv2d must match num_features of BatchNorm2d",
          layer.label(),
          channels,
          norm.label(),
          features);
    }
    String type = isLinear ? "BatchNorm1d" : "BatchNorm2d";
    if (isFilledConstant(graph, norm.input(SCALE), 1)
        && isFilledConstant(graph, norm.input(SHIFT), 0)) {
      return Decision.refuse(
          Reason.NOT_AFFINE_MODULE,
          "Only support fusing %s with affine set to True: '%s' has no parameters, but constants 1 and 0",
          type,
          norm.label());
    }
    Node statistics = graph.producer(norm.input(MEAN));
    if (statistics != null && statistics.is(OpKind.onnx("ReduceMean"))) {
      return Decision.refuse(
          Reason.NO_RUNNING_STATISTICS,
          "Only support fusing %s with tracking_running_stats set to True: '%s' computes the mean of the batch for '%s'",
          type,
          statistics.label(),
          norm.label());
    }
    return Decision.sound(norm);
  }

  private static long channels(GraphView graph, Node layer) {
    Shape weight = shape(graph, layer.input(1));
    if (weight == null || weight.rank() < 2) {
      return -1;
    }
    boolean isColumns =
        layer.is(MAT_MUL) || (layer.is(GEMM) && layer.intAttribute("transB", 0) == 0);
    return weight.dim(isColumns ? 1 : 0);
  }

  static @Nullable Shape shape(GraphView graph, String value) {
    return Constants.resolve(graph, value) instanceof Operand.Constant constant
        ? constant.tensor().shape()
        : null;
  }

  /** Exporters write the missing parameters of a BatchNorm as Constant nodes. */
  private static boolean isFilledConstant(GraphView graph, String value, double with) {
    Node producer = graph.producer(value);
    if (producer == null || !producer.is(CONSTANT)) {
      return false;
    }
    Tensor tensor = ConstantNode.value(producer);
    return tensor != null
        && Arrays.stream(Tensors.doubles(tensor, Integer.MAX_VALUE)).allMatch(v -> v == with);
  }
}
