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
package dev.fusewright.io.onnx;

import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.io.file.Problem;

/** What a scan does with payloads that lie outside the model's own file. */
interface Externals {
  /**
   * The bytes of one external tensor.
   *
   * @param problem where the model names them
   */
  TensorSource source(ExternalRegion region, Problem problem);
}
