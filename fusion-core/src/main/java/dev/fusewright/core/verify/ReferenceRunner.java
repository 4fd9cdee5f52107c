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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.EvaluationBudgetException;
import dev.fusewright.core.reference.EvaluationMemoryException;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.reference.UnsupportedOperatorException;
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Runs a model with the float64 evaluator, in this process: exact, and slow.
 *
 * <p>For models that no other runner has kernels for. Inner values are not rounded to their types,
 * outputs are. A model that takes more than {@link #MOST_OPERATIONS} is given up.
 */
public final class ReferenceRunner implements ModelRunner {
  /** A few seconds. */
  static final long MOST_OPERATIONS = 1L << 31;

  /** How many times larger than the inputs the values inside a model may become altogether. */
  private static final long USUAL_GROWTH = 32;

  private final ModelGraph model;
  private final Graph graph;
  private final long operations;

  /** A runner of {@code model}, whose tensors must stay readable. */
  public ReferenceRunner(ModelGraph model) {
    this(model, MOST_OPERATIONS);
  }

  /**
   * A runner of a candidate, which may take three times as many operations as any original may: one
   * that exceeds them takes more than three times as long as an original that was run.
   */
  public static ReferenceRunner ofCandidate(ModelGraph model) {
    return new ReferenceRunner(model, 3 * MOST_OPERATIONS);
  }

  private ReferenceRunner(ModelGraph model, long operations) {
    this.model = model;
    this.operations = operations;
    this.graph = model.graph();
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
      return graph.requiredInputs();
    }

    @Override
    public List<ValueInfo> outputs() {
      return graph.outputs().stream().filter(Session::isComparable).toList();
    }

    @Override
    public List<ValueInfo> opaqueOutputs() {
      return graph.outputs().stream().filter(output -> !isComparable(output)).toList();
    }

    /** What is declared without a type is a tensor to the evaluator, which knows nothing else. */
    private static boolean isComparable(ValueInfo output) {
      return output.type() == ElementType.UNDEFINED || ElementCodec.supports(output.type());
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs)
        throws ModelRunException {
      refuseWhatDoesNotFit(inputs);
      try {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        // Strings may go in; that a node here needs them is found out there.
        inputs.forEach(
            (name, tensor) -> {
              if (tensor.type() != ElementType.STRING) {
                arrays.put(name, NdArray.of(tensor));
              }
            });
        Map<String, NdArray> values =
            new ReferenceEvaluator(model.opsets(), model.functions())
                .withOperations(operations)
                .values(graph, arrays, new LinkedHashSet<>(outputs));
        Map<String, Tensor> answers = new LinkedHashMap<>();
        for (String output : outputs) {
          answers.put(output, Objects.requireNonNull(values.get(output)).toTensor());
        }
        return answers;
      } catch (UnsupportedOperatorException e) {
        throw new ModelRunException(
            RunFailure.NO_KERNEL, "the float64 reference: " + e.getMessage());
      } catch (EvaluationBudgetException e) {
        throw new ModelRunException(
            RunFailure.TIMED_OUT, "the float64 reference: " + e.getMessage());
      } catch (EvaluationMemoryException e) {
        throw new ModelRunException(
            RunFailure.OUT_OF_MEMORY, "the float64 reference: " + e.getMessage());
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

  /** All elements are doubles here, and a weight is decoded whole. */
  private void refuseWhatDoesNotFit(Map<String, Tensor> inputs) throws ModelRunException {
    long fed = inputs.values().stream().mapToLong(tensor -> tensor.shape().elementCount()).sum();
    long weight =
        graph.initializers().stream()
            .mapToLong(constant -> constant.tensor().shape().elementCount())
            .max()
            .orElse(0);
    double bytes = Double.BYTES * ((double) USUAL_GROWTH * fed + weight);
    if (bytes > Runtime.getRuntime().maxMemory() / 2.0) {
      throw new ModelRunException(
          RunFailure.OUT_OF_MEMORY,
          "the float64 reference needs about %.0f MiB for %d elements of input"
              .formatted(bytes / (1 << 20), fed));
    }
  }
}
