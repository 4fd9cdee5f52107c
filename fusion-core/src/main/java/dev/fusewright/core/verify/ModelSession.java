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

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A loaded model. Sessions hold memory, and often a whole process: close them soon, and hold one at
 * a time.
 *
 * <p>Not for use by several threads.
 */
public interface ModelSession extends AutoCloseable {
  /**
   * What must be fed, in the model's order; initializers that could be overridden are not among
   * them.
   */
  List<ValueInfo> inputs();

  /** What the model answers and can be compared, in its order. */
  List<ValueInfo> outputs();

  /**
   * What the model answers beside that, of types that cannot be passed on: strings, sequences,
   * maps.
   */
  default List<ValueInfo> opaqueOutputs() {
    return List.of();
  }

  /**
   * Runs the model once.
   *
   * @param inputs a tensor for each of {@link #inputs()}; of strings only the shape counts
   * @param outputs names of the {@link #outputs()} to compute
   * @return the outputs asked for, in that order; their bytes are on the heap
   * @throws ModelRunException if the run fails; after {@link RunFailure#isFatal()} the session is
   *     of no more use
   */
  Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs)
      throws ModelRunException;

  /** Releases what the session holds; never fails. */
  @Override
  void close();
}
