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
import static dev.fusewright.core.graph.OpKind.CONV;
import static dev.fusewright.core.graph.OpKind.CONV_TRANSPOSE;
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;

import dev.fusewright.core.analysis.ChannelTrace;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * Folds a BatchNormalization into a layer that stands before Reshape, Transpose, Unsqueeze, Squeeze
 * or Flatten nodes.
 *
 * <pre>
 *   y = Add(MatMul(x, W), b)                      x: [B, S, K]
 *   t = Transpose(y; perm=[0, 2, 1])              t: [B, N, S]
 *   z = BatchNormalization(t, γ, β, μ, σ²)   →    z = Transpose(Add(MatMul(x, W·s), (b − μ)·s + β))
 * </pre>
 *
 * The channel axis of the layer (the last one of a MatMul, axis 1 of the others) must provably
 * arrive at axis 1, on which BatchNormalization works: behind a Reshape that is proven by sizes,
 * among them those that the graph declares of its inputs, and the fold says so. After a Transpose
 * of a matrix it is the batch that arrives there, and where batch and channels happen to be of one
 * size a fold would be wrong without any shape telling so. A MatMul without a bias gets an Add in
 * the norm's stead.
 */
final class LayoutBatchNormFold implements Rule<LayerAndNorm> {
  private static final Capture LAYER = Capture.named("layer");
  private static final Capture NORM = Capture.named("batch norm");
  private static final String UNBIASED = Rewrite.newValue("unbiased");
  private static final int NEW_ADD = -1;

  private final FoldArithmetic arithmetic;

  LayoutBatchNormFold(FoldArithmetic arithmetic) {
    this.arithmetic = arithmetic;
  }

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "layout-batch-norm",
            "BatchNormalization behind nodes that only rearrange is folded into the layer before"
                + " them",
            "BN(rearranged(Wx + b)) = rearranged((W·s)x + (b − μ)·s + β), where the channels arrive"
                + " at axis 1")
        .showing(
            """
            g (float[N,7,5] x) => (float[] z)
            <float[5,4] w = random(1), float[4] b = random(2), float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              y = MatMul(x, w)
              s = Add(y, b)
              t = Transpose<perm=[0,2,1]>(s)
              z = BatchNormalization(t, scale, shift, mean, var)
            }
            """)
        .requiring(Conditions.norm())
        .requiring(
            "Behind a Reshape, its shape, and sizes that follow from the types of the graph's"
                + " inputs, prove where the channels are",
            "[-1, C] keeps channels that are last, and [-1, C, 1, 1] those of one pixel; of more"
                + " pixels it mixes them")
        .requiring(
            "The channel axis of the layer provably arrives at axis 1",
            "behind a transposed matrix it is the batch that is normalized, and where batch and"
                + " channels are of one size no shape would tell")
        .requiring(
            "No node on the way has another reader, but such as take its shape alone",
            "it would see scaled values");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(BATCH_NORMALIZATION)
        .as(NORM)
        .fedThrough(
            ChannelTrace.LAYOUT,
            0,
            Pattern.node(CONV, CONV_TRANSPOSE, GEMM, MAT_MUL, ADD).as(LAYER));
  }

  @Override
  public Decision<LayerAndNorm> check(Match match) {
    GraphView graph = match.graph();
    Node node = match.node(LAYER);
    List<Node> path = match.path(LAYER);
    if (path.isEmpty() && !node.is(ADD)) {
      return Decision.elsewhere(
          "'%s' is next to '%s', which is for the rules for neighbours",
          node.label(), match.node(NORM).label());
    }
    return Layers.at(graph, node)
        .then(layer -> arrivesAtAxis1(graph, layer, path))
        .then(layer -> LayerAndNorm.check(graph, layer, match.node(NORM), arithmetic));
  }

  private static Decision<Layer> arrivesAtAxis1(GraphView graph, Layer layer, List<Node> path) {
    return LayerOutput.arrival(graph, layer, path)
        .then(
            arrival ->
                arrival.axis() == 1
                    ? Decision.sound(layer)
                    : Decision.refuse(
                        Reason.AXIS_MOVED,
                        "the channels of '%s' arrive on axis %d, and BatchNormalization works on"
                            + " axis 1",
                        layer.node().label(),
                        arrival.axis()));
  }

  @Override
  public Rewrite rewrite(Match match, LayerAndNorm facts) {
    Node norm = match.node(NORM);
    Layer layer = facts.layer();
    List<Node> path = match.path(LAYER);
    List<Node> site = new ArrayList<>(layer.nodes());
    site.addAll(path);
    site.add(norm);
    Rewrite.Builder rewrite = Rewrite.of(site).remove(norm);
    LayerOutput.noteArrival(rewrite, match.graph(), layer, path);
    double[] scale = arithmetic.scale(facts.norm(), layer.weight().type());
    double[] bias = facts.bias(arithmetic);
    String output = path.isEmpty() ? norm.output() : layer.last().output();
    if (layer.biasInput() >= 0) {
      Layer plain =
          layer.node().is(GEMM)
              ? layer.withNodes(List.of(GemmForm.withPlainBias(match.graph(), layer.node())))
              : layer;
      plain.fold(rewrite, output, scale, bias);
    } else {
      addBias(match.graph(), rewrite, layer, path.get(0), scale, bias);
    }
    if (!path.isEmpty()) {
      Node last = path.get(path.size() - 1);
      rewrite.replace(last.withOutputs(List.of(norm.output())));
    }
    return rewrite.into(
        layer.kind() == LayerKind.CONV ? Modules.conv(layer.spatialRank()) : "Linear",
        norm.output());
  }

  /** A MatMul cannot hold a bias: an Add comes between it and its reader. */
  private static void addBias(
      GraphView graph,
      Rewrite.Builder rewrite,
      Layer layer,
      Node reader,
      double[] scale,
      double[] bias) {
    Node product = layer.node().withOutputs(List.of(UNBIASED));
    Node add =
        new Node(
            NEW_ADD,
            "",
            ADD,
            List.of(UNBIASED, ""),
            layer.node().outputs(),
            GemmForm.broadcasting(graph));
    rewrite.replace(product);
    layer.scaleWeight(rewrite, product, scale);
    rewrite.insert(add, reader);
    rewrite.parameter(
        add, 1, layer.bias(bias), ParameterNames.biasBeside(layer.node().input(Layer.WEIGHT)));
  }
}
