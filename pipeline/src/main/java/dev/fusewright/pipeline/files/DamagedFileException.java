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
package dev.fusewright.pipeline.files;

import dev.fusewright.io.file.Problem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file that is read back is not what was written: cut short, changed, or of another kind. */
public final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;

  /** What is wrong, and where. */
  public DamagedFileException(Problem problem) {
    this(problem, null);
  }

  /** What is wrong, found by something underneath. */
  public DamagedFileException(Problem problem, @Nullable Throwable cause) {
    super(problem.toString(), cause);
    this.problem = problem;
  }

  /** What is wrong, and where. */
  public Problem problem() {
    return problem;
  }
}
