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
import static dev.fusewright.core.graph.OpKind.MUL;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.tensor.ComputedTensor;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Puts two Muls by constants, or two Adds of constants, into one.
 *
 * <pre>
 *   y = Mul(x, a)
 *   z = Mul(y, b)     →   z = Mul(x, a·b)
 * </pre>
 *
 * Broadcasting is associative, so that the result has the shape that it had. The conditions on the
 * constants: both are of one type; together they are no larger than the larger one, and not known
 * to enlarge x; no factor is so large or small that what lies between could overflow where the
 * result does not; and what is stored is finite and, unless it is 0, no subnormal number. Of sums,
 * nothing may cancel out: {@code (x + 1e8) − 1e8} rounds x away, and {@code x + 0} does not.
 */
final class ConstantChainMerge implements Rule<ConstantChainMerge.Merged> {
  private static final Capture FIRST = Capture.named("first");
  private static final Capture SECOND = Capture.named("second");
  private static final int BROADCASTING_SINCE = 7;
  private static final long MAX_ELEMENTS = 1 << 20;
  private static final double LARGEST_FACTOR = 0x1p20;

  private final OpKind kind;
  private final String module;
  private final RuleInfo info;

  /**
   * What the one node is to have.
   *
   * @param data the input of the first node that is no constant
   */
  record Merged(int data, Tensor constant) {}

  private ConstantChainMerge(OpKind kind, String module, RuleInfo info) {
    this.kind = kind;
    this.module = module;
    this.info = info;
  }

  static ConstantChainMerge mul() {
    return new ConstantChainMerge(
        MUL,
        "Mul",
        conditions(
                new RuleInfo(
                        "mul-mul", "Two Muls by constants become one", "(x · a) · b = x · (a · b)")
                    .showing(
                        """
                        g (float[N,3,8] x) => (float[] z)
                        <float variance = {0.1}, float[1,3,8] sizes = random(1, 0.5, 2.0)>
                        {
                          s = Sigmoid(x)
                          y = Mul(s, variance)
                          z = Mul(y, sizes)
                        }
                        """))
            .requiring(
                "Each factor is 0 or between 2⁻²⁰ and 2²⁰",
                "x · a could overflow, or lose its last bits, where x · (a · b) does not"));
  }

  static ConstantChainMerge add() {
    return new ConstantChainMerge(
        ADD,
        "Add",
        conditions(
                new RuleInfo(
                        "add-add", "Two Adds of constants become one", "(x + a) + b = x + (a + b)")
                    .showing(
                        """
                        g (float[N,3,8] x) => (float[] z)
                        <float a = {0.5}, float[8] b = random(1, 0.5, 2.0)>
                        {
                          s = Sigmoid(x)
                          y = Add(s, a)
                          z = Add(y, b)
                        }
                        """))
            .requiring(
                "Nothing of a + b cancels out",
                "(x + 1e8) − 1e8 rounds x away, and x + 0 does not"));
  }

  private static RuleInfo conditions(RuleInfo info) {
    return info.requiring(Conditions.layer())
        .requiring(
            "Both constants are of one type, and broadcast together to no more than the larger",
            "[4, 1] and [1, 5] would become [4, 5], and the file larger")
        .requiring(
            "They have no more axes than the value, and are not known to enlarge it",
            "what is to be one pass over x would be one over many copies of it")
        .requiring(
            "What is stored is finite, and 0 or a normal number",
            "0.001 · 0.0001 is next to nothing in float16");
  }

  @Override
  public RuleInfo info() {
    return info;
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(kind).as(SECOND).fedByEither(Pattern.node(kind).as(FIRST));
  }

  @Override
  public Decision<Merged> check(Match match) {
    GraphView graph = match.graph();
    Node first = match.node(FIRST);
    Node second = match.node(SECOND);
    if (graph.opset() < BROADCASTING_SINCE) {
      return Decision.elsewhere("'%s' broadcasts in the way of old opsets", second.label());
    }
    return constant(graph, second, 1 - match.entersAt(FIRST))
        .then(b -> data(graph, first).then(data -> merged(match, data, b)));
  }

  private static Decision<Tensor> constant(GraphView graph, Node node, int input) {
    Operand operand = Constants.resolve(graph, node.input(input));
    if (operand instanceof Operand.Variable variable) {
      return ElementwiseNode.isNearMiss(variable.reason())
          ? Decision.refuse("constant of '" + node.label() + "'", variable)
          : Decision.elsewhere(
              "the other operand of '%s' is no constant: %s", node.label(), variable.message());
    }
    Tensor tensor = ((Operand.Constant) operand).tensor();
    return tensor.type().isFoldable()
        ? Decision.sound(tensor)
        : Decision.elsewhere("the constant of '%s' is %s", node.label(), tensor.type().text());
  }

  private static boolean isNearMiss(GraphView graph, String value) {
    return Constants.resolve(graph, value) instanceof Operand.Variable variable
        && ElementwiseNode.isNearMiss(variable.reason());
  }

  /** The input of the first node that is no constant, where the other one may be one. */
  private static Decision<Integer> data(GraphView graph, Node first) {
    boolean isSecond = Constants.resolve(graph, first.input(1)) instanceof Operand.Variable;
    boolean isFirst = Constants.resolve(graph, first.input(0)) instanceof Operand.Variable;
    if (!isFirst && !isSecond) {
      return Decision.elsewhere("'%s' computes a constant", first.label());
    }
    if (isFirst && isSecond) {
      // One of them may be a constant that must not be used.
      int near = isNearMiss(graph, first.input(1)) ? 1 : 0;
      return constant(graph, first, near)
          .then(it -> Decision.<Integer>elsewhere("'%s' has no constant", first.label()));
    }
    return Decision.sound(isFirst ? 0 : 1);
  }

  private Decision<Merged> merged(Match match, int data, Tensor b) {
    Node first = match.node(FIRST);
    Node second = match.node(SECOND);
    return constant(match.graph(), first, 1 - data)
        .then(
            a -> {
              if (a.type() != b.type()) {
                return Decision.elsewhere(
                    "the constants of '%s' and '%s' are of two types",
                    first.label(), second.label());
              }
              Shape shape = together(a.shape(), b.shape());
              if (shape == null) {
                return Decision.refuse(
                    Reason.BROADCAST,
                    "the constants %s of '%s' and %s of '%s' would become a larger one",
                    a.shape(),
                    first.label(),
                    b.shape(),
                    second.label());
              }
              if (enlarges(shape, match.graph().shapes().of(first.input(data)))) {
                return Decision.refuse(
                    Reason.BROADCAST,
                    "the constants of '%s' and '%s' may enlarge what they are applied to",
                    first.label(),
                    second.label());
              }
              return shape.elementCount() == 0 || shape.elementCount() > MAX_ELEMENTS
                  ? Decision.elsewhere(
                      "the constants of '%s' are empty or too large to look at", second.label())
                  : storable(second, a, b, shape)
                      .then(values -> Decision.sound(merged(data, a.type(), shape, values)));
            });
  }

  private static Merged merged(int data, ElementType type, Shape shape, double[] values) {
    return new Merged(data, new ComputedTensor(type, shape, values));
  }

  /** The shape of both together; null unless it has as many elements as the larger one. */
  private static @Nullable Shape together(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    List<Long> dims = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      long of = axis < rank - a.rank() ? 1 : a.dim(axis - rank + a.rank());
      long other = axis < rank - b.rank() ? 1 : b.dim(axis - rank + b.rank());
      if (of != other && of != 1 && other != 1) {
        return null;
      }
      dims.add(of == 1 ? other : of);
    }
    Shape shape = new Shape(dims);
    return shape.elementCount() == Math.max(a.elementCount(), b.elementCount()) ? shape : null;
  }

  /** Whether a value may have fewer axes than a constant, or has 1 where that has more. */
  private static boolean enlarges(Shape constant, SymbolicShape value) {
    if (!value.hasRank()) {
      return constant.rank() > 0;
    }
    boolean enlarges = constant.rank() > value.rank();
    for (int back = 1; back <= Math.min(constant.rank(), value.rank()); back++) {
      long extent = value.dim(value.rank() - back).constant().orElse(0);
      enlarges |= extent == 1 && constant.dim(constant.rank() - back) != 1;
    }
    return enlarges;
  }

  private Decision<double[]> storable(Node second, Tensor a, Tensor b, Shape shape) {
    boolean isProduct = kind.equals(MUL);
    double[] left = Vectors.read(a);
    double[] right = Vectors.read(b);
    DoubleBinaryOperator operator = isProduct ? (x, y) -> x * y : Double::sum;
    double smallest = FloatFormat.of(a.type()).smallestNormal();
    double limit = limit(a.type());
    double[] result = new double[(int) shape.elementCount()];
    for (int i = 0; i < result.length; i++) {
      double x = left[element(i, shape, a.shape())];
      double y = right[element(i, shape, b.shape())];
      result[i] = operator.applyAsDouble(x, y);
      if (!Double.isFinite(x) || !Double.isFinite(y)) {
        return Decision.refuse(
            Reason.NON_FINITE_PARAMETER, "the constants of '%s' are not finite", second.label());
      }
      if (isProduct ? isExtreme(x, limit) || isExtreme(y, limit) : x * y < 0) {
        return Decision.elsewhere(
            "the constants %s and %s of '%s' do not go together", x, y, second.label());
      }
      if (result[i] != 0 && Math.abs(result[i]) < smallest) {
        return Decision.refuse(
            Reason.SUBNORMAL_RESULT,
            "the one constant of '%s' would be subnormal in %s",
            second.label(),
            a.type().text());
      }
    }
    return Vectors.allFiniteAs(a.type(), result)
        ? Decision.sound(result)
        : Decision.refuse(
            Reason.NON_FINITE_RESULT,
            "the one constant of '%s' overflows %s",
            second.label(),
            a.type().text());
  }

  /** A factor that takes numbers a third of the way to the end of their type, at most. */
  private static double limit(ElementType type) {
    return Math.min(LARGEST_FACTOR, Math.cbrt(1 / FloatFormat.of(type).smallestNormal()));
  }

  private static boolean isExtreme(double factor, double limit) {
    double size = Math.abs(factor);
    return size != 0 && (size > limit || size < 1 / limit);
  }

  /** Where the element of a constant is that stands at a position of both together. */
  private static int element(int position, Shape shape, Shape constant) {
    int rest = position;
    int element = 0;
    int stride = 1;
    for (int axis = shape.rank() - 1; axis >= shape.rank() - constant.rank(); axis--) {
      int extent = (int) shape.dim(axis);
      int own = (int) constant.dim(axis - shape.rank() + constant.rank());
      element += own == 1 ? 0 : rest % extent * stride;
      rest /= extent;
      stride *= own;
    }
    return element;
  }

  @Override
  public Rewrite rewrite(Match match, Merged merged) {
    Node first = match.node(FIRST);
    Node second = match.node(SECOND);
    int from = match.entersAt(FIRST);
    Node one = second.withInput(from, first.input(merged.data()));
    return Rewrite.of(List.of(first, second))
        .remove(first)
        .replace(one)
        .parameter(one, 1 - from, merged.constant(), second.input(1 - from))
        .into(module, second.output());
  }
}
