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
package dev.fusewright.core.analysis.shape;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/** ShapeFunctions on single elements, with what is broadcast, and others that keep a shape. */
final class ElementwiseShapes {
  /**
   * ShapeFunctions whose first output has the shape of their first input, whatever their
   * attributes.
   */
  private static final Set<String> KEEPING =
      words(
          """
          Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Cast CastLike Ceil Celu Clip Cos Cosh CumProd CumSum
          DequantizeLinear Elu Erf Exp Floor Gelu HardSigmoid HardSwish Hardmax IsInf IsNaN LeakyRelu
          Log LogSoftmax Mish Neg Not PRelu QuantizeLinear Reciprocal Relu Round Selu Shrink Sigmoid
          Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu
          GroupNormalization InstanceNormalization LRN LpNormalization MeanVarianceNormalization
          RMSNormalization RotaryEmbedding ImageScaler ParametricSoftplus ScaledTanh
          Bernoulli EyeLike RandomNormalLike RandomUniformLike ReverseSequence Trilu
          Scatter ScatterElements ScatterND TensorScatter
          """);

  /** ShapeFunctions that broadcast all their inputs, the year's first versions of which did not. */
  private static final Set<String> BROADCASTING =
      words(
          """
          Add Sub Mul Div Pow And Or Xor Equal Less Greater LessOrEqual GreaterOrEqual Mod BitShift
          BitwiseAnd BitwiseOr BitwiseXor Max Min Sum Mean Where
          """);

  private static final Set<String> VARIADIC = Set.of("Max", "Min", "Sum", "Mean");

  private static final Set<String> OTHERS =
      Set.of("BatchNormalization", "LayerNormalization", "Dropout", "DynamicQuantizeLinear");

  private ElementwiseShapes() {}

  private static Set<String> words(String text) {
    Set<String> words = new HashSet<>();
    StringTokenizer tokens = new StringTokenizer(text);
    while (tokens.hasMoreTokens()) {
      words.add(tokens.nextToken());
    }
    return words;
  }

  /** The shapes of the outputs; null where the operator is of another family. */
  static @Nullable List<SymbolicShape> infer(InferenceCall call) {
    String type = call.node().op().type();
    if (KEEPING.contains(type)) {
      return List.of(call.shape(0));
    }
    if (BROADCASTING.contains(type)) {
      return List.of(broadcast(call));
    }
    return switch (type) {
      case "BatchNormalization" -> batchNorm(call);
      case "LayerNormalization" -> layerNorm(call);
      case "Dropout" -> List.of(call.shape(0), call.shape(0));
      case "DynamicQuantizeLinear" ->
          List.of(call.shape(0), SymbolicShape.SCALAR, SymbolicShape.SCALAR);
      default -> null;
    };
  }

  /** Whether the first output of this operator has the shape of its first input. */
  static boolean keepsShape(String type) {
    return KEEPING.contains(type) || OTHERS.contains(type);
  }

  /** Whether no attribute of this operator has to do with the shape of its first output. */
  static boolean isIndifferent(String type) {
    return keepsShape(type) || BROADCASTING.contains(type);
  }

  private static SymbolicShape broadcast(InferenceCall call) {
    long since = VARIADIC.contains(call.node().op().type()) ? 8 : 7;
    if (call.opset() < since) {
      return call.shape(0); // The others have its shape, or are broadcast to it.
    }
    SymbolicShape result = SymbolicShape.SCALAR;
    for (int i = 0; i < call.inputCount(); i++) {
      result = result.broadcast(call.shape(i));
    }
    return result;
  }

  /** The channels are as many as there are factors; statistics are vectors of that length. */
  private static List<SymbolicShape> batchNorm(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    SymbolicShape y = x;
    if (x.rank() > 1 && !x.dim(1).isKnown() && call.shape(1).rank() == 1) {
      y = x.withDim(1, call.shape(1).dim(0).weakened(call.shape(1).basis()));
    }
    boolean hasRunningStatistics = call.opset() >= 14;
    return hasRunningStatistics ? List.of(y, call.shape(3), call.shape(4)) : List.of(y);
  }

  private static List<SymbolicShape> layerNorm(InferenceCall call) {
    SymbolicShape x = call.shape(0);
    int axis = InferenceCall.axis(call.integer("axis", -1), x.rank());
    SymbolicShape statistics = x;
    for (int i = axis; i >= 0 && i < x.rank(); i++) {
      statistics = statistics.withDim(i, SymbolicDim.of(1));
    }
    boolean isKnown = axis >= 0 && !call.hasReferences();
    return isKnown ? List.of(x, statistics, statistics) : List.of(x);
  }
}
