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
package dev.fusewright.core.reference;

import static dev.fusewright.core.reference.Operators.one;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Operators whose result follows from attributes or a shape alone: constants and ranges. */
final class ConstantOperators {
  static final Map<String, Operator> OPERATORS =
      Map.of(
          "Constant", one(ConstantOperators::constant),
          "ConstantOfShape", one(ConstantOperators::ofShape),
          "Range", one(ConstantOperators::range),
          "EyeLike", one(ConstantOperators::eyeLike));

  private ConstantOperators() {}

  private static NdArray constant(OpCall call) {
    for (Map.Entry<String, Attribute> entry : call.node().attributes().entrySet()) {
      Attribute value = entry.getValue();
      if (value instanceof Attribute.TensorValue tensor) {
        return NdArray.of(tensor.value());
      } else if (value instanceof Attribute.Int number) {
        return NdArray.ofLongs(Shape.SCALAR, number.value());
      } else if (value instanceof Attribute.Real number) {
        return NdArray.scalar(ElementType.FLOAT, number.value());
      } else if (value instanceof Attribute.Ints numbers) {
        return vector(ElementType.INT64, numbers.values());
      } else if (value instanceof Attribute.Reals numbers) {
        return vector(ElementType.FLOAT, numbers.values());
      }
    }
    throw call.unsupported("a constant of another kind than a tensor or numbers");
  }

  private static NdArray vector(ElementType type, List<? extends Number> values) {
    double[] elements = values.stream().mapToDouble(Number::doubleValue).toArray();
    return NdArray.of(type, Shape.of(elements.length), elements);
  }

  private static NdArray ofShape(OpCall call) {
    Shape shape = Shape.of(call.input(0).longs());
    Tensor given = call.node().tensorAttribute("value");
    NdArray value = given == null ? NdArray.scalar(ElementType.FLOAT, 0) : NdArray.of(given);
    double[] elements = Strided.allocate(shape);
    Arrays.fill(elements, value.values()[0]);
    return NdArray.of(value.type(), shape, elements);
  }

  private static NdArray range(OpCall call) {
    double start = call.input(0).values()[0];
    double limit = call.input(1).values()[0];
    double delta = call.input(2).values()[0];
    Shape shape = Shape.of((long) Math.max(0, Math.ceil((limit - start) / delta)));
    double[] elements = Strided.allocate(shape);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = start + i * delta;
    }
    return NdArray.of(call.input(0).type(), shape, elements);
  }

  private static NdArray eyeLike(OpCall call) {
    NdArray like = call.input(0);
    long type = call.integer("dtype", 0);
    int diagonal = Math.toIntExact(call.integer("k", 0));
    double[] elements = new double[like.size()];
    for (int row = 0; row < like.dim(0); row++) {
      int column = row + diagonal;
      if (column >= 0 && column < like.dim(1)) {
        elements[row * like.dim(1) + column] = 1;
      }
    }
    return NdArray.of(type == 0 ? like.type() : Casts.type(call, type), like.shape(), elements);
  }
}
