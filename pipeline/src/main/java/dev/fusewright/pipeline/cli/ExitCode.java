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
package dev.fusewright.pipeline.cli;

/** What the process ends with. */
public final class ExitCode {
  /** Everything went well. */
  public static final int OK = 0;

  /** Wrong usage or configuration. */
  public static final int USAGE = 1;

  /** Some entries were rejected or failed; for a single file: rejected, or different. */
  public static final int REJECTED = 2;

  /** Nothing could be done. */
  public static final int NOTHING = 3;

  private ExitCode() {}
}
