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

import dev.fusewright.core.tensor.Tensor;

/**
 * A tensor that was written anew, and what its elements became in the type that they are stored in.
 *
 * @param scope of a graph, or the path of a state dict, as text
 * @param name of the initializer, of the output of the node that holds it, or in the state dict
 * @param nonFinite elements that are infinite or NaN: a fold that makes any must not be published
 * @param subnormal elements below the type's smallest normal number, and not zero
 * @param zero elements that are zero, of either sign
 */
public record RewrittenTensor(
    String scope, String name, long elements, long nonFinite, long subnormal, long zero) {
  /** A tensor all of whose elements {@code census} has taken. */
  public static RewrittenTensor of(String scope, String name, Tensor tensor, ElementCensus census) {
    return new RewrittenTensor(
        scope,
        name,
        tensor.shape().elementCount(),
        census.nonFinite(),
        census.subnormal(),
        census.zero());
  }
}
