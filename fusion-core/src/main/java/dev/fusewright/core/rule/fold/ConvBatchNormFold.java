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

import static dev.fusewright.core.graph.OpKind.BATCH_NORMALIZATION;
import static dev.fusewright.core.graph.OpKind.CONV;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.FusedActivations;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;

/**
 * Folds a BatchNormalization into the Conv before it.
 *
 * <pre>
 *   y = Conv(x, W, b)                          y = Conv(x, W', b')
 *   z = BatchNormalization(y, γ, β, μ, σ²)  →
 *
 *   W'[c] = W[c]·γ[c]/√(σ²[c] + ε)    b'[c] = (b[c] − μ[c])·γ[c]/√(σ²[c] + ε) + β[c]
 * </pre>
 *
 * Sound because both are affine per output channel, whatever group, stride, dilation and padding
 * the Conv has: padding acts on x, before the weights. The conditions, each with what goes wrong
 * without it:
 *
 * <ul>
 *   <li>y has no other reader and is no output: a second reader would see normalized values.
 *   <li>All parameters are constant: a caller who overrides W would lose the normalization.
 *   <li>BatchNormalization is in inference form: in training form it uses the statistics of the
 *       batch.
 *   <li>γ, β, μ and σ² have exactly as many channels as the Conv: torch does not check that, and
 *       BN(1) after three channels would broadcast in W but not in the graph.
 *   <li>All are finite and σ² + ε is positive: one NaN channel would make the whole layer NaN.
 * </ul>
 *
 * With {@link FoldArithmetic#TORCH} this is {@code torch.nn.utils.fusion.fuse_conv_bn_weights}, bit
 * for bit.
 */
final class ConvBatchNormFold implements Rule<LayerAndNorm> {
  private static final Capture LAYER = Capture.named("conv");
  private static final Capture NORM = Capture.named("batch norm");

  private final FoldArithmetic arithmetic;

  ConvBatchNormFold(FoldArithmetic arithmetic) {
    this.arithmetic = arithmetic;
  }

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "conv-batch-norm",
            "BatchNormalization after Conv is folded into its weight and bias",
            "γ·(W∗x + b − μ)/√(σ²+ε) + β = (W·s)∗x + (b − μ)·s + β, with s = γ/√(σ²+ε)")
        .showing(
            """
            g (float[N,3,8,8] x) => (float[] z)
            <float[4,3,3,3] w = random(1), float[4] b = random(2), float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              y = Conv(x, w, b)
              z = BatchNormalization(y, scale, shift, mean, var)
            }
            """)
        .requiring(Conditions.norm())
        .requiring(
            "The norm has exactly as many channels as the layer has outputs",
            "a norm of one channel would broadcast in the weight, but not in the graph");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(BATCH_NORMALIZATION).as(NORM).fedBy(0, Pattern.node(CONV).as(LAYER));
  }

  @Override
  public Decision<LayerAndNorm> check(Match match) {
    return Layers.conv(match.graph(), match.node(LAYER))
        .then(layer -> LayerAndNorm.check(match.graph(), layer, match.node(NORM), arithmetic))
        .then(
            facts ->
                Decision.sound(
                    facts.followedBy(
                        Follower.of(
                            match.graph(),
                            match.node(NORM).output(),
                            FusedActivations.Predecessor.CONV_NORM))));
  }

  @Override
  public Rewrite rewrite(Match match, LayerAndNorm facts) {
    Node norm = match.node(NORM);
    return facts
        .fold(norm, arithmetic)
        .into(Modules.conv(facts.layer().spatialRank(), facts.follower()), facts.output(norm));
  }
}
