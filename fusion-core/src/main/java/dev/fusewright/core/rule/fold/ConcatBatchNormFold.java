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
import static dev.fusewright.core.graph.OpKind.CONCAT;
import static dev.fusewright.core.graph.OpKind.CONV;
import static dev.fusewright.core.graph.OpKind.CONV_TRANSPOSE;
import static dev.fusewright.core.graph.OpKind.GEMM;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.ShapeReads;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Folds a BatchNormalization after a Concat of layers into those layers, each taking its range of
 * channels.
 *
 * <pre>
 *   u = Conv(x, U, a)                          u = Conv(x, U·s[:m], …)
 *   v = Conv(x, V, b)                          v = Conv(x, V·s[m:], …)
 *   y = Concat(u, v; axis=1)               →   z = Concat(u, v; axis=1)
 *   z = BatchNormalization(y, γ, β, μ, σ²)
 * </pre>
 *
 * Every branch must be a layer whose output nobody else reads: with one branch that is no layer the
 * norm would have to stay for it, and nothing would be gained. The Concat must be along the
 * channels, and a layer must not be listed twice.
 */
final class ConcatBatchNormFold implements Rule<ConcatBatchNormFold.Facts> {
  private static final Capture JOINT = Capture.named("concat");
  private static final Capture NORM = Capture.named("batch norm");

  /** The layers in the order of their channels, and the norm of all channels. */
  record Facts(List<Layer> layers, ChannelAffine affine) {}

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "concat-batch-norm",
            "BatchNormalization after a Concat of layers is folded into each of them",
            "BN(concat(u, v)) = concat(BN[:m](u), BN[m:](v)), each folded into its layer")
        .showing(
            """
            g (float[N,3,8,8] x) => (float[] z)
            <float[1,3,1,1] u = random(1), float[3,3,1,1] v = random(2), float[4] scale = random(3), float[4] shift = random(4), float[4] mean = random(5), float[4] var = random(6, 0.1, 2.0)>
            {
              a = Conv(x, u)
              b = Conv(x, v)
              c = Concat<axis=1>(a, b)
              z = BatchNormalization(c, scale, shift, mean, var)
            }
            """)
        .requiring(Conditions.norm())
        .requiring(
            "Every branch is a layer that nobody else reads, listed once",
            "for one that is none the norm would have to stay")
        .requiring(
            "The values are joined along the channels",
            "along another axis the branches share them");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(BATCH_NORMALIZATION).as(NORM).fedBy(0, Pattern.node(CONCAT).as(JOINT));
  }

  @Override
  public Decision<Facts> check(Match match) {
    Node joint = match.node(JOINT);
    Node norm = match.node(NORM);
    return branches(match.graph(), joint)
        .then(layers -> alongChannels(joint, layers))
        .then(
            layers ->
                BatchNormNode.read(match.graph(), norm)
                    .then(
                        parameters -> {
                          int channels = layers.stream().mapToInt(Layer::channels).sum();
                          return channels == parameters.channels()
                              ? storable(new Facts(layers, ChannelAffine.of(parameters)))
                              : Decision.refuse(
                                  Reason.CHANNEL_MISMATCH,
                                  "the branches of '%s' have %s and '%s' has %d",
                                  joint.label(),
                                  Amounts.count(channels, "channel"),
                                  norm.label(),
                                  parameters.channels());
                        }));
  }

  private static Decision<List<Layer>> alongChannels(Node joint, List<Layer> layers) {
    int rank = layers.get(0).weight().shape().rank();
    long axis = joint.intAttribute("axis", 1);
    return (axis < 0 ? axis + rank : axis) == 1
        ? Decision.sound(layers)
        : Decision.refuse(
            Reason.AXIS_MOVED,
            "'%s' concatenates along axis %d, expected the channels, axis 1",
            joint.label(),
            axis);
  }

  private static Decision<List<Layer>> branches(GraphView graph, Node joint) {
    List<Layer> layers = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String branch : joint.inputs()) {
      Node producer = graph.producer(branch);
      if (producer == null || !(isLayer(producer))) {
        return Decision.refuse(
            Reason.NOTHING_TO_FOLD_INTO,
            "the branch '%s' of '%s' comes from %s, which is no layer",
            branch,
            joint.label(),
            producer == null ? "outside the graph" : producer.op() + " '" + producer.label() + "'");
      }
      if (!seen.add(branch) || !ShapeReads.hasOneElementReader(graph, branch)) {
        return Decision.refuse(
            Reason.OTHER_USES, "the branch '%s' of '%s' has other readers", branch, joint.label());
      }
      Decision<Layer> layer = Layers.at(graph, producer);
      if (!(layer instanceof Decision.Sound<Layer> sound)) {
        return layer.then(never -> Decision.elsewhere("'%s' is no layer", producer.label()));
      }
      layers.add(sound.facts());
    }
    return layers.isEmpty()
        ? Decision.elsewhere("'%s' joins nothing", joint.label())
        : Decision.sound(layers);
  }

  private static boolean isLayer(Node node) {
    return node.is(CONV) || node.is(CONV_TRANSPOSE) || node.is(GEMM);
  }

  private static Decision<Facts> storable(Facts facts) {
    Decision<Facts> decision = Decision.sound(facts);
    int from = 0;
    for (Layer layer : facts.layers()) {
      ChannelAffine affine = facts.affine().slice(from, from + layer.channels());
      decision =
          decision.then(
              sound -> layer.ifStorable(affine.scale(), affine.appliedTo(layer.bias()), sound));
      from += layer.channels();
    }
    return decision;
  }

  @Override
  public Rewrite rewrite(Match match, Facts facts) {
    Node joint = match.node(JOINT);
    Node norm = match.node(NORM);
    List<Node> site = new ArrayList<>();
    facts.layers().forEach(layer -> site.addAll(layer.nodes()));
    site.addAll(match.nodes());
    Rewrite.Builder rewrite =
        Rewrite.of(site).remove(norm).replace(joint.withOutputs(List.of(norm.output())));
    int from = 0;
    for (Layer layer : facts.layers()) {
      ChannelAffine affine = facts.affine().slice(from, from + layer.channels());
      Layer plain =
          layer.node().is(GEMM)
              ? layer.withNodes(List.of(GemmForm.withPlainBias(match.graph(), layer.node())))
              : layer;
      plain.fold(rewrite, layer.last().output(), affine.scale(), affine.appliedTo(layer.bias()));
      from += layer.channels();
    }
    return rewrite.into("Concat", norm.output());
  }
}
