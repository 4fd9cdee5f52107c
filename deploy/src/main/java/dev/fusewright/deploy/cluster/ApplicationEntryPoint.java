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
package dev.fusewright.deploy.cluster;

import java.io.File;
import java.util.Arrays;
import org.apache.flink.client.deployment.application.ApplicationClusterEntryPoint;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.runtime.entrypoint.ClusterEntrypoint;
import org.apache.flink.runtime.resourcemanager.StandaloneResourceManagerFactory;

/**
 * A JobManager that runs one application and ends with it: what Flink's distribution has as {@code
 * standalone-job.sh}, and its Maven artifacts have not.
 *
 * <p>Its arguments: the folder of the configuration, the job jar, the jar's main class, and what
 * follows is the program's. The process ends with 0 if the application succeeded.
 */
public final class ApplicationEntryPoint extends ApplicationClusterEntryPoint {
  private static final int OWN = 3;

  private ApplicationEntryPoint(Configuration configuration, PackagedProgram program) {
    super(configuration, program, StandaloneResourceManagerFactory.getInstance());
  }

  /** Runs until the application ends. */
  public static void main(String[] arguments) throws Exception {
    Configuration configuration = GlobalConfiguration.loadConfiguration(arguments[0]);
    PackagedProgram program =
        PackagedProgram.newBuilder()
            .setJarFile(new File(arguments[1]))
            .setEntryPointClassName(arguments[2])
            .setArguments(Arrays.copyOfRange(arguments, OWN, arguments.length))
            .setConfiguration(configuration)
            .build();
    configureExecution(configuration, program);
    ClusterEntrypoint.runClusterEntrypoint(new ApplicationEntryPoint(configuration, program));
  }
}
