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

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.runtime.util.bash.BashJavaUtils;

/** Role of a process in a cluster. */
enum FlinkRole {
  /** Takes jobs from whoever has some. */
  SESSION(
      "jobmanager",
      StandaloneSessionClusterEntrypoint.class.getName(),
      BashJavaUtils.Command.GET_JM_RESOURCE_PARAMS,
      CoreOptions.FLINK_JM_JVM_OPTIONS),

  /** Runs one application, and ends with it. */
  APPLICATION(
      "jobmanager",
      ApplicationEntryPoint.class.getName(),
      BashJavaUtils.Command.GET_JM_RESOURCE_PARAMS,
      CoreOptions.FLINK_JM_JVM_OPTIONS),

  /** Does the work. */
  TASK_MANAGER(
      "taskmanager",
      TaskManagerRunner.class.getName(),
      BashJavaUtils.Command.GET_TM_RESOURCE_PARAMS,
      CoreOptions.FLINK_TM_JVM_OPTIONS);

  private final String word;
  private final String mainClass;
  private final BashJavaUtils.Command memory;
  private final ConfigOption<String> virtualMachine;

  FlinkRole(
      String word,
      String mainClass,
      BashJavaUtils.Command memory,
      ConfigOption<String> virtualMachine) {
    this.word = word;
    this.mainClass = mainClass;
    this.memory = memory;
    this.virtualMachine = virtualMachine;
  }

  /** A JobManager's name, since there is only one; what a TaskManager's name begins with. */
  String word() {
    return word;
  }

  String mainClass() {
    return mainClass;
  }

  /** How Flink's own tool is asked for this role's memory. */
  BashJavaUtils.Command memory() {
    return memory;
  }

  /** Under which key Flink's configuration has arguments for the JVMs of this role. */
  ConfigOption<String> virtualMachine() {
    return virtualMachine;
  }
}
