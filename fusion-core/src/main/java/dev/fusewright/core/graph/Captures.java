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
package dev.fusewright.core.graph;

import java.util.LinkedHashSet;
import java.util.Set;

/** The values that bodies read from the scopes around them. */
public final class Captures {
  private Captures() {}

  /** Names that the bodies of {@code node} read without defining them, each once. */
  public static Set<String> of(Node node) {
    Set<String> captured = new LinkedHashSet<>();
    for (Graph body : node.bodies()) {
      captured.addAll(of(body));
    }
    return captured;
  }

  /** Names that {@code body} reads without defining them, each once. */
  public static Set<String> of(Graph body) {
    Set<String> read = new LinkedHashSet<>();
    for (Node node : body.nodes()) {
      read.addAll(node.inputs());
      read.addAll(of(node));
    }
    body.outputs().forEach(output -> read.add(output.name()));
    read.removeAll(body.definedNames());
    read.remove("");
    return read;
  }
}
