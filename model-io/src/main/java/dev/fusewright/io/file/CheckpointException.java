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

/**
 * A checkpoint cannot be read. Unchecked, because what a file contains is decided far from where
 * its weights are read; whoever drives a whole model catches this type once.
 */
public abstract sealed class CheckpointException extends RuntimeException
    permits MalformedFileException,
        TooLargeException,
        UnreadableFileException,
        UnsupportedFormatException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;

  CheckpointException(Problem problem, @Nullable Throwable cause) {
    super(problem.toString(), cause);
    this.problem = problem;
  }

  /** What is wrong, and where. */
  public Problem problem() {
    return problem;
  }

  /** Whether the same file may be readable a moment later. */
  public boolean isRetryable() {
    return false;
  }
}
