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
package dev.fusewright.core.reference;

/**
 * The values of an evaluation do not fit into the part of the heap that it may take. The message
 * names the value that was too much.
 */
public final class EvaluationMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EvaluationMemoryException(String value, long elements, long held, long most) {
    super(
        "the %d elements of '%s', beside %d MiB of other values, are more than the %d MiB that an evaluation may take of this heap"
            .formatted(elements, value, held >> 20, most >> 20));
  }
}
