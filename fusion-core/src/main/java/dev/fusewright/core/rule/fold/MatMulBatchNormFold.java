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
import static dev.fusewright.core.graph.OpKind.MAT_MUL;

import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.text.Amounts;

/**
 * Folds a BatchNormalization into the MatMul of matrices before it (a Linear without bias), which
 * becomes a Gemm.
 *
 * <pre>
 *   y = MatMul(x, W)
 *   z = BatchNormalization(y, γ, β, μ, σ²)   →   z = Gemm(x, W·s, β − μ·s)    s = γ/√(σ² + ε)
 * </pre>
 *
 * BatchNormalization works on axis 1. That is the columns of the product only if the product has
 * exactly two axes, which must be proven: after {@code [B, S, K]×[K, N]} axis 1 is the sequence,
 * and a fold would be wrong even where S = N.
 */
final class MatMulBatchNormFold implements Rule<LayerAndNorm> {
  private static final Capture PRODUCT = Capture.named("mat mul");
  private static final Capture NORM = Capture.named("batch norm");

  private final FoldArithmetic arithmetic;

  MatMulBatchNormFold(FoldArithmetic arithmetic) {
    this.arithmetic = arithmetic;
  }

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "mat-mul-batch-norm",
            "BatchNormalization after a MatMul of matrices is folded into it, giving a Gemm",
            "γ·(xW − μ)/√(σ²+ε) + β = x(W·s) + (β − μ·s), with s = γ/√(σ²+ε) per column")
        .showing(
            """
            g (float[N,5] x) => (float[] z)
            <float[5,4] w = random(1), float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              y = MatMul(x, w)
              z = BatchNormalization(y, scale, shift, mean, var)
            }
            """)
        .requiring(Conditions.norm())
        .requiring(
            "The product provably has two axes",
            "after [B, S, K]×[K, N] axis 1 is the sequence, even where S = N")
        .requiring(
            "The constant is the right operand",
            "one on the left is multiplied along the other axis");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(BATCH_NORMALIZATION).as(NORM).fedBy(0, Pattern.node(MAT_MUL).as(PRODUCT));
  }

  @Override
  public Decision<LayerAndNorm> check(Match match) {
    Node product = match.node(PRODUCT);
    return Layers.matMul(match.graph(), product)
        .then(layer -> LayerAndNorm.check(match.graph(), layer, match.node(NORM), arithmetic))
        .then(
            facts -> {
              int rank = match.graph().shapes().rank(product.input(0));
              if (rank == SymbolicShape.UNKNOWN_RANK) {
                return Decision.refuse(
                    Reason.UNKNOWN_RANK,
                    "the rank of '%s' is not known: expected a matrix",
                    product.input(0));
              }
              return rank == 2
                  ? Decision.sound(facts)
                  : Decision.refuse(
                      Reason.AXIS_MOVED,
                      "'%s' has %s: '%s' works on axis 1, the columns of '%s' are axis %d",
                      product.output(),
                      Amounts.count(rank, "axis", "axes"),
                      match.node(NORM).label(),
                      product.label(),
                      rank - 1);
            });
  }

  @Override
  public Rewrite rewrite(Match match, LayerAndNorm facts) {
    Node product = match.node(PRODUCT);
    Node norm = match.node(NORM);
    Node gemm =
        new Node(
            product.id(),
            product.name(),
            GEMM,
            product.inputs(),
            product.outputs(),
            GemmForm.broadcasting(match.graph()),
            product.docString(),
            product.metadata());
    return facts
        .withLayer(facts.layer().asGemm(gemm))
        .fold(norm, arithmetic)
        .into("Linear", norm.output());
  }
}
