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
package dev.fusewright.core.match;

import static dev.fusewright.core.graph.OpKind.ADD;
import static dev.fusewright.core.graph.OpKind.CONV;
import static dev.fusewright.core.graph.OpKind.CONV_TRANSPOSE;
import static dev.fusewright.core.graph.OpKind.FLATTEN;
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;
import static dev.fusewright.core.graph.OpKind.RESHAPE;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import java.util.Set;

/** How many axes a value has, as far as that can be told without inferring the whole graph. */
public final class Ranks {
  /** The rank cannot be told. */
  public static final int UNKNOWN = -1;

  private static final int MAX_STEPS = 64;

  /** Operators whose first output has the rank of their first input. */
  private static final Set<String> KEEPING =
      Set.of(
          "BatchNormalization",
          "Relu",
          "Clip",
          "LeakyRelu",
          "PRelu",
          "Sigmoid",
          "Tanh",
          "HardSigmoid",
          "HardSwish",
          "Elu",
          "Selu",
          "Softplus",
          "Identity",
          "Dropout",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "Pad",
          "Concat",
          "InstanceNormalization",
          "LRN",
          "Transpose",
          "Resize",
          "Upsample",
          "Cast",
          "Softmax");

  private Ranks() {}

  /** The rank of {@code value}, or {@link #UNKNOWN}. */
  public static int of(GraphView graph, String value) {
    String name = value;
    for (int step = 0; step < MAX_STEPS; step++) {
      ValueInfo info = graph.info(name);
      if (info != null && info.dims() != null) {
        return info.dims().size();
      }
      Node producer = graph.producer(name);
      if (producer == null) {
        return Constants.resolve(graph, name) instanceof Operand.Constant constant
            ? constant.tensor().shape().rank()
            : UNKNOWN;
      }
      if (producer.is(GEMM) || producer.is(FLATTEN)) {
        return 2;
      }
      if (producer.is(RESHAPE) && producer.hasInput(1)) {
        return VectorLengths.of(graph, producer.input(1));
      }
      if (producer.is(CONV) || producer.is(CONV_TRANSPOSE)) {
        if (Constants.resolve(graph, producer.input(1)) instanceof Operand.Constant weight) {
          return weight.tensor().shape().rank();
        }
      } else if (producer.is(MAT_MUL) && constantRank(graph, producer.input(1)) != 2) {
        return UNKNOWN;
      } else if (producer.is(ADD)) {
        // A bias of one axis does not enlarge what it is added to.
        int bias = constantRank(graph, producer.input(0)) == 1 ? 0 : 1;
        if (constantRank(graph, producer.input(bias)) != 1) {
          return UNKNOWN;
        }
        name = producer.input(1 - bias);
        continue;
      } else if (!producer.is(MAT_MUL)
          && (!producer.op().domain().isEmpty() || !KEEPING.contains(producer.op().type()))) {
        return UNKNOWN;
      }
      name = producer.input(0);
    }
    return UNKNOWN;
  }

  private static int constantRank(GraphView graph, String value) {
    return Constants.resolve(graph, value) instanceof Operand.Constant constant
        ? constant.tensor().shape().rank()
        : UNKNOWN;
  }
}
