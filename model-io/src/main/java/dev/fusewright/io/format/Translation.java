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
package dev.fusewright.io.format;

import dev.fusewright.core.graph.ModelGraph;
import java.util.List;

/**
 * A model in ONNX's terms.
 *
 * @param graph the model; with operators of other kinds in it if some are unknown
 * @param unknown operators that results depend on and that are not known in ONNX's terms, sorted
 */
public record Translation(ModelGraph graph, List<String> unknown) {
  /** Copies. */
  public Translation {
    unknown = List.copyOf(unknown);
  }
}
