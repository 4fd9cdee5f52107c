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
package dev.fusewright.core.modules;

import java.util.List;

/** The modules of a model, as far as a module list must know them to be spelled out. */
public interface ModuleDirectory {
  /** The dotted names of the modules without children, in the model's order. */
  List<String> names();

  /** Whether there is a fuser for these modules, in this order. */
  boolean isFusable(List<String> group);

  /**
   * Whether a module is seen to have no parameters, as the Identity that stands where another model
   * of the family has a BatchNorm. Conditions of a list take it for absent.
   */
  default boolean isBare(String name) {
    return false;
  }
}
