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

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.reference.EvaluationMemoryException;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Float64 truth of two models: what each of them computes, its own roundings left out.
 *
 * <p>Asked only where the outputs as run leave a doubt, since it is slow. Three evaluations: the
 * original, the candidate, and the original with every parameter moved by one ulp.
 */
public final class Truth {
  /** Half a minute, about. */
  private static final long MOST_OPERATIONS = 1L << 33;

  private final ModelGraph original;
  private final ModelGraph candidate;

  /** The truth of two models, whose tensors must stay readable. */
  public Truth(ModelGraph original, ModelGraph candidate) {
    this.original = original;
    this.candidate = candidate;
  }

  /**
   * What the original answers in float64 on one set of inputs, as doubles.
   *
   * @param outputs names of floating-point outputs
   * @throws UnknownException if it cannot be evaluated
   */
  Map<String, Tensor> original(Map<String, Tensor> inputs, List<String> outputs)
      throws UnknownException {
    return evaluate(original, inputs, outputs);
  }

  /**
   * The outputs of the three on one set of inputs.
   *
   * @param right what the {@linkplain #original original} answers to them
   * @throws UnknownException if one of the others cannot be evaluated
   */
  Outputs outputs(Map<String, Tensor> inputs, Map<String, Tensor> right, long seed)
      throws UnknownException {
    List<String> outputs = List.copyOf(right.keySet());
    long memory = Runtime.getRuntime().maxMemory();
    Optional<ModelGraph> nudged = NudgedParameters.of(original, seed, memory / 8);
    if (nudged.isEmpty()) {
      throw new UnknownException("the parameters are too large for the float64 reference");
    }
    return new Outputs(
        right, evaluate(nudged.get(), inputs, outputs), evaluate(candidate, inputs, outputs));
  }

  private static Map<String, Tensor> evaluate(
      ModelGraph model, Map<String, Tensor> inputs, List<String> outputs) throws UnknownException {
    try {
      Map<String, NdArray> arrays = new LinkedHashMap<>();
      inputs.forEach((name, tensor) -> arrays.put(name, NdArray.of(tensor)));
      Set<String> wanted = new LinkedHashSet<>(outputs);
      Map<String, NdArray> values =
          new ReferenceEvaluator(model.opsets(), model.functions())
              .withOperations(MOST_OPERATIONS)
              .values(model.graph(), arrays, wanted);
      Map<String, Tensor> answers = new LinkedHashMap<>();
      for (String output : wanted) {
        NdArray value = Objects.requireNonNull(values.get(output));
        answers.put(
            output, LiteralTensor.ofDoubles(ElementType.DOUBLE, value.shape(), value.values()));
      }
      return answers;
    } catch (ReferenceException
        | GraphException
        | EvaluationMemoryException
        | IllegalArgumentException e) {
      throw new UnknownException("the float64 reference: " + e.getMessage());
    }
  }

  /**
   * Outputs in float64, as doubles.
   *
   * @param original what is right
   * @param nudged what the original would answer, had its parameters been stored an ulp off
   * @param candidate what the candidate computes
   */
  record Outputs(
      Map<String, Tensor> original, Map<String, Tensor> nudged, Map<String, Tensor> candidate) {

    /**
     * The figures of one output.
     *
     * @param expected what the original answered when it was run
     * @param actual what the candidate answered when it was run
     * @throws UnknownException if they cannot be compared: their shapes differ, or they are not
     *     finite in the same places
     */
    TruthFigures figures(String output, Tensor expected, Tensor actual, double typicalMagnitude)
        throws UnknownException {
      Tensor truth = Objects.requireNonNull(original.get(output));
      return new TruthFigures(
          error(truth, Objects.requireNonNull(candidate.get(output)), typicalMagnitude),
          finite(error(truth, Objects.requireNonNull(nudged.get(output)), typicalMagnitude)),
          originalError(truth, expected, typicalMagnitude),
          error(truth, widened(actual), typicalMagnitude));
    }

    private static double finite(double error) throws UnknownException {
      if (!Double.isFinite(error)) {
        throw new UnknownException(
            "the float64 reference and the original are not finite in the same places");
      }
      return error;
    }

    /**
     * How far off the original is, as it was run.
     *
     * @throws UnknownException as {@link #figures}
     */
    static double originalError(Tensor truth, Tensor expected, double typicalMagnitude)
        throws UnknownException {
      return finite(error(truth, widened(expected), typicalMagnitude));
    }

    private static double error(Tensor truth, Tensor other, double typicalMagnitude)
        throws UnknownException {
      Optional<String> mismatch = Comparison.mismatch(truth, other);
      if (mismatch.isPresent()) {
        throw new UnknownException("the float64 reference: " + mismatch.get());
      }
      return Comparison.of(truth, other, typicalMagnitude).error();
    }

    private static Tensor widened(Tensor tensor) {
      return LiteralTensor.ofDoubles(
          ElementType.DOUBLE, tensor.shape(), NdArray.of(tensor).values());
    }
  }

  /** The truth cannot be had; the message says why. */
  static final class UnknownException extends Exception {
    private static final long serialVersionUID = 1;

    UnknownException(String reason) {
      super(reason);
    }
  }
}
