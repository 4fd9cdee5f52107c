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
package dev.fusewright.core.testing;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** Inputs for a graph of a test, the same each time. */
public final class SeededInputs {
  private SeededInputs() {}

  /**
   * Numbers in [−2, 2) for every input that is no constant; a scalar where the rank is unknown.
   *
   * @param open size of dimensions that the graph leaves open
   */
  public static Map<String, NdArray> of(ModelGraph model, long open, long seed) {
    Set<String> constants =
        model.graph().initializers().stream().map(Initializer::name).collect(Collectors.toSet());
    Random random = new Random(seed);
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    for (ValueInfo input : model.graph().inputs()) {
      if (!constants.contains(input.name())) {
        inputs.put(input.name(), array(input.type(), shape(input, open), random));
      }
    }
    return inputs;
  }

  private static Shape shape(ValueInfo input, long open) {
    List<Dim> dims = input.dims() == null ? List.of() : input.dims();
    return new Shape(
        dims.stream().map(dim -> dim instanceof Dim.Fixed fixed ? fixed.size() : open).toList());
  }

  /** Numbers in [−2, 2). */
  public static NdArray array(ElementType type, Shape shape, Random random) {
    return NdArray.of(type, shape, random.doubles(shape.elementCount(), -2, 2).toArray());
  }
}
