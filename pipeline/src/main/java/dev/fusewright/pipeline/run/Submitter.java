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

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Gives runs to what does their work, with the options that it was made with: the port to a runner.
 * A runner is one package with an implementation, and one line where the command line chooses.
 */
public interface Submitter {
  /** Whether nobody is to wait for the end of a run. */
  boolean isDetached();

  /** Versions of the libraries that carry the run where it is started, by their short names. */
  default Map<String, String> versions() {
    return Map.of();
  }

  /**
   * Checks the options. Nothing is reached or started yet.
   *
   * @param jobName of the run, unique
   * @param scratch existing local folder, which is there until the run has ended or been handed
   *     over
   * @throws IllegalArgumentException if nobody knows an option, or its value is wrong
   */
  Prepared prepare(String jobName, Path scratch) throws IOException;

  /** Options that are right. */
  @FunctionalInterface
  interface Prepared {
    /**
     * Reaches the workers.
     *
     * @throws IllegalArgumentException if the run was not made for them
     * @throws RunFailedException if they cannot be reached, or there are none
     */
    Workers reach() throws RunFailedException;
  }
}
