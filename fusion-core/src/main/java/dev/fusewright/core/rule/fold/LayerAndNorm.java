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

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.text.Amounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The facts of a site where a BatchNormalization follows a layer.
 *
 * @param follower of a layer that has a container with an activation
 */
record LayerAndNorm(Layer layer, BatchNorm norm, Optional<Follower> follower) {

  /** Reads the norm, and checks that it fits the layer and that the folded bias can be stored. */
  static Decision<LayerAndNorm> check(
      GraphView graph, Layer layer, Node norm, FoldArithmetic arithmetic) {
    return BatchNormNode.read(graph, norm)
        .then(
            parameters -> {
              if (parameters.channels() != layer.channels()) {
                return Decision.refuse(
                    Reason.CHANNEL_MISMATCH,
                    "'%s' has %s and '%s' has %d",
                    layer.node().label(),
                    Amounts.count(layer.channels(), "output channel"),
                    norm.label(),
                    parameters.channels());
              }
              LayerAndNorm facts = new LayerAndNorm(layer, parameters, Optional.empty());
              return layer.ifStorable(
                  arithmetic.scale(parameters, layer.weight().type()),
                  facts.bias(arithmetic),
                  facts);
            });
  }

  /** The same facts, and what follows the norm. */
  LayerAndNorm followedBy(Optional<Follower> other) {
    return new LayerAndNorm(layer, norm, other);
  }

  /** The same facts of a layer in another form. */
  LayerAndNorm withLayer(Layer other) {
    return new LayerAndNorm(other, norm, follower);
  }

  /** The folded bias, not yet rounded into its stored type. */
  double[] bias(FoldArithmetic arithmetic) {
    return arithmetic.bias(norm, layer.bias(), layer.kind(), layer.weight().type());
  }

  /** The layer in its folded form, the norm gone. */
  Rewrite.Builder fold(Node normNode, FoldArithmetic arithmetic) {
    List<Node> site = new ArrayList<>(layer.nodes());
    site.add(normNode);
    follower.ifPresent(it -> site.add(it.node()));
    Rewrite.Builder rewrite = Rewrite.of(site).remove(normNode);
    layer.fold(
        rewrite,
        normNode.output(),
        arithmetic.scale(norm, layer.weight().type()),
        bias(arithmetic));
    return rewrite;
  }

  /** The value that the site computes: the follower's where there is one. */
  String output(Node normNode) {
    return follower.map(Follower::node).orElse(normNode).output();
  }
}
