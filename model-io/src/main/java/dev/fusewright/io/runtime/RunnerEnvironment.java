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

import java.util.Map;
import java.util.Set;

/**
 * Environment of a child: what Java and the C library need, and nothing that may hold a credential.
 */
final class RunnerEnvironment {
  /** Inherited, if set: the encoding of file names, and where native libraries are found. */
  static final Set<String> INHERITED = Set.of("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH");

  /** Set for every child. */
  static final Map<String, String> SET =
      Map.of(
          // Otherwise each thread of native code claims 128 MiB of the address space.
          "MALLOC_ARENA_MAX", "2", "ORT_DISABLE_TELEMETRY", "1");

  private RunnerEnvironment() {}

  /** Takes out of {@code environment} all but what is inherited, and puts in what is set. */
  static void confine(Map<String, String> environment) {
    environment.keySet().retainAll(INHERITED);
    environment.putAll(SET);
  }
}
