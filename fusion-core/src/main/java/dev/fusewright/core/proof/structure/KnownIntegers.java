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
package dev.fusewright.core.proof.structure;

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensors;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Integers that a value holds in every run: a shape, axes, pads.
 *
 * @param values row-major
 */
record KnownIntegers(ElementType type, Shape shape, List<Long> values) {
  private static final int MAX_STEPS = 64;
  private static final Set<String> OF_FIRST_INPUT =
      Set.of(
          "Gather",
          "Concat",
          "Slice",
          "Unsqueeze",
          "Squeeze",
          "Reshape",
          "Identity",
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Neg",
          "Abs",
          "Max",
          "Min",
          "Mod",
          "Expand",
          "Tile",
          "ReduceProd",
          "Range",
          "Transpose",
          "Flatten",
          "Split");

  /**
   * What is known of a value.
   *
   * @param basis what it may rest on
   * @return null if it is not known, or not of which type the integers are
   */
  static @Nullable KnownIntegers of(ScopeSide side, String value, Basis basis, int limit) {
    if (side.origin(value) instanceof Origin.Constant constant) {
      ElementType type = constant.tensor().type();
      boolean isSmall =
          (type == ElementType.INT64 || type == ElementType.INT32)
              && constant.tensor().shape().elementCount() <= limit;
      return isSmall
          ? of(type, constant.tensor().shape(), Tensors.longs(constant.tensor(), limit))
          : null;
    }
    ShapeInference shapes = side.shapes();
    ElementType type = shapes == null ? null : type(side, value);
    if (shapes == null || type == null) {
      return null;
    }
    Shape shape = shapes.of(value).fixed(basis);
    long[] values = shapes.integers(value, limit, basis);
    return shape == null || values == null || shape.elementCount() != values.length
        ? null
        : of(type, shape, values);
  }

  private static KnownIntegers of(ElementType type, Shape shape, long[] values) {
    return new KnownIntegers(type, shape, LongStream.of(values).boxed().toList());
  }

  /** The integer type of a value, from whatever makes it. */
  private static @Nullable ElementType type(ScopeSide side, String value) {
    String name = value;
    for (int step = 0; step < MAX_STEPS; step++) {
      Origin origin = side.origin(name);
      if (origin instanceof Origin.Constant constant) {
        return integer(constant.tensor().type());
      }
      if (!(origin instanceof Origin.Result result)
          || !result.node().op().domain().isEmpty()
          || side.calls(result.node().op())) {
        return null;
      }
      Node node = result.node();
      String operator = node.op().type();
      if (operator.equals("Shape") || operator.equals("Size")) {
        return ElementType.INT64;
      } else if (operator.equals("Cast")) {
        return ElementType.ofNumber(node.intAttribute("to", 0))
            .map(KnownIntegers::integer)
            .orElse(null);
      } else if (operator.equals("ConstantOfShape")) {
        return node.attributes().get("value") instanceof Attribute.TensorValue given
            ? integer(given.value().type())
            : null;
      } else if (!OF_FIRST_INPUT.contains(operator)) {
        return null;
      }
      name = node.input(0);
    }
    return null;
  }

  private static @Nullable ElementType integer(ElementType type) {
    return type == ElementType.INT64 || type == ElementType.INT32 ? type : null;
  }
}
