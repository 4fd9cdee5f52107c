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
package dev.fusewright.io.file;

import org.jspecify.annotations.Nullable;

/** A file asks for more memory, depth or messages than the reader's budget; it may be hostile. */
public final class TooLargeException extends CheckpointException {
  private static final long serialVersionUID = 1L;

  /** A problem found by the reader itself. */
  public TooLargeException(Problem problem) {
    this(problem, null);
  }

  /** A problem found by something underneath. */
  public TooLargeException(Problem problem, @Nullable Throwable cause) {
    super(problem, cause);
  }
}
