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
import static dev.fusewright.core.graph.OpKind.TRANSPOSE;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Folds an Add, Sub, Mul or Div by a constant into a layer that stands before a Transpose: what is
 * left of a norm in an export that keeps channels last.
 *
 * <pre>
 *   y = Conv(x, W, b)                       y: [N, C, H, W]
 *   t = Transpose(y; perm=[0, 2, 3, 1])     t: [N, H, W, C]
 *   z = Mul(t, k)                      →    z = Transpose(Conv(x, W·k, b·k))      k: [C]
 * </pre>
 *
 * The conditions, each with what goes wrong without it:
 *
 * <ul>
 *   <li>The constant is aligned behind the Transpose: {@code [C]} is one value per channel there,
 *       and before it was one per column of pixels; {@code [C, 1, 1]} is one per row of pixels.
 *   <li>It is one value, or exactly C along the axis on which the channels arrive, and its rank is
 *       at most that of t.
 *   <li>A Div has the constant as its divisor: {@code k / t} is not affine.
 *   <li>A MatMul has no place for a bias, so that it takes only a Mul or Div.
 *   <li>Neither y nor t has another reader, or is an output of the graph.
 * </ul>
 */
final class LayoutElementwiseFold implements Rule<LayoutElementwiseFold.Facts> {
  private static final Capture LAYER = Capture.named("layer");
  private static final Capture ELEMENTWISE = Capture.named("elementwise");

  /** A layer, and what is folded into it. */
  record Facts(Layer layer, ChannelAffine affine) {}

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "layout-elementwise",
            "Add, Sub, Mul or Div by a constant behind a Transpose is folded into the layer before"
                + " it",
            "k·transposed(Wx + b) + d = transposed((W·k)x + b·k + d), where k and d are one value"
                + " per channel behind the Transpose")
        .showing(
            """
            g (float[N,3,8,8] x) => (float[] z)
            <float[4,3,3,3] w = random(1), float[4] k = random(2)>
            {
              y = Conv(x, w)
              t = Transpose<perm=[0,2,3,1]>(y)
              z = Mul(t, k)
            }
            """)
        .requiring(Conditions.layer())
        .requiring(
            "The constant is one value, or exactly C along the axis on which the channels arrive,"
                + " and 1 elsewhere",
            "behind a Transpose to channels last, [C, 1, 1] is one value per row of pixels")
        .requiring(
            "Its rank is at most that of the layer's output",
            "[1, 1, 1, 1, C] would give the result five axes")
        .requiring("A Div has the constant as its divisor", "k / y is not affine");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(ADD, SUB, MUL, DIV)
        .as(ELEMENTWISE)
        .fedThroughEither(
            Set.of(TRANSPOSE), Pattern.node(CONV, CONV_TRANSPOSE, GEMM, MAT_MUL, ADD).as(LAYER));
  }

  @Override
  public Decision<Facts> check(Match match) {
    GraphView graph = match.graph();
    Node node = match.node(LAYER);
    List<Node> path = match.path(LAYER);
    if (path.isEmpty()) {
      return Decision.elsewhere(
          "'%s' is next to '%s', which is for the rules for neighbours",
          node.label(), match.node(ELEMENTWISE).label());
    }
    return Layers.at(graph, node)
        .then(layer -> affine(match, layer, path).then(affine -> storable(layer, affine)));
  }

  private static Decision<ChannelAffine> affine(Match match, Layer layer, List<Node> path) {
    GraphView graph = match.graph();
    return LayerOutput.arrival(graph, layer, path)
        .then(
            arrival ->
                ElementwiseNode.read(
                    graph,
                    match.node(ELEMENTWISE),
                    match.entersAt(LAYER),
                    layer.channels(),
                    arrival.axis(),
                    LayerOutput.rank(graph, layer, path)));
  }

  private static Decision<Facts> storable(Layer layer, ChannelAffine affine) {
    return layer.biasInput() < 0 && !affine.onlyScales()
        ? Decision.elsewhere("'%s' has no place for a bias", layer.node().label())
        : layer.ifStorable(
            affine.scale(), affine.appliedTo(layer.bias()), new Facts(layer, affine));
  }

  @Override
  public Rewrite rewrite(Match match, Facts facts) {
    Node elementwise = match.node(ELEMENTWISE);
    List<Node> path = match.path(LAYER);
    ChannelAffine affine = facts.affine();
    List<Node> site = new ArrayList<>(facts.layer().nodes());
    site.addAll(path);
    site.add(elementwise);
    Layer layer =
        facts.layer().node().is(GEMM)
            ? facts
                .layer()
                .withNodes(List.of(GemmForm.withPlainBias(match.graph(), facts.layer().node())))
            : facts.layer();
    Rewrite.Builder rewrite = Rewrite.of(site).remove(elementwise);
    LayerOutput.noteArrival(rewrite, match.graph(), layer, path);
    affine.notes().forEach(rewrite::note);
    boolean needsBias = layer.hasBias() || !affine.onlyScales();
    layer.fold(
        rewrite,
        layer.last().output(),
        affine.scale(),
        needsBias ? affine.appliedTo(layer.bias()) : null);
    rewrite.replace(path.get(path.size() - 1).withOutputs(List.of(elementwise.output())));
    return rewrite.into(module(layer), elementwise.output());
  }

  private static String module(Layer layer) {
    if (layer.node().is(CONV_TRANSPOSE)) {
      return Modules.convTranspose(layer.spatialRank());
    }
    return layer.kind() == LayerKind.CONV ? Modules.conv(layer.spatialRank()) : "Linear";
  }
}
