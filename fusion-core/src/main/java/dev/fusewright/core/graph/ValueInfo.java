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

import dev.fusewright.core.tensor.ElementType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The name and, as far as the model says it, the type of a value.
 *
 * @param type {@link ElementType#UNDEFINED} if the value is no tensor or its type is not given
 * @param dims null if the rank is unknown
 * @param container what the model says of a value that is no tensor, such as {@code
 *     sequence(float)}; empty for tensors, and where nothing is said
 */
public record ValueInfo(String name, ElementType type, @Nullable List<Dim> dims, String container) {
  /** Copies the dimensions. */
  public ValueInfo {
    dims = dims == null ? null : List.copyOf(dims);
  }

  /** A tensor, or a value of which nothing else is known. */
  public ValueInfo(String name, ElementType type, @Nullable List<Dim> dims) {
    this(name, type, dims, "");
  }

  /** A value that is no tensor. */
  public static ValueInfo container(String name, String container) {
    return new ValueInfo(name, ElementType.UNDEFINED, null, container);
  }

  /** A value of which only the name is known. */
  public static ValueInfo untyped(String name) {
    return new ValueInfo(name, ElementType.UNDEFINED, null);
  }
}
