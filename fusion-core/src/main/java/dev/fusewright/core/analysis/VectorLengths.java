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

import static dev.fusewright.core.graph.OpKind.CAST;
import static dev.fusewright.core.graph.OpKind.CONCAT;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.tensor.Tensors;

/**
 * How many elements a vector of integers has that a model puts together at run time, as exporters
 * do for the shape of a Reshape: its length is the rank of the result, though its values are not
 * known.
 */
final class VectorLengths {
  private static final int UNKNOWN = Ranks.UNKNOWN;
  private static final OpKind SHAPE = OpKind.onnx("Shape");
  private static final OpKind SLICE = OpKind.onnx("Slice");

  private final GraphView graph;
  private final Ranks ranks;

  /**
   * Lengths within {@code graph}.
   *
   * @param ranks asked for those of shapes, and for whether to go on
   */
  VectorLengths(GraphView graph, Ranks ranks) {
    this.graph = graph;
    this.ranks = ranks;
  }

  /** The number of elements of the vector {@code value}, or {@link Ranks#UNKNOWN}. */
  int of(String value) {
    if (!ranks.step()) {
      return UNKNOWN;
    }
    if (Constants.resolve(graph, value) instanceof Operand.Constant constant) {
      return constant.tensor().shape().rank() == 1
          ? (int) constant.tensor().shape().dim(0)
          : UNKNOWN;
    }
    Node producer = graph.producer(value);
    if (producer == null) {
      return UNKNOWN;
    }
    if (producer.is(CAST)) {
      return of(producer.input(0));
    }
    if (producer.is(SHAPE) && producer.attributes().isEmpty()) {
      return ranks.of(producer.input(0));
    }
    if (producer.is(SLICE)) {
      return slice(producer);
    }
    if (!producer.is(CONCAT)) {
      return UNKNOWN;
    }
    int sum = 0;
    for (String part : producer.inputs()) {
      int length = of(part);
      if (length == UNKNOWN) {
        return UNKNOWN;
      }
      sum += length;
    }
    return sum;
  }

  /** A slice from one place within the vector to another, forwards and without gaps. */
  private int slice(Node slice) {
    long start = single(slice.input(1));
    long end = single(slice.input(2));
    boolean plain = !slice.hasInput(4) || single(slice.input(4)) == 1;
    int whole = of(slice.input(0));
    return plain && start >= 0 && end > start && end <= whole ? (int) (end - start) : UNKNOWN;
  }

  /** The one element of a constant; {@link #UNKNOWN} if it is none. */
  private long single(String value) {
    return Constants.resolve(graph, value) instanceof Operand.Constant constant
            && constant.tensor().shape().elementCount() == 1
        ? Tensors.longs(constant.tensor(), 1)[0]
        : UNKNOWN;
  }
}
