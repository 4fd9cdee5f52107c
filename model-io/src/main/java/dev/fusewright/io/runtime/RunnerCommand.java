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
import java.util.stream.Stream;

/** Command line of a child process. */
final class RunnerCommand {
  /**
   * Limits the address space in KiB, where the system can; takes back what shells put into the
   * environment; then moves standard output out of the way of native code that prints, and becomes
   * the program.
   */
  private static final String SHELL =
      "ulimit -v \"$1\" 2>/dev/null; shift; unset PWD OLDPWD SHLVL _; exec \"$@\" 3>&1 1>&2";

  /**
   * What a program itself maps. Measured: Java beside its heap (code, metaspace, shared archive,
   * stacks, libraries) 0.7 GiB, Python with torch 1.0 GiB.
   */
  private static final long PROGRAM_BYTES = 1L << 30;

  private RunnerCommand() {}

  static List<String> of(RunnerProgram program, RunnerOptions options, Path scratch)
      throws IOException {
    long addressSpace = options.nativeBytes() + options.heapBytes() + PROGRAM_BYTES;
    List<String> shell =
        List.of("/bin/sh", "-c", SHELL, "fusewright-runner", Long.toString(addressSpace >> 10));
    return Stream.of(shell, NetworkIsolation.PREFIX, program.command(options, scratch))
        .flatMap(List::stream)
        .toList();
  }
}
