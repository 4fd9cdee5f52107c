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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.text.GraphText;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Short ways to evaluate a text. */
final class Evaluation {
  private Evaluation() {}

  /** The sole output of a model without inputs. */
  static NdArray answer(String text) {
    List<NdArray> answers = answers(text);
    if (answers.size() != 1) {
      throw new IllegalArgumentException("one output expected, found " + answers.size());
    }
    return answers.get(0);
  }

  /** All outputs of a model without inputs. */
  static List<NdArray> answers(String text) {
    ModelGraph model = GraphText.parse(text);
    return List.copyOf(ReferenceEvaluator.evaluate(model, Map.of()).values());
  }

  /**
   * The output {@code y} of one node, whose inputs are {@code float} constants declared in {@code
   * constants}.
   */
  static NdArray node(long opset, String constants, String node) {
    return answer(
        "<ir_version: 8, opset_import: [\"\" : %d]> g () => (y) <%s> { %s }"
            .formatted(opset, constants, node));
  }

  static NdArray floats(Shape shape, double... values) {
    return NdArray.of(ElementType.FLOAT, shape, values);
  }

  /** A one-dimensional float array. */
  static NdArray floats(double... values) {
    return floats(Shape.of(values.length), values);
  }

  /** Numbers between commas. */
  static double[] numbers(String list) {
    return Arrays.stream(list.split(",")).mapToDouble(Double::parseDouble).toArray();
  }

  static Shape shape(long... dims) {
    return Shape.of(dims);
  }
}
