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
import dev.fusewright.core.verify.ModelRunner;
import dev.fusewright.core.verify.RunnerPair;
import java.nio.file.Path;
import java.util.List;

/**
 * Child processes in which PyTorch runs TorchScript archives: a Python that the user names, with
 * the limits of ONNX Runtime's children. Nothing is started before the first model is opened.
 */
public final class TorchRunners implements AutoCloseable {
  private static final int THREADS = 1;

  private final RunnerPool pool;

  /**
   * Runners that use one Python.
   *
   * @param python its executable; what it runs is torch, and the code of the archives within
   * @param options of which the number of threads is replaced by 1
   */
  public TorchRunners(Path python, RunnerOptions options) {
    this.pool = new RunnerPool(new TorchProgram(python), options.withThreads(THREADS));
  }

  /**
   * Two archives, not loaded yet.
   *
   * @param before what the original was read as; inputs and outputs are called as they are there
   * @param after the same of the candidate
   */
  RunnerPair pair(Path original, ModelGraph before, Path candidate, ModelGraph after) {
    TorchInterface values = TorchInterface.of(before);
    return new RunnerPair(
        model(original, values),
        model(candidate, values.ofCandidate(after)),
        pool.options().patience());
  }

  /** The archive in a file, not loaded yet. */
  ModelRunner model(Path file, TorchInterface values) {
    return new TorchRunner(pool, file, values, pool.options().timeLimit());
  }

  /** The numbers that the operating system gave the children that live now. */
  List<Long> childPids() {
    return pool.childPids();
  }

  @Override
  public void close() {
    pool.close();
  }
}
