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

import static dev.fusewright.core.graph.OpKind.RELU;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import java.util.List;

/**
 * Lists a layer and the Relu that alone reads it as PyTorch's container: {@code ConvReLU1d/2d/3d},
 * {@code LinearReLU}, {@code BNReLU2d/3d}.
 *
 * <pre>
 *   y = Conv(x, W, b)
 *   z = Relu(y)          stays as it is, and is listed as ConvReLU2d
 * </pre>
 *
 * In eval mode such a container computes exactly what its parts do, so nothing changes in the file.
 * The Relu must be the only reader: otherwise y would vanish inside the container. PyTorch has no
 * container for BatchNorm1d and ReLU.
 */
final class ReluContainer implements Rule<String> {
  private static final Capture LAYER = Capture.named("layer");
  private static final Capture ACTIVATION = Capture.named("relu");

  private final RuleInfo info;
  private final OpKind layer;

  private ReluContainer(OpKind layer, RuleInfo info) {
    this.layer = layer;
    this.info = info;
  }

  static ReluContainer conv() {
    return new ReluContainer(
        OpKind.CONV,
        new RuleInfo("conv-relu", "Conv and Relu form a ConvReLU", "ConvReLU(x) = max(0, W∗x + b)")
            .showing(
                """
                g (float[N,3,8,8] x) => (float[] z)
                <float[4,3,3,3] w = random(1)>
                {
                  y = Conv(x, w)
                  z = Relu(y)
                }
                """)
            .requiring(
                "The Relu is the only reader",
                "the value between them would vanish inside the container"));
  }

  static ReluContainer linear() {
    return new ReluContainer(
        OpKind.GEMM,
        new RuleInfo(
                "linear-relu",
                "Linear and Relu form a LinearReLU",
                "LinearReLU(x) = max(0, xW + b)")
            .showing(
                """
                g (float[N,5] x) => (float[] z)
                <float[5,4] w = random(1)>
                {
                  y = Gemm(x, w)
                  z = Relu(y)
                }
                """)
            .requiring(
                "The Relu is the only reader",
                "the value between them would vanish inside the container")
            .requiring("The weight is constant", "a Gemm of two computed matrices is no Linear"));
  }

  static ReluContainer batchNorm() {
    return new ReluContainer(
        OpKind.BATCH_NORMALIZATION,
        new RuleInfo(
                "batch-norm-relu", "BatchNorm and Relu form a BNReLU", "BNReLU(x) = max(0, BN(x))")
            .showing(
                """
                g (float[N,4,8,8] x) => (float[] z)
                <float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
                {
                  y = BatchNormalization(x, scale, shift, mean, var)
                  z = Relu(y)
                }
                """)
            .requiring(
                "The Relu is the only reader",
                "the value between them would vanish inside the container")
            .requiring(
                "The value has four or five axes",
                "PyTorch has no container for BatchNorm1d and ReLU"));
  }

  @Override
  public RuleInfo info() {
    return info;
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(RELU).as(ACTIVATION).fedBy(0, Pattern.node(layer).as(LAYER));
  }

  @Override
  public Decision<String> check(Match match) {
    Node node = match.node(LAYER);
    if (layer.equals(OpKind.GEMM)) {
      return isConstant(match.graph(), node.input(1))
          ? Decision.sound("LinearReLU")
          : new Decision.Elsewhere<>();
    }
    int rank = match.graph().shapes().of(node.output()).rank();
    if (rank == SymbolicShape.UNKNOWN_RANK) {
      return Decision.refuse(Reason.UNKNOWN_RANK, "the rank of '%s' is not known", node.output());
    }
    int spatialRank = rank - 2;
    if (layer.equals(OpKind.CONV)) {
      return spatialRank >= 1 && spatialRank <= 3
          ? Decision.sound(Modules.convRelu(spatialRank))
          : new Decision.Elsewhere<>();
    }
    return spatialRank == 2 || spatialRank == 3
        ? Decision.sound("BNReLU" + spatialRank + "d")
        : Decision.refuse(
            Reason.NOT_FUSABLE_SEQUENCE, "did not find fuser method for: (BatchNorm1d, ReLU)");
  }

  private static boolean isConstant(GraphView graph, String value) {
    return Constants.resolve(graph, value) instanceof Operand.Constant;
  }

  @Override
  public Rewrite rewrite(Match match, String module) {
    Node relu = match.node(ACTIVATION);
    return Rewrite.of(List.of(match.node(LAYER), relu)).into(module, relu.output());
  }
}
