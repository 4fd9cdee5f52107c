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
package dev.fusewright.core.verify;

/** A model could not be loaded or run; the message names the model and what the runner said. */
public final class ModelRunException extends Exception {
  private static final long serialVersionUID = 1L;

  private final RunFailure failure;

  /** A failure of kind {@code failure}. */
  public ModelRunException(RunFailure failure, String message) {
    super(message);
    this.failure = failure;
  }

  /** The kind of failure. */
  public RunFailure failure() {
    return failure;
  }
}
