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
package dev.fusewright.core.proof.structure;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;

/** Attributes of functions that have defaults, which a graph does not show. */
final class FunctionDefaults {
  private FunctionDefaults() {}

  /** Whether all attributes that the body takes are ones without a default. */
  static boolean areShown(Function function) {
    return areShown(function, function.body());
  }

  private static boolean areShown(Function function, Graph body) {
    return body.nodes().stream()
        .allMatch(
            node ->
                node.attributes().values().stream().allMatch(it -> isShown(function, it))
                    && node.bodies().stream().allMatch(inner -> areShown(function, inner)));
  }

  private static boolean isShown(Function function, Attribute attribute) {
    return !(attribute instanceof Attribute.Reference reference)
        || function.attributes().contains(reference.name());
  }
}
