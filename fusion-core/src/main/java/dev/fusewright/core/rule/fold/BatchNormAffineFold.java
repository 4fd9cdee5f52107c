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

import static dev.fusewright.core.graph.OpKind.ADD;
import static dev.fusewright.core.graph.OpKind.BATCH_NORMALIZATION;
import static dev.fusewright.core.graph.OpKind.DIV;
import static dev.fusewright.core.graph.OpKind.MUL;
import static dev.fusewright.core.graph.OpKind.SUB;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.tensor.ComputedTensor;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.text.Amounts;
import java.util.Arrays;
import java.util.List;

/**
 * Folds what follows a BatchNormalization into its scale and bias: another BatchNormalization, or
 * an Add, Sub, Mul or Div by a constant, such as Caffe's Scale layer.
 *
 * <pre>
 *   y = BatchNormalization(x, γ, β, μ, σ²)       z = BatchNormalization(x, γ·k, β·k + d, μ, σ²)
 *   z = k·y + d                              →
 * </pre>
 *
 * This is for norms that no layer before them takes: where one does, that fold comes first and
 * takes the follower along afterwards. Besides the conditions of {@link LayerElementwiseFold} on
 * the constant, both norms must be in inference form: one in training form normalizes what the
 * other made of the batch. The new scale and bias must be finite in their stored type.
 */
final class BatchNormAffineFold implements Rule<BatchNormAffineFold.Facts> {
  private static final Capture NORM = Capture.named("batch norm");
  private static final Capture FOLLOWER = Capture.named("follower");
  private static final int SCALE = 1;
  private static final int BIAS = 2;

  private final Pattern pattern;
  private final RuleInfo info;

  /** A norm, the type of its scale and bias, and what follows it. */
  record Facts(BatchNorm norm, ElementType type, ChannelAffine affine) {
    private double[] gamma() {
      double[] gamma = norm.gamma().clone();
      Arrays.setAll(gamma, c -> gamma[c] * affine.scale()[c]);
      return gamma;
    }

    private double[] beta() {
      return affine.appliedTo(norm.beta());
    }
  }

  private BatchNormAffineFold(Pattern pattern, RuleInfo info) {
    this.pattern = pattern;
    this.info = info;
  }

  static BatchNormAffineFold batchNorm() {
    return new BatchNormAffineFold(
        Pattern.node(BATCH_NORMALIZATION)
            .as(FOLLOWER)
            .fedBy(0, Pattern.node(BATCH_NORMALIZATION).as(NORM)),
        new RuleInfo(
                "batch-norm-batch-norm",
                "A BatchNormalization after a BatchNormalization is folded into its scale and bias",
                "k·(γ·x̂ + β) + d = (k·γ)·x̂ + (k·β + d)")
            .showing(
                """
                g (float[N,4,8,8] x) => (float[] z)
                <float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0), float[4] second = random(7)>
                {
                  r = Relu(x)
                  y = BatchNormalization(r, scale, shift, mean, var)
                  z = BatchNormalization(y, second, shift, mean, var)
                }
                """)
            .requiring(Conditions.norm())
            .requiring(
                "Both norms are in inference form",
                "one in training form normalizes what the other made of the batch"));
  }

  static BatchNormAffineFold elementwise() {
    return new BatchNormAffineFold(
        Pattern.node(ADD, SUB, MUL, DIV)
            .as(FOLLOWER)
            .fedByEither(Pattern.node(BATCH_NORMALIZATION).as(NORM)),
        new RuleInfo(
                "batch-norm-elementwise",
                "Add, Sub, Mul or Div by a constant after BatchNormalization is folded into its"
                    + " scale and bias",
                "k·(γ·x̂ + β) + d = (k·γ)·x̂ + (k·β + d)")
            .showing(
                """
                g (float[N,4,8,8] x) => (float[] z)
                <float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0), float[4] k = random(7), int64[2] axes = {1, 2}>
                {
                  r = Relu(x)
                  y = BatchNormalization(r, scale, shift, mean, var)
                  k3 = Unsqueeze(k, axes)
                  z = Mul(y, k3)
                }
                """)
            .requiring(Conditions.norm())
            .requiring(Conditions.constant()));
  }

  @Override
  public RuleInfo info() {
    return info;
  }

  @Override
  public Pattern pattern() {
    return pattern;
  }

  @Override
  public Decision<Facts> check(Match match) {
    Node follower = match.node(FOLLOWER);
    return BatchNormNode.read(match.graph(), match.node(NORM))
        .then(norm -> affine(match, follower, norm).then(affine -> storable(match, norm, affine)));
  }

  private static Decision<ChannelAffine> affine(Match match, Node follower, BatchNorm norm) {
    if (follower.is(BATCH_NORMALIZATION)) {
      return BatchNormNode.read(match.graph(), follower)
          .then(
              second ->
                  second.channels() == norm.channels()
                      ? Decision.sound(ChannelAffine.of(second))
                      : Decision.refuse(
                          Reason.CHANNEL_MISMATCH,
                          "'%s' has %s and '%s' has %d",
                          match.node(NORM).label(),
                          Amounts.count(norm.channels(), "channel"),
                          follower.label(),
                          second.channels()));
    }
    return ElementwiseNode.read(
        match.graph(),
        follower,
        match.entersAt(NORM),
        norm.channels(),
        1,
        match.graph().shapes().rank(match.node(NORM).output()));
  }

  private static Decision<Facts> storable(Match match, BatchNorm norm, ChannelAffine affine) {
    Operand scale = Constants.resolve(match.graph(), match.node(NORM).input(SCALE));
    ElementType type =
        scale instanceof Operand.Constant constant ? constant.tensor().type() : norm.type();
    Facts facts = new Facts(norm, type, affine);
    return Vectors.allFiniteAs(type, facts.gamma()) && Vectors.allFiniteAs(type, facts.beta())
        ? Decision.sound(facts)
        : Decision.refuse(
            Reason.NON_FINITE_RESULT,
            "the folded scale or bias of '%s' overflows %s",
            match.node(NORM).label(),
            type.text());
  }

  @Override
  public Rewrite rewrite(Match match, Facts facts) {
    Node norm = match.node(NORM);
    Node follower = match.node(FOLLOWER);
    Node after = norm.withOutputs(List.of(follower.output()));
    Shape shape = Shape.of(facts.norm().channels());
    Rewrite.Builder rewrite = Rewrite.of(match.nodes()).remove(follower).replace(after);
    facts.affine().notes().forEach(rewrite::note);
    if (!facts.affine().onlyShifts()) {
      rewrite.parameter(
          after, SCALE, new ComputedTensor(facts.type(), shape, facts.gamma()), norm.input(SCALE));
    }
    rewrite.parameter(
        after, BIAS, new ComputedTensor(facts.type(), shape, facts.beta()), norm.input(BIAS));
    return rewrite.into("BatchNorm", follower.output());
  }
}
