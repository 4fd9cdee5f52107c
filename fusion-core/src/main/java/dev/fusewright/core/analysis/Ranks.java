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

import static dev.fusewright.core.graph.OpKind.CONSTANT;
import static dev.fusewright.core.graph.OpKind.CONV;
import static dev.fusewright.core.graph.OpKind.CONV_TRANSPOSE;
import static dev.fusewright.core.graph.OpKind.FLATTEN;
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;
import static dev.fusewright.core.graph.OpKind.RESHAPE;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * How many axes a value has, as far as that can be told without inferring the whole graph: after a
 * bounded number of steps, which the lengths of vectors share, it is not told.
 */
public final class Ranks {
  /** The rank cannot be told. */
  public static final int UNKNOWN = -1;

  private static final int MAX_STEPS = 256;

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

  /** Operators that broadcast all their inputs, so that the widest decides. */
  private static final Set<String> BROADCASTING =
      Set.of("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean");

  private final GraphView graph;
  private final Map<String, Integer> known = new HashMap<>();
  private int steps;

  private Ranks(GraphView graph) {
    this.graph = graph;
  }

  /** The rank of {@code value}, or {@link #UNKNOWN}. */
  public static int of(GraphView graph, String value) {
    return new Ranks(graph).of(value);
  }

  /** Whether one more value may be looked at. */
  boolean step() {
    return ++steps <= MAX_STEPS;
  }

  int of(String value) {
    if (!step()) {
      return UNKNOWN;
    }
    Integer before = known.get(value);
    if (before != null) {
      return before;
    }
    int rank = infer(value);
    known.put(value, rank);
    return rank;
  }

  private int infer(String value) {
    ValueInfo info = graph.info(value);
    if (info != null && info.dims() != null) {
      return info.dims().size();
    }
    Node producer = graph.producer(value);
    if (producer == null || producer.is(CONSTANT)) {
      return constantRank(value);
    }
    if (!producer.op().domain().isEmpty() || !producer.output().equals(value)) {
      return UNKNOWN;
    }
    if (producer.is(GEMM) || producer.is(FLATTEN)) {
      return 2;
    }
    if (producer.is(RESHAPE) && producer.hasInput(1)) {
      return new VectorLengths(graph, this).of(producer.input(1));
    }
    if (producer.is(CONV) || producer.is(CONV_TRANSPOSE)) {
      int weight = constantRank(producer.input(1));
      return weight != UNKNOWN ? weight : of(producer.input(0));
    }
    if (producer.is(MAT_MUL)) {
      return constantRank(producer.input(1)) == 2 ? of(producer.input(0)) : UNKNOWN;
    }
    if (BROADCASTING.contains(producer.op().type())) {
      return widest(producer);
    }
    return KEEPING.contains(producer.op().type()) ? of(producer.input(0)) : UNKNOWN;
  }

  private int widest(Node node) {
    int widest = UNKNOWN;
    for (String input : node.inputs()) {
      int rank = of(input);
      if (rank == UNKNOWN) {
        return UNKNOWN;
      }
      widest = Math.max(widest, rank);
    }
    return widest;
  }

  private int constantRank(String value) {
    return Constants.resolve(graph, value) instanceof Operand.Constant constant
        ? constant.tensor().shape().rank()
        : UNKNOWN;
  }
}
