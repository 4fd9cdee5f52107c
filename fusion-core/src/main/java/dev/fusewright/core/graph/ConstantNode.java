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
package dev.fusewright.core.graph;

import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The value of a Constant node, in whichever attribute it stands. */
public final class ConstantNode {
  private ConstantNode() {}

  /** The value of a Constant node, or null where it is none we can read. */
  public static @Nullable Tensor value(Node constant) {
    for (Attribute attribute : constant.attributes().values()) {
      if (attribute instanceof Attribute.TensorValue tensor) {
        return tensor.value();
      } else if (attribute instanceof Attribute.Real real) {
        return LiteralTensor.ofFloats(Shape.SCALAR, (float) real.value());
      } else if (attribute instanceof Attribute.Int integer) {
        return LiteralTensor.ofLongs(Shape.SCALAR, integer.value());
      } else if (attribute instanceof Attribute.Reals reals) {
        float[] values = new float[reals.values().size()];
        IntStream.range(0, values.length).forEach(i -> values[i] = reals.values().get(i));
        return LiteralTensor.ofFloats(Shape.of(values.length), values);
      } else if (attribute instanceof Attribute.Ints ints) {
        return LiteralTensor.ofLongs(ints.values().stream().mapToLong(Long::longValue).toArray());
      }
    }
    return null;
  }
}
