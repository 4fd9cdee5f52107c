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

import static dev.fusewright.core.graph.OpKind.SQUEEZE;
import static dev.fusewright.core.graph.OpKind.UNSQUEEZE;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
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
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Removes an Unsqueeze and the Squeeze that takes the same axes away again: what a fold leaves of a
 * BatchNormalization that wanted an axis more.
 *
 * <pre>
 *   y = Unsqueeze(x; axes)
 *   z = Squeeze(y; axes)
 *   u = Tanh(z)            →   u = Tanh(x)
 * </pre>
 *
 * The conditions: both name their axes, as constants, since a Squeeze without axes takes away
 * whatever happens to be of size 1; they are the same ones; and nobody else reads y.
 */
final class UnsqueezeSqueezeRemoval implements Rule<Bypass> {
  private static final Capture WIDENING = Capture.named("unsqueeze");
  private static final Capture NARROWING = Capture.named("squeeze");
  private static final int AXES_ARE_OPERANDS_SINCE = 13;
  private static final int MAX_AXES = 64;

  @Override
  public RuleInfo info() {
    return Bypass.conditions(
        new RuleInfo(
                "unsqueeze-squeeze",
                "An Unsqueeze and a Squeeze of the same axes are removed",
                "squeeze(unsqueeze(x, axes), axes) = x")
            .showing(
                """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[N,3] x) => (float[] u)
            <int64[1] axes = {2}>
            {
              a = Sigmoid(x)
              y = Unsqueeze(a, axes)
              z = Squeeze(y, axes)
              u = Tanh(z)
            }
            """)
            .requiring(
                "Both name their axes, as constants",
                "a Squeeze without axes takes away every axis that happens to be of size 1")
            .requiring("They are the same axes", "the extents would be in another order")
            .requiring("Nobody else reads what lies between", "it would be gone"));
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(SQUEEZE).as(NARROWING).fedBy(0, Pattern.node(UNSQUEEZE).as(WIDENING));
  }

  @Override
  public Decision<Bypass> check(Match match) {
    GraphView graph = match.graph();
    Node widening = match.node(WIDENING);
    Node narrowing = match.node(NARROWING);
    if (Constants.hasReferences(widening) || Constants.hasReferences(narrowing)) {
      return Decision.elsewhere("the axes come from whoever calls the function");
    }
    int rank = graph.shapes().rank(widening.output());
    Set<Long> added = axes(graph, widening, rank);
    Set<Long> taken = axes(graph, narrowing, rank);
    if (added == null || taken == null) {
      return Decision.refuse(
          Reason.AXIS_UNPROVEN,
          "'%s' and '%s' do not both name their axes, each once",
          widening.label(),
          narrowing.label());
    }
    return added.equals(taken)
        ? Bypass.of(graph, widening.input(0), narrowing.output())
        : Decision.elsewhere(
            "'%s' adds the axes %s and '%s' takes away %s",
            widening.label(), added, narrowing.label(), taken);
  }

  /**
   * The axes that a node names, counted from the front where the rank is known; null if it names
   * none, or one twice.
   */
  private static @Nullable Set<Long> axes(GraphView graph, Node node, int rank) {
    List<Long> axes;
    if (graph.opset() < AXES_ARE_OPERANDS_SINCE) {
      axes = node.intsAttribute("axes");
    } else {
      long[] given = node.hasInput(1) ? graph.shapes().integers(node.input(1), MAX_AXES) : null;
      axes = given == null ? null : Arrays.stream(given).boxed().toList();
    }
    if (axes == null) {
      return null;
    }
    boolean counts = rank != SymbolicShape.UNKNOWN_RANK;
    Set<Long> counted = new TreeSet<>();
    axes.forEach(axis -> counted.add(counts && axis < 0 ? axis + rank : axis));
    return counted.size() == axes.size() ? counted : null;
  }

  @Override
  public Rewrite rewrite(Match match, Bypass bypass) {
    return bypass.around(match.nodes());
  }
}
