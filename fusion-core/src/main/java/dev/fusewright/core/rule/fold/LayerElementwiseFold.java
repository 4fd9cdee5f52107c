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
import static dev.fusewright.core.graph.OpKind.CONV;
import static dev.fusewright.core.graph.OpKind.CONV_TRANSPOSE;
import static dev.fusewright.core.graph.OpKind.DIV;
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;
import static dev.fusewright.core.graph.OpKind.MUL;
import static dev.fusewright.core.graph.OpKind.SUB;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.FusedActivations;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Folds an Add, Sub, Mul or Div by a constant into the Conv, ConvTranspose or Gemm before it, and a
 * Mul or Div into a MatMul.
 *
 * <pre>
 *   y = Conv(x, W, b)          z = Conv(x, W·k, b·k)      k: one value, or one per channel
 *   z = Mul(y, k)          →
 *   z = Add(y, k)          →   z = Conv(x, W, b + k)
 *   z = Sub(k, y)          →   z = Conv(x, −W, k − b)
 * </pre>
 *
 * The conditions, each with what goes wrong without it:
 *
 * <ul>
 *   <li>The constant is one value, or exactly C along the channel axis and 1 elsewhere: {@code [C]}
 *       after a Conv is one value per column of pixels, and {@code [2, C, 1, 1]} doubles the batch.
 *       One that an importer has broadcast, {@code [1, C, H, W]}, is as good if H and W are the
 *       extents of y, which it would enlarge otherwise, and it holds the same bits all over them.
 *   <li>Its rank is at most that of y: {@code [1, 1, C, 1, 1]} would make z a value of five axes.
 *   <li>A Div has the constant as its divisor: {@code k / y} is not affine.
 *   <li>A MatMul, which has no place for a bias, takes only a Mul or Div; its channels are the last
 *       axis, whatever its rank, so that a constant of at most one axis is aligned in any case.
 *   <li>y has no other reader and is no output of the graph.
 * </ul>
 */
final class LayerElementwiseFold implements Rule<LayerElementwiseFold.Facts> {
  private static final Capture LAYER = Capture.named("layer");
  private static final Capture ELEMENTWISE = Capture.named("elementwise");

  private final OpKind kind;
  private final RuleInfo info;

  /** A layer, what is folded into it, and the activation after that, if there is one. */
  record Facts(Layer layer, ChannelAffine affine, Optional<Follower> follower) {}

  private LayerElementwiseFold(OpKind kind, RuleInfo info) {
    this.kind = kind;
    this.info = info;
  }

  static LayerElementwiseFold conv() {
    return new LayerElementwiseFold(
        CONV, info("conv", "Conv", "W∗x + b", "3,8,8", "4,3,3,3", "4,1,1"));
  }

  static LayerElementwiseFold convTranspose() {
    return new LayerElementwiseFold(
        CONV_TRANSPOSE,
        info("conv-transpose", "ConvTranspose", "Wᵀ∗x + b", "3,8,8", "3,4,2,2", "4,1,1"));
  }

  static LayerElementwiseFold gemm() {
    return new LayerElementwiseFold(GEMM, info("gemm", "Gemm", "αxW + βC", "5", "5,4", "4"));
  }

  static LayerElementwiseFold matMul() {
    return new LayerElementwiseFold(
        MAT_MUL,
        new RuleInfo(
                "mat-mul-elementwise",
                "Mul or Div by a constant after MatMul is folded into its weight",
                "k·(xW) = x(W·k)")
            .showing(example("MatMul", "5", "5,4", "4"))
            .requiring(Conditions.layer())
            .requiring(
                "The constant of the product is the right operand",
                "one on the left is multiplied along the other axis")
            .requiring(
                "The other constant is one value, or exactly N along the last axis and 1 elsewhere",
                "[M, 1] is one value per row")
            .requiring(
                "Its rank is at most that of the product, which must be known unless it is 0 or 1",
                "[1, 1, 1] would give the result three axes")
            .requiring("A Div has the constant as its divisor", "k / y is not affine"));
  }

  private static String example(String operator, String input, String weight, String constant) {
    return """
    g (float[N,%s] x) => (float[] z)
    <float[%s] w = random(1), float[%s] k = random(2)>
    {
      y = %s(x, w)
      z = Mul(y, k)
    }
    """
        .formatted(input, weight, constant, operator);
  }

  private static RuleInfo info(
      String id, String operator, String formula, String input, String weight, String constant) {
    return new RuleInfo(
            id + "-elementwise",
            "Add, Sub, Mul or Div by a constant after "
                + operator
                + " is folded into its weight and bias",
            "k·(%s) + d = the same layer with W·k and b·k + d".formatted(formula))
        .showing(example(operator, input, weight, constant))
        .requiring(Conditions.layer())
        .requiring(Conditions.constant())
        .requiring(
            "Its rank is at most that of the layer's output",
            "[1, 1, C, 1, 1] would give the result five axes")
        .requiring("A Div has the constant as its divisor", "k / y is not affine");
  }

  @Override
  public RuleInfo info() {
    return info;
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(ADD, SUB, MUL, DIV)
        .as(ELEMENTWISE)
        .fedByEither(Pattern.node(kind).as(LAYER));
  }

  @Override
  public Decision<Facts> check(Match match) {
    Node node = match.node(LAYER);
    Node elementwise = match.node(ELEMENTWISE);
    return Layers.at(match.graph(), node)
        .then(
            layer ->
                affine(match, layer, elementwise).then(affine -> storable(match, layer, affine)));
  }

  private static Decision<ChannelAffine> affine(Match match, Layer layer, Node elementwise) {
    GraphView graph = match.graph();
    int data = match.entersAt(LAYER);
    int rank = rank(graph, layer, elementwise.input(1 - data));
    return ElementwiseNode.read(
            graph, elementwise, data, layer.channels(), LayerOutput.channelAxis(layer, rank), rank)
        .then(
            affine ->
                layer.biasInput() < 0 && !affine.onlyScales()
                    ? Decision.elsewhere("'%s' has no place for a bias", layer.node().label())
                    : Decision.sound(affine));
  }

  /**
   * The layer's rank, or one that does as well: what has at most one axis is along the last one.
   */
  private static int rank(GraphView graph, Layer layer, String constant) {
    int rank = LayerOutput.rank(graph, layer, List.of());
    int other = graph.shapes().of(constant).restingOn(Basis.PROVEN).rank();
    boolean fitsAnyway = graph.opset() >= 7 && (other == 0 || other == 1);
    return rank == SymbolicShape.UNKNOWN_RANK && fitsAnyway ? 2 : rank;
  }

  private Decision<Facts> storable(Match match, Layer layer, ChannelAffine affine) {
    Optional<Follower> follower =
        kind.equals(CONV)
            ? Follower.of(
                match.graph(), match.node(ELEMENTWISE).output(), FusedActivations.Predecessor.CONV)
            : Optional.empty();
    return layer.ifStorable(
        affine.scale(), affine.appliedTo(layer.bias()), new Facts(layer, affine, follower));
  }

  @Override
  public Rewrite rewrite(Match match, Facts facts) {
    Node elementwise = match.node(ELEMENTWISE);
    List<Node> site = new ArrayList<>(match.nodes());
    facts.follower().ifPresent(it -> site.add(it.node()));
    Layer layer =
        kind.equals(GEMM)
            ? facts
                .layer()
                .withNodes(List.of(GemmForm.withPlainBias(match.graph(), match.node(LAYER))))
            : facts.layer();
    Rewrite.Builder rewrite = Rewrite.of(site).remove(elementwise);
    facts.affine().notes().forEach(rewrite::note);
    boolean needsBias = layer.hasBias() || !facts.affine().onlyScales();
    layer.fold(
        rewrite,
        elementwise.output(),
        facts.affine().scale(),
        needsBias ? facts.affine().appliedTo(layer.bias()) : null);
    return rewrite.into(
        module(facts), facts.follower().map(Follower::node).orElse(elementwise).output());
  }

  private String module(Facts facts) {
    int rank = facts.layer().spatialRank();
    if (kind.equals(GEMM) || kind.equals(MAT_MUL)) {
      return "Linear";
    }
    if (kind.equals(CONV_TRANSPOSE)) {
      return Modules.convTranspose(rank);
    }
    return Modules.conv(rank, facts.follower());
  }
}
