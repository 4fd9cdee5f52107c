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
import static dev.fusewright.core.graph.OpKind.GEMM;

import dev.fusewright.core.graph.Node;
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
 * Folds a BatchNormalization into the Gemm (PyTorch's Linear) before it.
 *
 * <pre>
 *   y = Gemm(x, W, C; alpha, beta)             y = Gemm(x, W', C'; alpha, beta=1)
 *   z = BatchNormalization(y, γ, β, μ, σ²)  →
 *
 *   W'[:, c] = W[:, c]·s[c]    C'[c] = (beta·C[c] − μ[c])·s[c] + β[c]    s = γ/√(σ² + ε)
 * </pre>
 *
 * A Gemm's output has two axes, so BatchNormalization's channel axis 1 is the columns; {@code
 * transB} picks W's axis. {@code alpha} scales W' as it scaled W. Beyond the conditions of {@link
 * ConvBatchNormFold}: C must be constant along the rows (a scalar, [N] or [1, N]), since [M, N]
 * would give each row of the batch another bias.
 *
 * <p>With {@link FoldArithmetic#TORCH} this is {@code fuse_linear_bn_weights}, bit for bit, for
 * what a Linear exports to: alpha = beta = 1.
 */
final class GemmBatchNormFold implements Rule<LayerAndNorm> {
  private static final Capture LAYER = Capture.named("gemm");
  private static final Capture NORM = Capture.named("batch norm");

  private final FoldArithmetic arithmetic;

  GemmBatchNormFold(FoldArithmetic arithmetic) {
    this.arithmetic = arithmetic;
  }

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "gemm-batch-norm",
            "BatchNormalization after Gemm (Linear) is folded into its weight and bias",
            "γ·(αxW + βC − μ)/√(σ²+ε) + B = αx(W·s) + (βC − μ)·s + B, with s = γ/√(σ²+ε) per"
                + " column")
        .showing(
            """
            g (float[N,5] x) => (float[] z)
            <float[4,5] w = random(1), float[4] b = random(2), float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              y = Gemm<transB=1, beta=2.0>(x, w, b)
              z = BatchNormalization(y, scale, shift, mean, var)
            }
            """)
        .requiring(Conditions.norm())
        .requiring(
            "The norm has exactly as many channels as the layer has outputs",
            "a norm of one channel would broadcast in the weight, but not in the graph")
        .requiring(
            "C is the same in every row: a scalar, [N] or [1, N]",
            "[M, N] gives each sample another bias");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(BATCH_NORMALIZATION).as(NORM).fedBy(0, Pattern.node(GEMM).as(LAYER));
  }

  @Override
  public Decision<LayerAndNorm> check(Match match) {
    Node gemm = match.node(LAYER);
    double alpha = gemm.realAttribute("alpha", 1);
    double beta = gemm.realAttribute("beta", 1);
    if (arithmetic == FoldArithmetic.TORCH && (alpha != 1 || beta != 1)) {
      return Decision.refuse(
          Reason.UNSUPPORTED_ATTRIBUTE,
          "'%s' is no Linear: alpha=%s and beta=%s, expected 1",
          gemm.label(),
          alpha,
          beta);
    }
    return Layers.gemm(match.graph(), gemm)
        .then(layer -> LayerAndNorm.check(match.graph(), layer, match.node(NORM), arithmetic));
  }

  @Override
  public Rewrite rewrite(Match match, LayerAndNorm facts) {
    Node norm = match.node(NORM);
    return facts
        .withLayer(
            facts
                .layer()
                .withNodes(List.of(GemmForm.withPlainBias(match.graph(), match.node(LAYER)))))
        .fold(norm, arithmetic)
        .into("Linear", norm.output());
  }
}
