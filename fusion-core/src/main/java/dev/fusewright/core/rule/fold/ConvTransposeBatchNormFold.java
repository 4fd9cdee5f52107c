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
import static dev.fusewright.core.graph.OpKind.CONV_TRANSPOSE;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;

/**
 * Folds a BatchNormalization into the ConvTranspose before it.
 *
 * <pre>
 *   y = ConvTranspose(x, W, b)                 y = ConvTranspose(x, W', b')
 *   z = BatchNormalization(y, γ, β, μ, σ²)  →
 *
 *   W'[i, j] = W[i, j]·s[c]    b'[c] = (b[c] − μ[c])·s[c] + β[c]    s = γ/√(σ² + ε)
 *   c = (i div (in/group))·(out/group) + j
 * </pre>
 *
 * The weight is {@code [in, out/group, …]}, so with groups a column j belongs to another output
 * channel in each group; PyTorch's own fold ignores that and is wrong for depthwise weights, which
 * are folded rightly here. Otherwise the conditions are those of {@link ConvBatchNormFold}. {@code
 * output_padding} does not matter: its cells hold the bias before and after.
 */
final class ConvTransposeBatchNormFold implements Rule<LayerAndNorm> {
  private static final Capture LAYER = Capture.named("conv transpose");
  private static final Capture NORM = Capture.named("batch norm");

  private final FoldArithmetic arithmetic;

  ConvTransposeBatchNormFold(FoldArithmetic arithmetic) {
    this.arithmetic = arithmetic;
  }

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "conv-transpose-batch-norm",
            "BatchNormalization after ConvTranspose is folded into its weight and bias",
            "γ·(Wᵀ∗x + b − μ)/√(σ²+ε) + β = (W·s)ᵀ∗x + (b − μ)·s + β, with s = γ/√(σ²+ε) along W's"
                + " output channels")
        .showing(
            """
            g (float[N,4,8,8] x) => (float[] z)
            <float[4,2,3,3] w = random(1), float[4] b = random(2), float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              y = ConvTranspose<group=2>(x, w, b)
              z = BatchNormalization(y, scale, shift, mean, var)
            }
            """)
        .requiring(Conditions.norm())
        .requiring(
            "The norm has exactly as many channels as the layer has outputs",
            "a norm of one channel would broadcast in the weight, but not in the graph")
        .requiring(
            "With groups, the output channel of column j of the weight is that of its group",
            "PyTorch multiplies depthwise weights along the wrong axis");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(BATCH_NORMALIZATION)
        .as(NORM)
        .fedBy(0, Pattern.node(CONV_TRANSPOSE).as(LAYER));
  }

  @Override
  public Decision<LayerAndNorm> check(Match match) {
    return Layers.convTranspose(match.graph(), match.node(LAYER))
        .then(layer -> LayerAndNorm.check(match.graph(), layer, match.node(NORM), arithmetic));
  }

  @Override
  public Rewrite rewrite(Match match, LayerAndNorm facts) {
    Node norm = match.node(NORM);
    return facts
        .fold(norm, arithmetic)
        .into(Modules.convTranspose(facts.layer().spatialRank()), norm.output());
  }
}
