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
package dev.fusewright.core.verify;

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verify.inputs.DimSizes;
import dev.fusewright.core.verify.inputs.InputFamily;
import dev.fusewright.core.verify.inputs.InputGenerator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One set of inputs. */
public sealed interface Sample {
  /** What users recognise it by, for example {@code normal [1,3,224,224]}. */
  String label();

  /** A tensor for every input; made anew each time, where it is made. */
  Map<String, Tensor> inputs();

  /**
   * Whether an input can be moved by an ulp: there is a floating-point one that is not all zero.
   */
  boolean isMovable();

  /**
   * A set that the user gave.
   *
   * @param number counted from 1
   */
  record Given(int number, Map<String, Tensor> inputs) implements Sample {
    @Override
    public String label() {
      return "given %d %s"
          .formatted(
              number, shapes(inputs.values().stream().map(tensor -> tensor.shape().toString())));
    }

    @Override
    public boolean isMovable() {
      return inputs.values().stream()
          .anyMatch(tensor -> tensor.type().isFoldable() && Magnitudes.of(tensor).largest() > 0);
    }
  }

  /**
   * A set that is made from a seed.
   *
   * @param number tells sets of one family apart
   */
  record Made(
      InputGenerator probe,
      List<ValueInfo> signature,
      DimSizes sizes,
      InputFamily family,
      int number)
      implements Sample {
    @Override
    public String label() {
      return family.label()
          + " "
          + shapes(
              signature.stream()
                  .map(sizes::extents)
                  .map(extents -> extents.toString().replace(" ", "")));
    }

    @Override
    public Map<String, Tensor> inputs() {
      return probe.inputs(signature, sizes, family, number);
    }

    @Override
    public boolean isMovable() {
      return family != InputFamily.ZEROS
          && signature.stream().anyMatch(input -> input.type().isFoldable());
    }

    /** The bytes that making the inputs takes: as doubles, and as what they are. */
    double bytes() {
      return signature.stream()
          .mapToDouble(
              input -> {
                return sizes.elements(input) * (Double.BYTES + input.type().bits() / 8.0);
              })
          .sum();
    }
  }

  private static String shapes(Stream<String> shapes) {
    return shapes.limit(3).collect(Collectors.joining(" "));
  }
}
