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

import static dev.fusewright.core.graph.OpKind.RELU;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.graph.Attribute;
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
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts a Relu and the Clip behind it into one Clip.
 *
 * <pre>
 *   y = Relu(x)
 *   z = Clip(y; min, max)     →   z = Clip(x; max(0, min), max)
 * </pre>
 *
 * The conditions: both bounds are constant numbers with min ≤ max, where min may be absent; and max
 * ≥ 0, since below that every value becomes max. NaN passes both forms in ONNX Runtime, in float16,
 * float and double.
 */
final class ReluClipMerge implements Rule<ReluClipMerge.Bounds> {
  private static final Capture POSITIVE = Capture.named("relu");
  private static final Capture CLIP = Capture.named("clip");
  private static final OpKind CLIPPING = OpKind.onnx("Clip");
  private static final int BOUNDS_ARE_OPERANDS_SINCE = 11;
  private static final int MIN = 1;
  private static final int MAX = 2;

  /**
   * The bounds of the Clip.
   *
   * @param min what the Clip has for it; null if it has none
   * @param type of the bounds; null if they are attributes
   */
  record Bounds(@Nullable Double min, double max, @Nullable ElementType type) {}

  @Override
  public RuleInfo info() {
    return new RuleInfo(
            "relu-clip",
            "A Relu and the Clip behind it become one Clip",
            "min(max(max(0, x), lo), hi) = min(max(x, max(0, lo)), hi)")
        .showing(
            """
            g (float[N,3] x) => (float[] z)
            <float lo = {-1}, float hi = {6}>
            {
              y = Relu(x)
              z = Clip(y, lo, hi)
            }
            """)
        .requiring(
            "The value between the two nodes is no output, and has no other reader but such as take"
                + " its shape alone",
            "it would be gone")
        .requiring("The bounds are constant numbers, and min ≤ max", "a caller may give others")
        .requiring("max ≥ 0", "each value would become max, which is another function");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(CLIPPING).as(CLIP).fedBy(0, Pattern.node(RELU).as(POSITIVE));
  }

  @Override
  public Decision<Bounds> check(Match match) {
    Node clip = match.node(CLIP);
    return bounds(match.graph(), clip)
        .then(
            bounds ->
                bounds.max() >= 0 && (bounds.min() == null || bounds.min() <= bounds.max())
                    ? Decision.sound(bounds)
                    : Decision.elsewhere(
                        "'%s' has other bounds than min ≤ max and max ≥ 0", clip.label()));
  }

  private static Decision<Bounds> bounds(GraphView graph, Node clip) {
    if (graph.opset() < BOUNDS_ARE_OPERANDS_SINCE) {
      double min = clip.realAttribute("min", Double.NaN);
      return Decision.sound(
          new Bounds(Double.isNaN(min) ? null : min, clip.realAttribute("max", Double.NaN), null));
    }
    if (!clip.hasInput(MAX)) {
      return Decision.elsewhere("'%s' has no upper bound", clip.label());
    }
    return bound(graph, clip, MAX)
        .then(
            max -> {
              ElementType type = max.tensor().type();
              double above = Tensors.doubles(max.tensor(), 1)[0];
              return clip.hasInput(MIN)
                  ? bound(graph, clip, MIN)
                      .then(
                          min ->
                              min.tensor().type() == type
                                  ? Decision.sound(
                                      new Bounds(Tensors.doubles(min.tensor(), 1)[0], above, type))
                                  : Decision.elsewhere(
                                      "the bounds of '%s' are of two types", clip.label()))
                  : Decision.sound(new Bounds(null, above, type));
            });
  }

  private static Decision<Operand.Constant> bound(GraphView graph, Node clip, int input) {
    Operand operand = Constants.resolve(graph, clip.input(input));
    if (operand instanceof Operand.Variable variable) {
      return Decision.refuse("bound of '" + clip.label() + "'", variable);
    }
    Operand.Constant constant = (Operand.Constant) operand;
    return constant.tensor().shape().elementCount() == 1 && constant.tensor().type().isFoldable()
        ? Decision.sound(constant)
        : Decision.refuse(
            Reason.SHAPE_MISMATCH,
            "a bound of '%s' is %s%s, expected one number",
            clip.label(),
            constant.tensor().type().text(),
            constant.tensor().shape());
  }

  @Override
  public Rewrite rewrite(Match match, Bounds bounds) {
    Node relu = match.node(POSITIVE);
    Node clip = match.node(CLIP).withInput(0, relu.input(0));
    boolean staysAsItIs = bounds.min() != null && bounds.min() >= 0;
    Rewrite.Builder rewrite = Rewrite.of(List.of(relu, match.node(CLIP))).remove(relu);
    if (staysAsItIs) {
      rewrite.replace(clip);
    } else if (bounds.type() == null) {
      rewrite.replace(clip.withAttribute("min", new Attribute.Real(0)));
    } else {
      rewrite
          .replace(clip)
          .parameter(clip, MIN, LiteralTensor.ofDoubles(bounds.type(), Shape.of(), 0), "clip_min");
    }
    boolean upToSix = bounds.max() == 6 && (bounds.min() == null || bounds.min() <= 0);
    return rewrite.into(upToSix ? "ReLU6" : "Hardtanh", clip.output());
  }
}
