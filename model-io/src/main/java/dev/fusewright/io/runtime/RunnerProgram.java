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
package dev.fusewright.io.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What a child runs: the runtime, and the command that becomes it. */
interface RunnerProgram {
  /** Name of the runtime, for reports. */
  String runtime();

  /**
   * Command line of the program, which answers as the package's manual says.
   *
   * @param scratch the child's private folder, in which the program may be laid
   * @throws IOException if it cannot be laid there
   */
  List<String> command(RunnerOptions options, Path scratch) throws IOException;
}
