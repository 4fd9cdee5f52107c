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

import java.time.Duration;

/** One model that can be run, somewhere. */
public interface ModelRunner {
  /** What runs it and how, for the report: {@code ONNX Runtime 1.28.0, graph optimizations off}. */
  String describe();

  /**
   * Loads the model.
   *
   * @throws ModelRunException if it cannot be loaded here; its {@link RunFailure} says why
   */
  ModelSession open(Evaluation evaluation) throws ModelRunException;

  /**
   * The same model, each of whose requests (loading it, or one run) is given up after {@code
   * limit}, and no sooner; a runner that counts something else than time takes no notice.
   */
  default ModelRunner within(Duration limit) {
    return this;
  }
}
