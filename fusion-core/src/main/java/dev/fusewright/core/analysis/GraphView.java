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
package dev.fusewright.core.analysis;

import dev.fusewright.core.analysis.shape.ValueScope;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One scope as patterns and rules see it: read only, and current while the engine works on it. */
public interface GraphView extends ValueScope {
  /** ONNX's IR version. */
  long irVersion();

  /** All nodes, in graph order. */
  Iterable<Node> nodes();

  /**
   * Everybody in this scope who reads {@code value}; a node whose body reads it counts once per
   * node.
   */
  List<Use> uses(String value);

  /** How many {@link #uses} there are. */
  int useCount(String value);

  /** Whether {@code value} is an output of this scope. */
  boolean isOutput(String value);

  /** Whether {@code value} is a sparse initializer of this scope. */
  boolean isSparse(String value);

  /**
   * What all calls of a function agree to pass for one of its inputs; null where nothing is known.
   */
  @Nullable Operand argument(String input);

  @Override
  default @Nullable Tensor constantArgument(String input) {
    return argument(input) instanceof Operand.Constant constant ? constant.tensor() : null;
  }

  /** The scope around this one, for a body. */
  @Override
  @Nullable GraphView outer();
}
