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
import static dev.fusewright.core.graph.OpKind.FLATTEN;
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.RESHAPE;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.shape.Basis;
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
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ReshapedTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.Amounts;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Folds a BatchNormalization into the Gemm behind it, also where a Flatten, or a Reshape that is
 * one, stands between them.
 *
 * <pre>
 *   y = BatchNormalization(x, γ, β, μ, σ²)        s = γ/√(σ² + ε), t = β − μ·s
 *   z = Gemm(y, W, C; α, β)                   →   z = Gemm(x, W', C'; α, 1)
 *
 *   W'[k, n] = W[k, n]·s[c]    C'[n] = β·C[n] + α·Σ W[k, n]·t[c]    c = k div (K/channels)
 * </pre>
 *
 * Behind a Flatten at axis 1 each channel becomes K/channels neighbouring rows of W, one for each
 * pixel; at any other axis the rows would mix batch and channels. With {@code transA} the channels
 * are not what W is multiplied along. Other readers of the norm would see what is no longer
 * normalized.
 */
final class BatchNormGemmFold implements Rule<BatchNormGemmFold.Facts> {
  private static final Capture NORM = Capture.named("batch norm");
  private static final Capture LAYER = Capture.named("gemm");

  /**
   * The layer, its weight with the channels as an axis of their own, that axis, and the new bias.
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed from the check to the rewrite; never compared.
  record Facts(
      Layer layer, Tensor byChannel, ChannelAxis inputs, ChannelAffine affine, double[] bias) {}

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "batch-norm-gemm",
            "BatchNormalization before a Gemm, also through a Flatten, is folded into its weight"
                + " and bias",
            "α(s·x + t)W + βC = αx(s·W) + (βC + αΣt·W)")
        .showing(
            """
            g (float[N,4,3,3] x) => (float[] z)
            <float[36,5] w = random(1), float[5] b = random(2), float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              y = BatchNormalization(x, scale, shift, mean, var)
              f = Flatten(y)
              z = Gemm(f, w, b)
            }
            """)
        .requiring(Conditions.norm())
        .requiring(
            "A Flatten between them is at axis 1; a Reshape is [0, -1], or sizes are known that"
                + " make it a Flatten",
            "rows of the weight would mix batch and channels")
        .requiring("The Gemm does not transpose its input", "it would sum along the batch");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(GEMM)
        .as(LAYER)
        .fedThrough(Set.of(FLATTEN, RESHAPE), 0, Pattern.node(BATCH_NORMALIZATION).as(NORM));
  }

  @Override
  public Decision<Facts> check(Match match) {
    Node gemm = match.node(LAYER);
    if (gemm.intAttribute("transA", 0) != 0) {
      return Decision.refuse(
          Reason.AXIS_MOVED, "'%s' has transA=1: it sums along the batch", gemm.label());
    }
    return Decision.sound(gemm)
        .then(layer -> flattens(match))
        .then(flat -> parameters(match, gemm));
  }

  /** Whether each sample's values come to lie in one row, channel by channel. */
  private static Decision<Node> flattens(Match match) {
    for (Node node : match.path(NORM)) {
      if (node.is(FLATTEN) && node.intAttribute("axis", 1) != 1) {
        return Decision.refuse(
            Reason.AXIS_MOVED,
            "'%s' flattens at axis %d, expected 1",
            node.label(),
            node.intAttribute("axis", 1));
      }
      if (node.is(RESHAPE) && !keepsRows(match.graph(), node)) {
        return Decision.refuse(
            Reason.AXIS_UNPROVEN,
            "it cannot be proven that '%s' only flattens: expected the shape [0, -1], or known"
                + " sizes",
            node.label());
      }
    }
    return Decision.sound(match.node(LAYER));
  }

  /** [0, −1] copies the batch; any other target must leave rows of the size of a sample. */
  private static boolean keepsRows(GraphView graph, Node reshape) {
    List<Long> attribute = reshape.intsAttribute("shape");
    long[] target =
        attribute != null
            ? attribute.stream().mapToLong(Long::longValue).toArray()
            : graph.shapes().integers(reshape.input(1), 2);
    if (target == null || target.length != 2) {
      return false;
    }
    boolean copiesBatch = target[0] == 0 && reshape.intAttribute("allowzero", 0) == 0;
    SymbolicShape data = graph.shapes().of(reshape.input(0)).restingOn(Basis.PROMISED);
    long row = data.product(1, data.rank()).constant().orElse(-1);
    boolean wholeRows = data.rank() > 1 && row > 0 && target[1] == row;
    boolean wholeBatch =
        data.rank() > 1
            && target[1] == -1
            && data.dim(0).constant().equals(OptionalLong.of(target[0]));
    return (copiesBatch && target[1] == -1) || wholeRows || wholeBatch;
  }

  private static Decision<Facts> parameters(Match match, Node gemm) {
    return BatchNormNode.read(match.graph(), match.node(NORM))
        .then(
            norm ->
                Layers.gemm(match.graph(), gemm)
                    .then(layer -> facts(match, gemm, layer, ChannelAffine.of(norm))));
  }

  private static Decision<Facts> facts(Match match, Node gemm, Layer layer, ChannelAffine affine) {
    Shape shape = layer.weight().shape();
    int rowAxis = 1 - layer.axis().axis();
    long rows = shape.dim(rowAxis);
    int channels = affine.scale().length;
    boolean flattened = !match.path(NORM).isEmpty();
    if (channels == 0 || rows % channels != 0 || (!flattened && rows != channels)) {
      return Decision.refuse(
          Reason.CHANNEL_MISMATCH,
          "'%s' takes %s and the norm has %s",
          gemm.label(),
          Amounts.count(rows, "value"),
          Amounts.count(channels, "channel"));
    }
    List<Long> dims = new ArrayList<>(shape.dims());
    dims.set(rowAxis, (long) channels);
    dims.add(rowAxis + 1, rows / channels);
    Tensor byChannel = new ReshapedTensor(layer.weight(), new Shape(dims));
    ChannelAxis inputs = ChannelAxis.of(rowAxis);
    ChannelAxis outputs = ChannelAxis.of(rowAxis == 0 ? 2 : 0);
    double alpha = gemm.realAttribute("alpha", 1);
    double[] bias = ForwardFold.shiftThrough(byChannel, inputs, outputs, affine.shift());
    for (int n = 0; n < bias.length; n++) {
      bias[n] = alpha * bias[n] + layer.bias()[n];
    }
    return layer
        .ifStorable(bias, new Facts(layer, byChannel, inputs, affine, bias))
        .then(sound -> WeightRange.check(gemm.label(), byChannel, inputs, affine.scale(), sound));
  }

  @Override
  public Rewrite rewrite(Match match, Facts facts) {
    Node norm = match.node(NORM);
    Node gemm = match.node(LAYER);
    List<Node> path = match.path(NORM);
    Node plain = GemmForm.withPlainBias(match.graph(), gemm);
    Node after = path.isEmpty() ? plain.withInput(0, norm.input(0)) : plain;
    Rewrite.Builder rewrite = Rewrite.of(match.nodes()).remove(norm).replace(after);
    if (!path.isEmpty()) {
      rewrite.replace(path.get(0).withInput(0, norm.input(0)));
    }
    Tensor scaled = new ChannelScaled(facts.byChannel(), facts.inputs(), facts.affine().scale());
    rewrite.parameter(
        after,
        Layer.WEIGHT,
        new ReshapedTensor(scaled, facts.layer().weight().shape()),
        gemm.input(Layer.WEIGHT));
    facts.layer().putBias(rewrite, after, facts.bias());
    return rewrite.into("Linear", gemm.output());
  }
}
