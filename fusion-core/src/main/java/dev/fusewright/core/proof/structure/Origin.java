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

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;

/** Origin of a value, as a scope has it; Identity is looked through. */
sealed interface Origin {
  /** An optional input that is not given. */
  record Absent() implements Origin {}

  /**
   * What callers of the scope pass.
   *
   * @param index among the scope's inputs
   */
  record Input(String name, int index) implements Origin {}

  /**
   * The same in every run.
   *
   * @param name of the first value that holds it
   */
  record Constant(String name, Tensor tensor) implements Origin {}

  /**
   * A result of a node.
   *
   * @param output index among the node's outputs
   */
  record Result(Node node, int output) implements Origin {
    String name() {
      return node.outputs().get(output);
    }
  }

  /** A value of a scope around this one, which is no constant there. */
  record Outer(String name) implements Origin {}

  /** A constant of which only the name is known. */
  record Unreadable(String name) implements Origin {}
}
