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

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.verify.Evaluation;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.ModelRunner;
import dev.fusewright.core.verify.ModelSession;
import java.nio.file.Path;
import java.util.List;

/** Runner of one model file, by ONNX Runtime in one of a pool's child processes. */
final class OnnxRuntimeRunner implements ModelRunner {
  private final RunnerPool pool;
  private final Path model;

  OnnxRuntimeRunner(RunnerPool pool, Path model) {
    this.pool = pool;
    this.model = model.toAbsolutePath();
  }

  /** Inputs and outputs of a model. */
  private record Signature(List<ValueInfo> inputs, List<ValueInfo> outputs) {}

  @Override
  public String describe() {
    return "%s, %d threads, graph optimizations off"
        .formatted(pool.runtime(), pool.options().threads());
  }

  @Override
  public ModelSession open(Evaluation evaluation) throws ModelRunException {
    RunnerProcess child = pool.lease();
    try {
      Signature signature =
          child.ask(
              "load " + model,
              out -> {
                out.writeByte(RunnerProtocol.OPEN);
                RunnerProtocol.writeText(out, model.toString());
                RunnerProtocol.writeName(out, evaluation);
                out.writeInt(pool.options().threads());
              },
              in ->
                  new Signature(
                      RunnerProtocol.readSignature(in), RunnerProtocol.readSignature(in)));
      return new OnnxRuntimeSession(pool, child, model, signature.inputs(), signature.outputs());
    } catch (ModelRunException | RuntimeException | Error e) {
      pool.release(child);
      throw e;
    }
  }
}
