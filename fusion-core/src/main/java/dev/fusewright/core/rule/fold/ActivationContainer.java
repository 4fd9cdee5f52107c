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

import dev.fusewright.core.analysis.Activation;
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
import dev.fusewright.core.rule.FusedActivations;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.text.Amounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lists a layer and the activation that alone reads it as PyTorch's container: {@code
 * ConvReLU1d/2d/3d}, {@code LinearReLU}, {@code BNReLU2d/3d}, and their like of other activations
 * that are {@linkplain FusedActivations fused}.
 *
 * <pre>
 *   y = Conv(x, W, b)
 *   z = Relu(y)          stays as it is, and is listed as ConvReLU2d
 * </pre>
 *
 * In eval mode such a container computes exactly what its parts do, so nothing changes in the file.
 * The activation must be the only reader: otherwise y would vanish inside the container. PyTorch
 * has no container for BatchNorm1d and ReLU.
 */
final class ActivationContainer implements Rule<String> {
  private static final Capture LAYER = Capture.named("layer");
  private static final Capture ACTIVATION = Capture.named("activation");

  private final OpKind layer;
  private final Activation activation;
  private final RuleInfo info;

  private ActivationContainer(OpKind layer, Activation activation, RuleInfo info) {
    this.layer = layer;
    this.activation = activation;
    this.info = info;
  }

  /** The containers of a backend's table. */
  static List<Rule<?>> of(FusedActivations fused) {
    List<Rule<?>> rules = new ArrayList<>();
    fused.behind(FusedActivations.Predecessor.CONV).forEach(it -> rules.add(conv(it)));
    fused.behind(FusedActivations.Predecessor.LINEAR).forEach(it -> rules.add(linear(it)));
    fused.behind(FusedActivations.Predecessor.NORM).forEach(it -> rules.add(batchNorm(it)));
    return List.copyOf(rules);
  }

  private static ActivationContainer conv(Activation activation) {
    return new ActivationContainer(
        OpKind.CONV,
        activation,
        info("conv", "Conv", "Conv", "W∗x + b", activation)
            .showing(
                """
                g (float[N,3,8,8] x) => (float[] z)
                <float[4,3,3,3] w = random(1)>
                {
                  y = Conv(x, w)
                  z = %s(y)
                }
                """
                    .formatted(activation.operator().type()))
            .requiring(onlyReader(activation)));
  }

  private static ActivationContainer linear(Activation activation) {
    return new ActivationContainer(
        OpKind.GEMM,
        activation,
        info("linear", "Linear", "Linear", "xW + b", activation)
            .showing(
                """
                g (float[N,5] x) => (float[] z)
                <float[5,4] w = random(1)>
                {
                  y = Gemm(x, w)
                  z = %s(y)
                }
                """
                    .formatted(activation.operator().type()))
            .requiring(onlyReader(activation))
            .requiring("The weight is constant", "a Gemm of two computed matrices is no Linear"));
  }

  private static ActivationContainer batchNorm(Activation activation) {
    return new ActivationContainer(
        OpKind.BATCH_NORMALIZATION,
        activation,
        info("batch-norm", "BatchNorm", "BN", "BN(x)", activation)
            .showing(
                """
                g (float[N,4,8,8] x) => (float[] z)
                <float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
                {
                  y = BatchNormalization(x, scale, shift, mean, var)
                  z = %s(y)
                }
                """
                    .formatted(activation.operator().type()))
            .requiring(onlyReader(activation))
            .requiring(
                "The value has four or five axes",
                "PyTorch has no container for BatchNorm1d and " + activation.torchName()));
  }

  private static RuleInfo info(
      String id, String layer, String module, String computed, Activation activation) {
    String container = FusedActivations.moduleName(module, activation, /* spatialRank= */ 0);
    return new RuleInfo(
        id + "-" + activation.id(),
        "%s and %s form a %s".formatted(layer, activation.operator().type(), container),
        "%s(x) = %s".formatted(container, activation.formula(computed)));
  }

  private static List<RuleInfo.Condition> onlyReader(Activation activation) {
    return List.of(
        new RuleInfo.Condition(
            "The %s is the only reader".formatted(activation.operator().type()),
            "the value between them would vanish inside the container"));
  }

  @Override
  public RuleInfo info() {
    return info;
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(activation.operator())
        .as(ACTIVATION)
        .fedBy(0, Pattern.node(layer).as(LAYER));
  }

  @Override
  public Decision<String> check(Match match) {
    Node node = match.node(LAYER);
    if (!Activation.of(match.graph(), match.node(ACTIVATION)).equals(Optional.of(activation))) {
      return Decision.elsewhere(
          "'%s' is no %s", match.node(ACTIVATION).label(), activation.torchName());
    }
    if (layer.equals(OpKind.GEMM)) {
      return isConstant(match.graph(), node.input(1))
          ? Decision.sound(container("Linear", 0))
          : Decision.elsewhere("'%s' has no constant weight, and is no Linear", node.label());
    }
    int rank = match.graph().shapes().of(node.output()).rank();
    if (rank == SymbolicShape.UNKNOWN_RANK) {
      return Decision.refuse(Reason.UNKNOWN_RANK, "the rank of '%s' is not known", node.output());
    }
    int spatialRank = rank - 2;
    if (layer.equals(OpKind.CONV)) {
      return spatialRank >= 1 && spatialRank <= 3
          ? Decision.sound(container("Conv", spatialRank))
          : Decision.elsewhere(
              "'%s' has %s besides its channels",
              node.label(), Amounts.count(spatialRank, "axis", "axes"));
    }
    return spatialRank == 2 || spatialRank == 3
        ? Decision.sound(container("BN", spatialRank))
        : Decision.refuse(
            Reason.NOT_FUSABLE_SEQUENCE,
            "did not find fuser method for: (BatchNorm1d, %s)",
            activation.torchName());
  }

  private String container(String module, int spatialRank) {
    return FusedActivations.moduleName(module, activation, spatialRank);
  }

  private static boolean isConstant(GraphView graph, String value) {
    return Constants.resolve(graph, value) instanceof Operand.Constant;
  }

  @Override
  public Rewrite rewrite(Match match, String module) {
    Node last = match.node(ACTIVATION);
    return Rewrite.of(List.of(match.node(LAYER), last)).into(module, last.output());
  }
}
