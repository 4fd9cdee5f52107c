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
import static dev.fusewright.core.graph.OpKind.DIV;
import static dev.fusewright.core.graph.OpKind.MUL;
import static dev.fusewright.core.graph.OpKind.SUB;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.analysis.ShapeReads;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;

/**
 * Removes a Mul or Div by 1, or an Add or Sub of 0.
 *
 * <pre>
 *   y = Mul(x, 1)
 *   z = Tanh(y)         →   z = Tanh(x)
 * </pre>
 *
 * The conditions: the constant does not enlarge the value, {@code 1 / x} and {@code 0 − x} are
 * others, and no body reads y, since it would have to be rewritten too. If y is an output of the
 * graph, its name moves to the node that computes x, where nobody else reads that.
 *
 * <p>{@code x + 0} is +0 where x is −0, and afterwards it is −0: the two are equal, and nothing but
 * a division by them or the sign bit tells one from the other.
 */
final class NeutralElementwiseRemoval implements Rule<Bypass> {
  private static final Capture NODE = Capture.named("node");

  /** Beyond this many elements a constant is not looked at. */
  private static final int MAX_ELEMENTS = 1 << 16;

  private final OpKind[] kinds;
  private final double neutral;
  private final RuleInfo info;

  private NeutralElementwiseRemoval(double neutral, RuleInfo info, OpKind... kinds) {
    this.kinds = kinds;
    this.neutral = neutral;
    this.info = info;
  }

  static NeutralElementwiseRemoval ofOne() {
    return new NeutralElementwiseRemoval(
        1,
        conditions(
            new RuleInfo("mul-one", "A Mul or Div by 1 is removed", "x · 1 = x / 1 = x")
                .showing(
                    """
                    g (float[N,3] x) => (float[] z)
                    <float one = {1}>
                    {
                      a = Sigmoid(x)
                      y = Mul(a, one)
                      z = Tanh(y)
                    }
                    """)
                .requiring("Every element of the constant is 1", "it would scale")
                .requiring("It is not the 1 that is divided", "1 / x is another function")),
        MUL,
        DIV);
  }

  static NeutralElementwiseRemoval ofZero() {
    return new NeutralElementwiseRemoval(
        0,
        conditions(
            new RuleInfo(
                    "add-zero",
                    "An Add or Sub of 0 is removed",
                    "x + 0 = x − 0 = x; the sum of −0 and +0 is +0, and now stays −0, which is"
                        + " equal to it")
                .showing(
                    """
                    g (float[N,3] x) => (float[] z)
                    <float zero = {0}>
                    {
                      a = Sigmoid(x)
                      y = Add(a, zero)
                      z = Tanh(y)
                    }
                    """)
                .requiring("Every element of the constant is 0", "it would shift")
                .requiring("The value is not what is subtracted", "0 − x is another function")),
        ADD,
        SUB);
  }

  private static RuleInfo conditions(RuleInfo info) {
    return Bypass.conditions(
        info.requiring(
            "The constant has no extent that the value lacks",
            "broadcasting would enlarge the value"));
  }

  @Override
  public RuleInfo info() {
    return info;
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(kinds).as(NODE);
  }

  @Override
  public Decision<Bypass> check(Match match) {
    GraphView graph = match.graph();
    Node node = match.node(NODE);
    int data = dataInput(graph, node);
    return data < 0
        ? Decision.elsewhere("'%s' has no operand that is %s everywhere", node.label(), neutral)
        : Bypass.of(graph, node.input(data), node.output());
  }

  /** The input that the node passes on; negative if it changes what it gets. */
  private int dataInput(GraphView graph, Node node) {
    boolean commutes = (node.is(MUL) || node.is(ADD)) && graph.opset() >= 7;
    for (int data = 0; data < (commutes ? 2 : 1); data++) {
      if (node.hasInput(data)
          && Constants.resolve(graph, node.input(1 - data)) instanceof Operand.Constant constant
          && !(Constants.resolve(graph, node.input(data)) instanceof Operand.Constant)
          && isNeutral(constant.tensor())
          && keepsShape(graph, node.input(data), constant.tensor())) {
        return data;
      }
    }
    return -1;
  }

  /** Before opset 7 the second operand is broadcast to the first, and never the other way round. */
  private static boolean keepsShape(GraphView graph, String value, Tensor constant) {
    return graph.opset() < 7
        || constant.shape().rank() == 0
        || ShapeReads.doesNotEnlarge(constant.shape(), graph.shapes().of(value));
  }

  private boolean isNeutral(Tensor constant) {
    long elements = constant.shape().elementCount();
    return constant.type().isFoldable()
        && elements > 0
        && elements <= MAX_ELEMENTS
        && Arrays.stream(Tensors.doubles(constant, MAX_ELEMENTS))
            .allMatch(element -> element == neutral);
  }

  @Override
  public Rewrite rewrite(Match match, Bypass bypass) {
    return bypass.around(match.nodes());
  }
}
