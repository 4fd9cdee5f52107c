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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.reference.UnsupportedOperatorException;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs a model with the float64 evaluator, in this process: exact, and slow.
 *
 * <p>For models that no other runner has kernels for. Inner values are not rounded to their types,
 * outputs are. A model whose estimated cost is beyond {@link #MOST_MULTIPLICATIONS} is refused.
 */
public final class ReferenceRunner implements ModelRunner {
  /** A few seconds. */
  static final long MOST_MULTIPLICATIONS = 1L << 30;

  /**
   * Layers get smaller with depth while they get more channels; so the parameters do not all meet
   * the full image.
   */
  private static final long USUAL_SHRINKING = 16;

  private final ModelGraph model;
  private final Graph graph;
  private final Set<String> constants;

  /** A runner of {@code model}, whose tensors must stay readable. */
  public ReferenceRunner(ModelGraph model) {
    this.model = model;
    this.graph = model.graph();
    this.constants =
        graph.initializers().stream().map(Initializer::name).collect(Collectors.toSet());
  }

  @Override
  public String describe() {
    return "the float64 reference";
  }

  @Override
  public ModelSession open(Evaluation evaluation) throws ModelRunException {
    return switch (evaluation) {
      case PLAIN -> new Session();
      case REORDERED ->
          throw new ModelRunException(
              RunFailure.NO_KERNEL, "the float64 reference has one order only");
    };
  }

  private final class Session implements ModelSession {
    @Override
    public List<ValueInfo> inputs() {
      return graph.inputs().stream().filter(input -> !constants.contains(input.name())).toList();
    }

    @Override
    public List<ValueInfo> outputs() {
      return graph.outputs();
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs)
        throws ModelRunException {
      refuseWhatTakesTooLong(inputs);
      try {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> arrays.put(name, NdArray.of(tensor)));
        Map<String, NdArray> values = ReferenceEvaluator.evaluate(model, arrays);
        Map<String, Tensor> answers = new LinkedHashMap<>();
        for (String output : outputs) {
          answers.put(output, Objects.requireNonNull(values.get(output)).toTensor());
        }
        return answers;
      } catch (UnsupportedOperatorException e) {
        throw new ModelRunException(
            RunFailure.NO_KERNEL, "the float64 reference: " + e.getMessage());
      } catch (ReferenceException | GraphException e) {
        throw new ModelRunException(
            RunFailure.RUN_ERROR, "the float64 reference: " + e.getMessage());
      } catch (IllegalArgumentException e) {
        throw new ModelRunException(
            RunFailure.UNSUPPORTED_TYPE, "the float64 reference: " + e.getMessage());
      }
    }

    @Override
    public void close() {}
  }

  private void refuseWhatTakesTooLong(Map<String, Tensor> inputs) throws ModelRunException {
    long parameters = parameters();
    long positions =
        inputs.values().stream().mapToLong(tensor -> positions(tensor.shape())).max().orElse(1);
    double multiplications = (double) parameters * Math.max(1, positions / USUAL_SHRINKING);
    if (multiplications > MOST_MULTIPLICATIONS) {
      throw new ModelRunException(
          RunFailure.NO_KERNEL,
          "the float64 reference is too slow for %d parameters at %d positions"
              .formatted(parameters, positions));
    }
  }

  private long parameters() {
    Stream<Tensor> initializers = graph.initializers().stream().map(Initializer::tensor);
    Stream<Tensor> constantNodes =
        graph.nodes().stream()
            .flatMap(node -> node.attributes().values().stream())
            .flatMap(
                attribute ->
                    attribute instanceof Attribute.TensorValue value
                        ? Stream.of(value.value())
                        : null);
    return Stream.concat(initializers, constantNodes)
        .mapToLong(tensor -> tensor.shape().elementCount())
        .sum();
  }

  /**
   * How often a weight meets an input: the batch times the pixels, or times the length of a
   * sequence.
   */
  private static long positions(Shape shape) {
    return switch (shape.rank()) {
      case 0, 1 -> 1;
      case 2 -> shape.dim(0);
      case 3 -> shape.dim(0) * Math.max(shape.dim(1), shape.dim(2));
      default -> shape.dim(0) * shape.elementCount(2, shape.rank());
    };
  }
}
