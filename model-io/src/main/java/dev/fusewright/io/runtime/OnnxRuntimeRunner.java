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
package dev.fusewright.io.runtime;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verify.Evaluation;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelRunner;
import dev.fusewright.core.verify.ModelSession;
import dev.fusewright.core.verify.RunFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runner of one model file, by ONNX Runtime in one of a pool's child processes. */
final class OnnxRuntimeRunner implements ModelRunner {
  private final RunnerPool pool;
  private final Path model;
  private final @Nullable ModelGraph graph;
  private final Duration limit;

  /**
   * A runner of the model in a file.
   *
   * @param graph of the model; null if it has not been read
   * @param limit of the time of each request
   */
  OnnxRuntimeRunner(RunnerPool pool, Path model, @Nullable ModelGraph graph, Duration limit) {
    this.pool = pool;
    this.model = model.toAbsolutePath();
    this.graph = graph;
    this.limit = limit;
  }

  /** Inputs and outputs of a model. */
  private record Signature(List<ValueInfo> inputs, List<ValueInfo> outputs) {}

  @Override
  public ModelRunner within(Duration newLimit) {
    return new OnnxRuntimeRunner(pool, model, graph, newLimit);
  }

  @Override
  public String describe() {
    return "%s, %s, graph optimizations off"
        .formatted(pool.runtime(), Amounts.count(pool.options().threads(), "thread"));
  }

  @Override
  public ModelSession open(Evaluation evaluation) throws ModelRunException {
    try {
      return OpenedModel.open(
          pool,
          model,
          limit,
          evaluation,
          pool.options().threads(),
          in -> new Signature(RunnerProtocol.readSignature(in), RunnerProtocol.readSignature(in)),
          (opened, said) ->
              new OnnxRuntimeSession(opened, inputs(said.inputs()), outputs(said.outputs())));
    } catch (ModelRunException e) {
      throw explained(e);
    }
  }

  /**
   * The runtime calls an unknown rank 0, also that of an output that is declared otherwise than it
   * is computed. What comes out has a shape in any case.
   */
  private static List<ValueInfo> outputs(List<ValueInfo> said) {
    return said.stream()
        .map(
            output ->
                List.of().equals(output.dims())
                    ? new ValueInfo(output.name(), output.type(), null)
                    : output)
        .toList();
  }

  /** The runtime calls an unknown rank 0; the graph knows better. */
  private List<ValueInfo> inputs(List<ValueInfo> said) {
    if (graph == null) {
      return said;
    }
    Set<String> rankless =
        graph.graph().inputs().stream()
            .filter(input -> input.dims() == null)
            .map(ValueInfo::name)
            .collect(Collectors.toSet());
    return said.stream()
        .map(
            input ->
                rankless.contains(input.name())
                    ? new ValueInfo(input.name(), input.type(), null)
                    : input)
        .toList();
  }

  /**
   * A refusal, by what the graph shows: the runtime's words for an operator that it cannot run are
   * many, and the same as those for broken models.
   */
  private ModelRunException explained(ModelRunException refusal) {
    if (graph == null || refusal.failure() != RunFailure.INVALID_MODEL) {
      return refusal;
    }
    return Obstacle.in(graph)
        .map(
            obstacle ->
                new ModelRunException(
                    obstacle.failure(),
                    "load %s: %s".formatted(model.getFileName(), obstacle.sentence())))
        .orElse(refusal);
  }
}
