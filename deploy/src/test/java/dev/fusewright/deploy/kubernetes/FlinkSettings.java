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
package dev.fusewright.deploy.kubernetes;

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

/** The {@code flinkConfiguration} of a deployment, judged by Flink itself. */
final class FlinkSettings {
  /** Not Flink's own: of the operator, and of the reporter that is a plugin of the image. */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "kubernetes.operator.pod-template.merge-arrays-by-name",
          "metrics.reporter.prom.factory.class",
          "metrics.reporter.prom.port");

  private static final Map<String, ConfigOption<?>> OPTIONS = options();

  private final JsonNode spec;
  private final Configuration configuration = new Configuration();

  private FlinkSettings(JsonNode deployment) {
    spec = deployment.path("spec");
    spec.path("flinkConfiguration")
        .fields()
        .forEachRemaining(
            entry -> configuration.setString(entry.getKey(), entry.getValue().asText()));
    // What the operator makes of the resources.
    configuration.set(JobManagerOptions.TOTAL_PROCESS_MEMORY, memory("jobManager"));
    configuration.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, memory("taskManager"));
    configuration.set(
        TaskManagerOptions.CPU_CORES, spec.at("/taskManager/resource/cpu").asDouble());
  }

  static FlinkSettings of(JsonNode deployment) {
    return new FlinkSettings(deployment);
  }

  private MemorySize memory(String role) {
    return MemorySize.parse(spec.path(role).path("resource").path("memory").asText());
  }

  Configuration configuration() {
    return configuration;
  }

  /** Keys that this Flink does not know, or knows under another name now, and values it refuses. */
  List<String> faults() {
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
  TaskExecutorProcessSpec taskManager() {
    return TaskExecutorProcessUtils.processSpecFromConfig(configuration);
  }

  /**
   * How Flink divides the JobManager's memory.
   *
   * @throws org.apache.flink.configuration.IllegalConfigurationException if it does not add up
   */
  JobManagerProcessSpec jobManager() {
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
