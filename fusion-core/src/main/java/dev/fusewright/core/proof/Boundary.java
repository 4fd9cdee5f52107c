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
package dev.fusewright.core.proof;

import java.util.List;

/**
 * Inputs and outputs of a site, by names that survive writing and reading.
 *
 * @param scope steps from the main graph or a function to the scope, see {@link ScopeLocator}
 * @param names of each step, the first as here, the others as another model may have it
 * @param inputs values that enter the site; constants are none
 * @param outputs values that leave it
 */
record Boundary(
    List<String> scope, List<List<String>> names, List<String> inputs, List<String> outputs) {
  Boundary {
    scope = List.copyOf(scope);
    names = List.copyOf(names);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** In the model itself that has these steps. */
  Boundary(List<String> scope, List<String> inputs, List<String> outputs) {
    this(scope, scope.stream().map(List::of).toList(), inputs, outputs);
  }

  /** With the steps to the scope that another model has. */
  Boundary in(List<String> steps) {
    return new Boundary(steps, inputs, outputs);
  }
}
