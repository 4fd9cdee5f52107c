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
package dev.fusewright.core.engine;

import dev.fusewright.core.analysis.ChannelTrace;
import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.plan.ScopePath;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reason for which an affine operator stays that no rule has refused: none of their patterns is
 * there.
 */
final class LeftOver {
  private static final Set<OpKind> ELEMENTWISE =
      Set.of(OpKind.MUL, OpKind.ADD, OpKind.SUB, OpKind.DIV);
  private static final Set<OpKind> LAYERS =
      Set.of(OpKind.CONV, OpKind.CONV_TRANSPOSE, OpKind.GEMM, OpKind.MAT_MUL);

  private final MutableScope draft;

  private LeftOver(MutableScope draft) {
    this.draft = draft;
  }

  /** Of a BatchNormalization, or an elementwise operator behind a layer; empty for all others. */
  static Optional<Refusal> of(ScopePath scope, MutableScope draft, Node node) {
    if (node.is(OpKind.BATCH_NORMALIZATION)) {
      return Optional.of(
          refusal(
              scope,
              draft,
              "batch-norm",
              node,
              Reason.NOTHING_TO_FOLD_INTO,
              "'%s' follows %s".formatted(node.label(), producer(draft, node))));
    }
    return ELEMENTWISE.contains(node.op())
        ? new LeftOver(draft).elementwise(scope, node)
        : Optional.empty();
  }

  private static Refusal refusal(
      ScopePath scope, MutableScope draft, String rule, Node node, Reason reason, String message) {
    return new Refusal(rule, scope, List.of(draft.label(node)), reason, message);
  }

  private static String producer(MutableScope draft, Node node) {
    Node producer = draft.producer(node.input(0));
    return producer == null
        ? "'" + node.input(0) + "', which is no node's output"
        : producer.op() + " '" + producer.label() + "'";
  }

  private Optional<Refusal> elementwise(ScopePath scope, Node node) {
    for (int input = 0; input < Math.min(2, node.inputs().size()); input++) {
      Node layer = layer(node.input(input));
      if (layer != null) {
        return Optional.of(elementwise(scope, node, layer, node.input(1 - input)));
      }
    }
    return Optional.empty();
  }

  private Refusal elementwise(ScopePath scope, Node node, Node layer, String other) {
    return Constants.resolve(draft, other) instanceof Operand.Variable variable
        ? refusal(
            scope,
            draft,
            "elementwise",
            node,
            variable.reason(),
            "the other operand of '%s', behind %s '%s', is no constant: %s"
                .formatted(node.label(), layer.op(), layer.label(), variable.message()))
        : refusal(
            scope,
            draft,
            "elementwise",
            node,
            Reason.NOTHING_TO_FOLD_INTO,
            "'%s' follows %s '%s' in a form that no rule folds"
                .formatted(node.label(), layer.op(), layer.label()));
  }

  /** The layer that computes a value, directly or through nodes that only pass it on. */
  private @Nullable Node layer(String value) {
    Set<Integer> seen = new HashSet<>();
    for (Node node = draft.producer(value);
        node != null && seen.add(node.id());
        node = draft.producer(node.input(0))) {
      if (LAYERS.contains(node.op())) {
        return node;
      }
      boolean passes =
          ChannelTrace.LAYOUT.contains(node.op())
              || node.is(OpKind.IDENTITY)
              || node.is(OpKind.CAST)
              || node.is(OpKind.DROPOUT);
      if (!passes || node.inputs().isEmpty()) {
        return null;
      }
    }
    return null;
  }
}
