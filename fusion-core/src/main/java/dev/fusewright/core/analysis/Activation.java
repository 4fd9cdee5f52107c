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
package dev.fusewright.core.analysis;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.Arrays;
import java.util.Optional;

/** An element-wise activation function, by the names that PyTorch and ONNX have for it. */
public enum Activation {
  /** {@code max(0, x)}. */
  RELU("ReLU", "Relu"),
  /** {@code min(max(0, x), 6)}; a Clip in ONNX, which no operator of this name is. */
  RELU6("ReLU6", ""),
  /** {@code x·min(max(0, x/6 + 1/2), 1)}. */
  HARDSWISH("Hardswish", "HardSwish"),
  /** {@code min(max(0, x/6 + 1/2), 1)}. */
  HARDSIGMOID("Hardsigmoid", "HardSigmoid"),
  /** {@code x·sigmoid(x)}; Sigmoid and Mul in ONNX before opset 24. */
  SILU("SiLU", "Swish"),
  /** {@code x} where it is positive, {@code αx} elsewhere. */
  LEAKY_RELU("LeakyReLU", "LeakyRelu"),
  /** A LeakyReLU whose slope is a parameter. */
  PRELU("PReLU", "PRelu"),
  /** {@code x} where it is positive, {@code α(eˣ − 1)} elsewhere. */
  ELU("ELU", "Elu"),
  /** A scaled ELU with fixed constants. */
  SELU("SELU", "Selu"),
  /** {@code x·Φ(x)}. */
  GELU("GELU", "Gelu"),
  /** {@code 1/(1 + e⁻ˣ)}. */
  SIGMOID("Sigmoid", "Sigmoid"),
  /** The hyperbolic tangent. */
  TANH("Tanh", "Tanh");

  private final String torchName;
  private final String operator;

  Activation(String torchName, String operator) {
    this.torchName = torchName;
    this.operator = operator;
  }

  /** PyTorch's class, without its module: {@code ReLU}. */
  public String torchName() {
    return torchName;
  }

  /**
   * The kind of the single node that computes it.
   *
   * @throws IllegalStateException if it takes several, or operands
   */
  public OpKind operator() {
    if (operator.isEmpty()) {
      throw new IllegalStateException(torchName + " is no single operator");
    }
    return OpKind.onnx(operator);
  }

  /** The activation of this class of PyTorch's. */
  public static Optional<Activation> named(String torchName) {
    return Arrays.stream(values()).filter(it -> it.torchName.equals(torchName)).findFirst();
  }

  /** The activation that a single node computes. */
  public static Optional<Activation> of(Node node) {
    return Arrays.stream(values())
        .filter(it -> !it.operator.isEmpty() && node.is(OpKind.onnx(it.operator)))
        .findFirst();
  }
}
