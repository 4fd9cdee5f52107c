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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Command that starts a child without any network: in namespaces of its own, where Linux lets a
 * user have them.
 *
 * <p>It is tried once. Where it is not permitted (many containers, some distributions, other
 * systems) children have the network of their parent.
 */
final class NetworkIsolation {
  private static final int PROBE_SECONDS = 10;

  /** What a child's command begins with; empty where isolation is not to be had. */
  static final List<String> PREFIX = probe();

  private NetworkIsolation() {}

  private static List<String> probe() {
    return Stream.of("/usr/bin/unshare", "/bin/unshare")
        .filter(program -> Files.isExecutable(Path.of(program)))
        .map(program -> List.of(program, "--map-root-user", "--net", "--"))
        .filter(NetworkIsolation::works)
        .findFirst()
        .orElse(List.of());
  }

  private static boolean works(List<String> prefix) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("/bin/sh", "-c", "exit 0"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    RunnerEnvironment.confine(builder.environment());
    try {
      Process process = builder.start();
      if (!process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
