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
package dev.fusewright.core.analysis.shape;

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Where the values of one scope come from: all that shape inference asks of a graph. */
public interface ValueScope {
  /** The version of ONNX's own operator set that this scope imports; 1 if it imports none. */
  long opset();

  /** The node of this scope that computes {@code value}, if one does. */
  @Nullable Node producer(String value);

  /** Whether {@code value} is an input of this scope. */
  boolean isInput(String value);

  /** The initializer of that name in this scope. */
  @Nullable Initializer initializer(String value);

  /** Whether callers may give another value than the initializer of that name. */
  boolean isOverridable(String initializer);

  /** What the model says of the type of {@code value}. */
  @Nullable ValueInfo info(String value);

  /** Whether this is the body of a function, or a body inside one. */
  boolean isFunctionBody();

  /**
   * The constant that all calls of a function agree to pass for one of its inputs; null where there
   * is none.
   */
  @Nullable Tensor constantArgument(String input);

  /** The model-local function that nodes of this kind call, if there is exactly one. */
  @Nullable Function function(OpKind op);

  /** The scope around this one, for a body. */
  @Nullable ValueScope outer();

  /** The shapes of this scope's values. */
  ShapeInference shapes();
}
