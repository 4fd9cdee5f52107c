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
package dev.fusewright.core.analysis.shape;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts the multiply-adds of Conv, ConvTranspose, Gemm and MatMul in one run of a model, as
 * torchvision counts them: biases, activations and norms are free, and padding is multiplied too.
 *
 * <p>A function counts as often as it is called, a body as often as it is run; of two branches that
 * differ nothing is known.
 */
public final class MultiplyAdds {
  private static final Set<String> COUNTED = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

  /** Characters of a formula that a person may still want to read. */
  private static final int MAX_FORMULA = 1000;

  /**
   * What one run takes.
   *
   * @param perSample the number, with 1 for the size of the batch where it is open; empty where
   *     other sizes are open too
   * @param formula the number as an expression of all sizes that are open, for example {@code
   *     1814073344·N}
   */
  public record Count(OptionalLong perSample, String formula) {
    /** Whether sizes are open, so that the formula is more than a number. */
    public boolean isOpen() {
      return perSample.isEmpty() || !formula.equals(Long.toString(perSample.getAsLong()));
    }
  }

  private MultiplyAdds() {}

  /** Of a model; empty where the shape of a counted node is not known. */
  public static Optional<Count> of(ModelGraph model) {
    GraphScope main = GraphScope.main(model);
    SymInt total = of(main).size();
    SymInt perSample = total == null ? null : total.substituted(batch(main));
    if (total == null || perSample == null) {
      return Optional.empty();
    }
    String formula = total.toString();
    return formula.length() <= MAX_FORMULA
        ? Optional.of(new Count(perSample.constant(), formula))
        : Optional.empty();
  }

  /** 1 for each leading size of an input that has others behind it. */
  private static Map<String, Long> batch(GraphScope main) {
    Map<String, Long> batch = new HashMap<>();
    for (ValueInfo input : main.graph().inputs()) {
      SymbolicShape shape = main.shapes().of(input.name());
      SymInt size = shape.rank() > 1 ? shape.dim(0).size() : null;
      if (size != null) {
        size.name().ifPresent(name -> batch.put(name, 1L));
      }
    }
    return batch;
  }

  private static SymbolicDim of(GraphScope scope) {
    SymbolicDim sum = SymbolicDim.of(0);
    for (Node node : scope.graph().nodes()) {
      sum = scope.shapes().mayGoOn() ? sum.plus(of(scope, node)) : SymbolicDim.UNKNOWN;
    }
    return sum;
  }

  private static SymbolicDim of(GraphScope scope, Node node) {
    if (node.op().domain().isEmpty() && COUNTED.contains(node.op().type())) {
      return product(scope.shapes(), node);
    }
    if (!node.bodies().isEmpty()) {
      return ofBodies(scope, node);
    }
    if (scope.function(node.op()) == null) {
      return SymbolicDim.of(0);
    }
    GraphScope called = ShapeInference.called(scope, node, call(scope, node).inputs());
    return called == null ? SymbolicDim.UNKNOWN : of(called);
  }

  private static InferenceCall call(GraphScope scope, Node node) {
    List<ValueFacts> inputs = new ArrayList<>();
    node.inputs().forEach(input -> inputs.add(scope.shapes().facts(input)));
    return new InferenceCall(node, inputs, scope);
  }

  private static SymbolicDim product(ShapeInference shapes, Node node) {
    SymbolicShape first = shapes.of(node.input(0));
    SymbolicShape second = shapes.of(node.input(1));
    SymbolicShape result = shapes.of(node.output());
    return switch (node.op().type()) {
      case "Conv" ->
          second.elementCount().times(result.dim(0)).times(result.product(2, result.rank()));
      case "ConvTranspose" ->
          second.elementCount().times(first.dim(0)).times(first.product(2, first.rank()));
      case "Gemm" -> result.elementCount().times(inner(node, first, second));
      default ->
          result.hasRank() && first.hasRank()
              ? result.elementCount().times(first.dim(first.rank() - 1))
              : SymbolicDim.UNKNOWN;
    };
  }

  private static SymbolicDim inner(Node gemm, SymbolicShape first, SymbolicShape second) {
    SymbolicDim ofFirst = first.dim(gemm.intAttribute("transA", 0) != 0 ? 0 : 1);
    SymbolicDim ofSecond = second.dim(gemm.intAttribute("transB", 0) != 0 ? 1 : 0);
    return ofFirst.refined(ofSecond);
  }

  private static SymbolicDim ofBodies(GraphScope scope, Node node) {
    return switch (node.op().type()) {
      case "If" -> ofBranches(scope, node);
      case "Loop" -> {
        InferenceCall loop = call(scope, node);
        yield repeated(LoopShapes.loopRounds(loop), LoopShapes.loopTrips(loop));
      }
      case "Scan" -> {
        InferenceCall scan = call(scope, node);
        yield repeated(LoopShapes.scanRounds(scan), LoopShapes.trips(scan));
      }
      default -> SymbolicDim.UNKNOWN;
    };
  }

  private static SymbolicDim ofBranches(GraphScope scope, Node node) {
    GraphScope first = Branches.branch(scope, node, "then_branch");
    GraphScope second = Branches.branch(scope, node, "else_branch");
    return first == null || second == null ? SymbolicDim.UNKNOWN : of(first).joined(of(second));
  }

  /** A body without any of these operators counts nothing, however often it is run. */
  private static SymbolicDim repeated(LoopShapes.@Nullable Rounds rounds, SymbolicDim trips) {
    if (rounds == null) {
      return SymbolicDim.UNKNOWN;
    }
    SymbolicDim once = of(rounds.body());
    return once.is(0) ? once : once.times(trips);
  }
}
