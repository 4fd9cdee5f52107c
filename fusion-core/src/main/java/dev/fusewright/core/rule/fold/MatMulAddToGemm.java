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
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import java.util.List;

/**
 * Writes a MatMul of matrices and the Add of a bias as one Gemm.
 *
 * <pre>
 *   y = MatMul(x, W)
 *   z = Add(y, b)     →   z = Gemm(x, W, b)
 * </pre>
 *
 * x must be proven to have two axes, since Gemm takes no others: in a transformer it has three, and
 * there nothing is reported, as nothing is wrong with a MatMul. W and b are constant, and b is one
 * value per column: Gemm broadcasts one way only, so {@code [B, 1, N]} would not do. The operands
 * themselves stay as they are.
 */
final class MatMulAddToGemm implements Rule<Layer> {
  private static final Capture PRODUCT = Capture.named("mat mul");
  private static final Capture SUM = Capture.named("add");

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "mat-mul-add-gemm", "MatMul and Add of a bias become a Gemm", "xW + b = Gemm(x, W, b)")
        .showing(
            """
            g (float[N,5] x) => (float[] z)
            <float[5,4] w = random(1), float[4] b = random(2)>
            {
              y = MatMul(x, w)
              z = Add(y, b)
            }
            """)
        .requiring(Conditions.layer())
        .requiring("The product provably has two axes", "Gemm takes no others")
        .requiring(
            "The bias is one value per column",
            "Gemm broadcasts one way only: [B, 1, N] would not do");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(ADD).as(SUM).fedByEither(Pattern.node(MAT_MUL).as(PRODUCT));
  }

  @Override
  public Decision<Layer> check(Match match) {
    if (match.graph().shapes().rank(match.node(PRODUCT).input(0)) != 2) {
      return Decision.elsewhere("'%s' is not known to be a matrix", match.node(PRODUCT).input(0));
    }
    Decision<Layer> layer = Layers.matMulAdd(match.graph(), match.node(SUM));
    return layer instanceof Decision.Refused<Layer> refused
        ? Decision.elsewhere("%s", refused.message())
        : layer;
  }

  @Override
  public Rewrite rewrite(Match match, Layer layer) {
    Node product = match.node(PRODUCT);
    Node sum = match.node(SUM);
    Node gemm =
        new Node(
            product.id(),
            product.name(),
            GEMM,
            List.of(product.input(0), product.input(1), sum.input(layer.biasInput())),
            List.of(sum.output()),
            GemmForm.broadcasting(match.graph()),
            product.docString(),
            product.metadata());
    return Rewrite.of(match.nodes()).replace(gemm).remove(sum).into("Linear", sum.output());
  }
}
