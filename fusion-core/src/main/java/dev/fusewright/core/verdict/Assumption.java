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
package dev.fusewright.core.verdict;

/**
 * A premise of a verdict that the file itself does not show.
 *
 * @param kind whose word it is
 * @param what one sentence, such as {@code 'bn1' alone follows 'conv1'}
 * @param by who says so, such as {@code the module list} or {@code --eps}
 */
public record Assumption(Kind kind, String what, String by) {
  /** Origin of an assumption. */
  public enum Kind {
    /** A list, recipe or option says it of a checkpoint without a graph. */
    LISTED,
    /** The model's own interface promises it: the declared extents of an input. */
    DECLARED,
    /**
     * The file leaves it open: code is read as PyTorch's own compiler reads it, operators of a set
     * to come as those of the newest that is known.
     */
    CODE
  }
}
