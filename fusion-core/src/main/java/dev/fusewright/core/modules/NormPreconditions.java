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

import static dev.fusewright.core.graph.OpKind.BATCH_NORMALIZATION;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.qat.QatPreconditions;
import dev.fusewright.core.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of a listed BatchNorm and the layer before it, in PyTorch's words where it has
 * some. The rules check the rest.
 */
final class NormPreconditions {
  private static final int MEAN = 3;

  private NormPreconditions() {}

  /**
   * Checks {@code module} if it is a BatchNorm.
   *
   * @param name of the BatchNorm
   */
  static Decision<ModuleCall> check(
      GraphView graph, String name, ModuleCall before, ModuleCall module, FusionMode mode) {
    Node norm = module.first();
    if (!norm.is(BATCH_NORMALIZATION)) {
      return Decision.sound(module);
    }
    if (mode == FusionMode.QAT) {
      return QatPreconditions.check(graph, before.last(), norm)
          .then(checked -> Decision.sound(module));
    }
    Node statistics = graph.producer(norm.input(MEAN));
    if (statistics != null && statistics.is(OpKind.onnx("ReduceMean"))) {
      return Decision.refuse(
          Reason.NO_RUNNING_STATISTICS,
          "bn.running_mean and bn.running_var must not be None: '%s' has track_running_stats=False, and '%s' computes the mean of each batch",
          name,
          statistics.label());
    }
    return before.type().equals("Linear")
        ? linear(graph, name, before, module)
        : Decision.sound(module);
  }

  private static Decision<ModuleCall> linear(
      GraphView graph, String name, ModuleCall before, ModuleCall module) {
    int rank = graph.shapes().rank(module.first().input(0));
    if (rank != SymbolicShape.UNKNOWN_RANK && rank != 2) {
      return Decision.refuse(
          Reason.AXIS_MOVED,
          "'%s' normalizes axis 1, and the features of the Linear before it are axis %d",
          name,
          rank - 1);
    }
    Node layer = before.first();
    Shape weight = shape(graph, layer.input(1));
    Shape mean = shape(graph, module.first().input(MEAN));
    if (weight == null || weight.rank() != 2 || mean == null || mean.rank() != 1) {
      return Decision.sound(module);
    }
    long features = weight.dim(layer.intAttribute("transB", 0) == 0 ? 1 : 0);
    return features == mean.dim(0)
        ? Decision.sound(module)
        : Decision.refuse(
            Reason.CHANNEL_MISMATCH,
            "To fuse, linear.out_features == bn.num_features, got linear.out_features=%d and bn.num_features=%d ('%s')",
            features,
            mean.dim(0),
            name);
  }

  private static @Nullable Shape shape(GraphView graph, String value) {
    return Constants.resolve(graph, value) instanceof Operand.Constant constant
        ? constant.tensor().shape()
        : null;
  }
}
