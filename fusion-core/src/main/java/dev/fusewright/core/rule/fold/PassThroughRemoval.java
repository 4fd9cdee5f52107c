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

import static dev.fusewright.core.graph.OpKind.DROPOUT;
import static dev.fusewright.core.graph.OpKind.IDENTITY;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensors;
import java.util.List;

/**
 * Removes an Identity, or a Dropout in inference form, from the data's way.
 *
 * <pre>
 *   y = Dropout(x)
 *   z = BatchNormalization(y, …)    →   z = BatchNormalization(x, …)
 * </pre>
 *
 * The conditions: a Dropout's mask is not used, and it is not in training mode (up to opset 6
 * {@code is_test=1}, from 12 on the operand is absent or false). y is no output of the graph, whose
 * name would vanish, and no body reads it, since it would have to be rewritten too. Constants
 * behind an Identity are none of this rule's: they are read through it.
 */
final class PassThroughRemoval implements Rule<List<Use>> {
  private static final Capture NODE = Capture.named("node");
  private static final int TRAINING_MODE = 2;

  private final OpKind kind;
  private final RuleInfo info;

  private PassThroughRemoval(OpKind kind, RuleInfo info) {
    this.kind = kind;
    this.info = info;
  }

  static PassThroughRemoval identity() {
    return new PassThroughRemoval(
        IDENTITY,
        new RuleInfo("identity", "An Identity in the data's way is removed", "identity(x) = x")
            .showing(
                """
                g (float[N,3] x) => (float[] z)
                {
                  a = Sigmoid(x)
                  y = Identity(a)
                  z = Tanh(y)
                }
                """)
            .requiring("The result is no output of the graph", "its name would vanish")
            .requiring("No body reads it", "the body would have to be rewritten too"));
  }

  static PassThroughRemoval dropout() {
    return new PassThroughRemoval(
        DROPOUT,
        new RuleInfo(
                "dropout", "A Dropout in inference form is removed", "dropout(x) = x in inference")
            .showing(
                """
                g (float[N,3] x) => (float[] z)
                {
                  a = Sigmoid(x)
                  y = Dropout(a)
                  z = Tanh(y)
                }
                """)
            .requiring("The result is no output of the graph", "its name would vanish")
            .requiring("No body reads it", "the body would have to be rewritten too")
            .requiring("The mask is not used", "nothing else computes it")
            .requiring(
                "The node is in the inference form of its opset",
                "in training form it drops values"));
  }

  @Override
  public RuleInfo info() {
    return info;
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(kind).as(NODE);
  }

  @Override
  public Decision<List<Use>> check(Match match) {
    GraphView graph = match.graph();
    Node node = match.node(NODE);
    if (!node.hasInput(0) || Constants.resolve(graph, node.input(0)) instanceof Operand.Constant) {
      return Decision.elsewhere("'%s' passes a constant on", node.label());
    }
    return inference(graph, node)
        .then(
            plain -> {
              List<Use> uses = graph.uses(node.output());
              if (graph.isOutput(node.output())) {
                return Decision.refuse(
                    Reason.GRAPH_OUTPUT, "'%s' is an output of the graph", node.output());
              }
              if (uses.stream().anyMatch(use -> use.index() == Use.CAPTURED)) {
                return Decision.refuse(
                    Reason.OTHER_USES, "'%s' is read inside a body", node.output());
              }
              return uses.isEmpty()
                  ? Decision.elsewhere("nobody reads '%s'", node.output())
                  : Decision.sound(uses);
            });
  }

  private Decision<Node> inference(GraphView graph, Node node) {
    if (kind.equals(IDENTITY)) {
      return Decision.sound(node);
    }
    boolean maskUsed =
        node.outputs().stream()
            .skip(1)
            .anyMatch(mask -> graph.useCount(mask) > 0 || graph.isOutput(mask));
    if (maskUsed) {
      return Decision.refuse(Reason.EXTRA_OUTPUTS, "the mask of '%s' is used", node.label());
    }
    if (graph.opset() < 7 && node.intAttribute("is_test", 0) != 1) {
      return Decision.refuse(Reason.TRAINING_MODE, "'%s' has is_test=0", node.label());
    }
    if (graph.opset() < 12 || !node.hasInput(TRAINING_MODE)) {
      return Decision.sound(node);
    }
    Operand training = Constants.resolve(graph, node.input(TRAINING_MODE));
    if (training instanceof Operand.Variable variable) {
      return Decision.refuse("training_mode of '" + node.label() + "'", variable);
    }
    var tensor = ((Operand.Constant) training).tensor();
    return tensor.type() == ElementType.BOOL
            && tensor.shape().elementCount() == 1
            && Tensors.doubles(tensor, 1)[0] == 0
        ? Decision.sound(node)
        : Decision.refuse(Reason.TRAINING_MODE, "'%s' has training_mode=true", node.label());
  }

  @Override
  public Rewrite rewrite(Match match, List<Use> uses) {
    Node node = match.node(NODE);
    Rewrite.Builder rewrite = Rewrite.of(List.of(node)).remove(node);
    uses.stream()
        .map(Use::node)
        .distinct()
        .forEach(
            reader ->
                rewrite.replace(
                    reader.withInputs(
                        reader.inputs().stream()
                            .map(input -> input.equals(node.output()) ? node.input(0) : input)
                            .toList())));
    return rewrite.into("Identity", node.input(0));
  }
}
