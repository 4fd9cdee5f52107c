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
package dev.fusewright.io.aten;

import dev.fusewright.core.graph.ModelGraph;
import java.util.Map;
import java.util.Set;

/**
 * A program in the terms of rules.
 *
 * @param graph whose node {@code i} is that of the program, if it has that many
 * @param parameters by the names of the initializers that hold them
 * @param names of parameters in the lowered graph, by those that they have in the program
 * @param shared names of the initializers whose storage another parameter has too
 */
public record Lowered(
    ModelGraph graph,
    Map<String, Parameter> parameters,
    Map<String, String> names,
    Set<String> shared) {
  public Lowered {
    parameters = Map.copyOf(parameters);
    names = Map.copyOf(names);
    shared = Set.copyOf(shared);
  }
}
