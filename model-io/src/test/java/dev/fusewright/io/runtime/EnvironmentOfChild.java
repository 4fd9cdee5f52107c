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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Program that starts a child as the pool does, and prints the child's environment. */
final class EnvironmentOfChild {
  private EnvironmentOfChild() {}

  public static void main(String[] arguments) throws Exception {
    ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor();
    try (RunnerProcess child =
        RunnerProcess.start(OnnxRuntimeProgram.INSTANCE, RunnerOptions.forProcesses(1), watchdog)) {
      print(child.pid());
    } finally {
      watchdog.shutdownNow();
    }
  }

  private static void print(long pid) throws IOException {
    String variables = Files.readString(Path.of("/proc", Long.toString(pid), "environ"));
    for (String variable : variables.split("\0")) {
      System.out.println(variable);
    }
  }
}
