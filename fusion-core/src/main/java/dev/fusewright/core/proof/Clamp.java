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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.Node;

/**
 * What a Relu or a Clip does to each element: {@code min(max(x, low), high)}, where NaN stays NaN.
 */
record Clamp(double low, double high) {

  static boolean isOne(Node node) {
    return node.op().domain().isEmpty()
        && (node.op().type().equals("Relu") || node.op().type().equals("Clip"));
  }

  static Clamp of(Subgraph side, Node node) {
    if (node.op().type().equals("Relu")) {
      return new Clamp(0, Double.POSITIVE_INFINITY);
    }
    return new Clamp(
        bound(side, node, 1, "min", Double.NEGATIVE_INFINITY),
        bound(side, node, 2, "max", Double.POSITIVE_INFINITY));
  }

  private static double bound(
      Subgraph side, Node node, int input, String attribute, double absent) {
    if (!node.hasInput(input)) {
      return node.realAttribute(attribute, absent);
    }
    var value = side.constant(node.input(input));
    if (value.size() != 1 || Double.isNaN(value.values()[0])) {
      throw new UncertifiableException("'" + node.label() + "' has a bound that is no number");
    }
    return value.values()[0];
  }

  /** The two one after the other, which are one again. */
  Clamp after(Clamp first) {
    return new Clamp(applied(first.low), applied(first.high));
  }

  private double applied(double value) {
    return Math.min(Math.max(value, low), high);
  }

  /** The form of a layer; +0 and -0 bound the same. */
  @Override
  public String toString() {
    return "clamped to [%s, %s]".formatted(low + 0.0, high + 0.0);
  }
}
