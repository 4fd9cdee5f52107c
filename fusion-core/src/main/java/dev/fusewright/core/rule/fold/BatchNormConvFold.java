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
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.text.Amounts;
import java.util.List;

/**
 * Folds a BatchNormalization into the Conv behind it.
 *
 * <pre>
 *   y = BatchNormalization(x, γ, β, μ, σ²)        s = γ/√(σ² + ε), t = β − μ·s
 *   z = Conv(y, W, b)                         →   z = Conv(x, W', b')
 *
 *   W'[o, i, …] = W[o, i, …]·s[c]    b'[o] = b[o] + Σ W[o, i, …]·t[c]    c = (o div (out/group))·(in/group) + i
 * </pre>
 *
 * Sound only if the Conv does not pad, or t is zero in every channel: padding puts zeros where the
 * norm would have put t, and no bias can say that, since it is the same at the border and inside.
 * This is for norms that no layer before them takes; the shift runs through the whole weight, which
 * is read once.
 */
final class BatchNormConvFold implements Rule<BatchNormConvFold.Facts> {
  private static final Capture NORM = Capture.named("batch norm");
  private static final Capture LAYER = Capture.named("conv");

  /**
   * The layer, which input channel its weights belong to, the function before it, and the bias
   * behind it.
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed from the check to the rewrite; never compared.
  record Facts(Layer layer, ChannelAxis inputs, ChannelAffine affine, double[] bias) {}

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "batch-norm-conv",
            "BatchNormalization before an unpadded Conv is folded into its weight and bias",
            "W∗(s·x + t) + b = (W·s)∗x + (b + ΣW·t)")
        .showing(
            """
            g (float[N,4,8,8] x) => (float[] z)
            <float[6,4,3,3] w = random(1), float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              y = BatchNormalization(x, scale, shift, mean, var)
              z = Conv(y, w)
            }
            """)
        .requiring(Conditions.norm())
        .requiring(
            "The Conv does not pad, or the norm does not shift",
            "padding puts zeros where the norm would have put its shift")
        .requiring(
            "No layer before the norm takes it", "that fold comes first and reads no weight");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(CONV).as(LAYER).fedBy(0, Pattern.node(BATCH_NORMALIZATION).as(NORM));
  }

  @Override
  public Decision<Facts> check(Match match) {
    Node conv = match.node(LAYER);
    return BatchNormNode.read(match.graph(), match.node(NORM))
        .then(
            norm ->
                Layers.conv(match.graph(), conv)
                    .then(layer -> facts(conv, layer, ChannelAffine.of(norm))));
  }

  private static Decision<Facts> facts(Node conv, Layer layer, ChannelAffine affine) {
    long groups = conv.intAttribute("group", 1);
    long inputs = layer.weight().shape().dim(1) * groups;
    if (groups < 1 || layer.channels() % groups != 0 || inputs != affine.scale().length) {
      return Decision.refuse(
          Reason.CHANNEL_MISMATCH,
          "'%s' takes %s in %s, and the norm has %d",
          conv.label(),
          Amounts.count(inputs, "channel"),
          Amounts.count(groups, "group"),
          affine.scale().length);
    }
    if (!affine.onlyScales() && pads(conv)) {
      return Decision.refuse(
          Reason.PADDING,
          "'%s' pads with zeros, where the norm before it would have put its shift",
          conv.label());
    }
    ChannelAxis axis = new ChannelAxis(1, Math.toIntExact(groups));
    double[] bias = ForwardFold.shiftThrough(layer.weight(), axis, layer.axis(), affine.shift());
    for (int o = 0; o < bias.length; o++) {
      bias[o] += layer.bias()[o];
    }
    return layer
        .ifStorable(bias, new Facts(layer, axis, affine, bias))
        .then(
            sound -> WeightRange.check(conv.label(), layer.weight(), axis, affine.scale(), sound));
  }

  private static boolean pads(Node conv) {
    String auto = conv.textAttribute("auto_pad", "NOTSET");
    List<Long> pads = conv.intsAttribute("pads");
    return !(auto.equals("NOTSET") || auto.equals("VALID"))
        || (auto.equals("NOTSET") && pads != null && pads.stream().anyMatch(pad -> pad != 0));
  }

  @Override
  public Rewrite rewrite(Match match, Facts facts) {
    Node conv = match.node(LAYER);
    Node after = conv.withInput(0, match.node(NORM).input(0));
    Rewrite.Builder rewrite = Rewrite.of(match.nodes()).remove(match.node(NORM)).replace(after);
    Layer layer = facts.layer();
    rewrite.parameter(
        after,
        Layer.WEIGHT,
        ChannelScaled.of(layer.weight(), facts.inputs(), facts.affine().scale()),
        conv.input(Layer.WEIGHT));
    if (layer.hasBias() || !facts.affine().onlyScales()) {
      layer.putBias(rewrite, after, facts.bias());
    }
    return rewrite.into(Modules.conv(layer.spatialRank()), conv.output());
  }
}
