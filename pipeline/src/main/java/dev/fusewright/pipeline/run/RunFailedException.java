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
package dev.fusewright.pipeline.run;

import org.jspecify.annotations.Nullable;

/** A run that could not be carried through; what was published until then is right. */
public final class RunFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** A run that did not begin, or of which nobody knows whether it did. */
  public RunFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** A run that its workers gave up. */
  public static RunFailedException onTheWay(RunSpec run, String why, @Nullable Throwable cause) {
    return new RunFailedException(
        "the run gave up: %s. What it published until then is right; start it again to go on. Its reports so far are in %s"
            .formatted(why, run.folder().location()),
        cause);
  }
}
