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
package dev.fusewright.io.aten;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node of the program.
 *
 * @param target such as {@code torch.ops.aten.conv2d.default}
 * @param outputs names of values, in order
 * @param targetSpan of the target, with its quotation marks; null if it has none
 * @param outputSpan of the first output's name, with its quotation marks; null if it is no tensor
 * @param nameSpan of the node's own name; null if it has none
 */
public record AtenNode(
    String target,
    String name,
    List<AtenArgument> arguments,
    List<String> outputs,
    @Nullable Span targetSpan,
    @Nullable Span outputSpan,
    @Nullable Span nameSpan) {
  private static final String OPERATORS = "torch.ops.";
  private static final String ATEN = OPERATORS + "aten.";

  public AtenNode {
    arguments = List.copyOf(arguments);
    outputs = List.copyOf(outputs);
  }

  /** Whether it is one of PyTorch's own operators. */
  public boolean isAten() {
    return target.startsWith(ATEN);
  }

  /** Whether it is one of the convolutions, transposed ones among them. */
  public boolean isConvolution() {
    return isAten() && (operator().startsWith("conv") || operator().startsWith("_convolution"));
  }

  /** The operator without its namespace, such as {@code conv2d.default}. */
  public String operator() {
    return isAten() ? target.substring(ATEN.length()) : target;
  }

  /** The namespace, such as {@code aten}. */
  public String domain() {
    String rest = target.startsWith(OPERATORS) ? target.substring(OPERATORS.length()) : target;
    int dot = rest.indexOf('.');
    return dot <= 0 ? "python" : rest.substring(0, dot);
  }

  /** The operator within its {@link #domain()}. */
  public String type() {
    String rest = target.startsWith(OPERATORS) ? target.substring(OPERATORS.length()) : target;
    int dot = rest.indexOf('.');
    return dot <= 0 ? rest : rest.substring(dot + 1);
  }

  /** Whether it says of itself that it writes into its first argument. */
  public boolean isInPlace() {
    String operator = operator();
    int dot = operator.indexOf('.');
    String base = dot < 0 ? operator : operator.substring(0, dot);
    return base.endsWith("_") && !base.startsWith("__");
  }

  /** Whether it says of itself that it writes into an argument that is called after it. */
  public boolean hasOut() {
    String overload = operator().substring(operator().lastIndexOf('.') + 1);
    return overload.equals("out")
        || overload.endsWith("_out")
        || arguments.stream().anyMatch(argument -> isOut(argument.name()));
  }

  /** Whether an argument of this name is written into. */
  public static boolean isOut(String argument) {
    return argument.matches("out[0-9]?");
  }

  /** The operator that computes the same without writing into its argument. */
  public String functional() {
    String operator = operator();
    int dot = operator.indexOf('.');
    return isInPlace() && dot > 0
        ? operator.substring(0, dot - 1) + operator.substring(dot)
        : operator;
  }

  /** An argument; null if it is not given. */
  public @Nullable AtenValue argument(String argument) {
    for (AtenArgument given : arguments) {
      if (given.name().equals(argument)) {
        return given.value() instanceof AtenValue.None ? null : given.value();
      }
    }
    return null;
  }
}
