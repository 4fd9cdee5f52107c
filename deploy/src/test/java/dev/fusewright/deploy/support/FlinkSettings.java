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
package dev.fusewright.deploy.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;

/** A configuration of Flink, judged by Flink itself. */
public final class FlinkSettings {
  /** Not in Flink's core: of the operator, of YARN, and of the reporter that is a plugin. */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "kubernetes.operator.pod-template.merge-arrays-by-name",
          "metrics.reporter.prom.factory.class",
          "metrics.reporter.prom.port",
          "yarn.application.name");

  private static final Map<String, ConfigOption<?>> OPTIONS = options();

  private final Configuration configuration;

  private FlinkSettings(Configuration configuration) {
    this.configuration = configuration;
  }

  /** Settings as they stand in a file or on a command line. */
  public static FlinkSettings of(Map<String, String> entries) {
    return new FlinkSettings(Configuration.fromMap(entries));
  }

  /** Settings of a FlinkDeployment, with what the operator makes of its resources. */
  public static FlinkSettings of(JsonNode deployment) {
    Configuration configuration = new Configuration();
    deployment
        .at("/spec/flinkConfiguration")
        .properties()
        .forEach(entry -> configuration.setString(entry.getKey(), entry.getValue().asText()));
    configuration.set(JobManagerOptions.TOTAL_PROCESS_MEMORY, memory(deployment, "jobManager"));
    configuration.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, memory(deployment, "taskManager"));
    configuration.set(
        TaskManagerOptions.CPU_CORES, deployment.at("/spec/taskManager/resource/cpu").asDouble());
    return new FlinkSettings(configuration);
  }

  private static MemorySize memory(JsonNode deployment, String role) {
    return MemorySize.parse(deployment.at("/spec/" + role + "/resource/memory").asText());
  }

  /** All of it. */
  public Configuration configuration() {
    return configuration;
  }

  /** Keys that this Flink does not know, or knows under another name now, and values it refuses. */
  public List<String> faults() {
    List<String> faults = new ArrayList<>();
    for (String key : configuration.keySet()) {
      ConfigOption<?> option = OPTIONS.get(key);
      if (option == null && !OF_OTHERS.contains(key)) {
        faults.add("unknown: " + key);
      } else if (option != null) {
        try {
          configuration.get(option);
        } catch (IllegalArgumentException e) {
          faults.add(e.getMessage());
        }
      }
    }
    return faults;
  }

  /**
   * How Flink divides a TaskManager's memory.
   *
   * @throws org.apache.flink.configuration.IllegalConfigurationException if it does not add up
   */
  public TaskExecutorProcessSpec taskManager() {
    return TaskExecutorProcessUtils.processSpecFromConfig(configuration);
  }

  /**
   * How Flink divides the JobManager's memory.
   *
   * @throws org.apache.flink.configuration.IllegalConfigurationException if it does not add up
   */
  public JobManagerProcessSpec jobManager() {
    return JobManagerProcessUtils.processSpecFromConfigWithNewOptionToInterpretLegacyHeap(
        configuration, JobManagerOptions.JVM_HEAP_MEMORY);
  }

  /** Every option that is declared in Flink's package of options, by its key of today. */
  private static Map<String, ConfigOption<?>> options() {
    Map<String, ConfigOption<?>> options = new TreeMap<>();
    try (JarFile jar = new JarFile(jarOf(ConfigOption.class).toFile())) {
      jar.stream()
          .map(JarEntry::getName)
          .filter(name -> name.matches("org/apache/flink/configuration/[A-Za-z]+Options.class"))
          .map(name -> name.replace('/', '.').substring(0, name.length() - ".class".length()))
          .forEach(name -> addOptions(name, options));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return options;
  }

  private static void addOptions(String name, Map<String, ConfigOption<?>> options) {
    try {
      for (Field field : Class.forName(name).getFields()) {
        if (Modifier.isStatic(field.getModifiers())
            && field.get(null) instanceof ConfigOption<?> option) {
          options.put(option.key(), option);
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(name, e);
    }
  }

  private static Path jarOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
