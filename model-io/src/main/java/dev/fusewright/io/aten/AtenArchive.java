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

import dev.fusewright.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** An archive of a program and of the parameters that it names. */
public interface AtenArchive {
  /** What errors call the archive. */
  String label();

  Program program();

  /** The values of a parameter; null if they are not plainly stored. */
  @Nullable Tensor tensor(Parameter parameter);

  /** Whether the program says of a parameter what the archive says of it. */
  boolean isDescribed(Parameter parameter);

  /** Whether another parameter has the same storage, or a part of it. */
  boolean isShared(Parameter parameter);

  /** Whether a parameter of this name can be written anew; constants of the program cannot. */
  boolean isWeight(String fqn);

  /** Whether the elements of a parameter have a place of their own which they fill. */
  boolean fillsItsPlace(Parameter parameter);
}
