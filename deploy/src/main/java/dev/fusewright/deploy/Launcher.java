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
package dev.fusewright.deploy;

import dev.fusewright.deploy.cluster.ClusterCommand;
import dev.fusewright.pipeline.cli.Fusewright;
import java.util.Map;

/** The program as it is installed: the job's commands, and those that need an installation. */
public final class Launcher {
  private Launcher() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Fusewright.run(Map.of("cluster", () -> new ClusterCommand()), arguments);
  }
}
