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

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.runtime.util.bash.BashJavaUtils;

/**
 * Command lines of a cluster's processes: each a JVM of its own, with the memory Flink computes.
 */
final class FlinkJvm {
  /**
   * The terminal's signals are not for a cluster, which outlives the command that starts it. The
   * shell becomes Java, so that the number of the process is Java's.
   */
  private static final String SHELL = "trap '' HUP INT; exec \"$@\"";

  private final ClusterHome home;
  private final List<String> open;

  /** Processes of the cluster in a folder, in which configuration and jars are. */
  FlinkJvm(ClusterHome home) {
    this.home = home;
    // Flink reaches into the JDK, here as in its processes.
    this.open =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-"))
            .toList();
  }

  /**
   * Memory settings, as Flink's own tool computes them: arguments for the JVM, and properties for
   * the program.
   */
  record Memory(List<String> jvm, List<String> program) {}

  /**
   * Asks Flink's own tool.
   *
   * @throws ClusterException if the configuration's memory does not add up, with the tool's words
   */
  Memory memory(FlinkRole role) throws ClusterException, IOException {
    List<String> command = java(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(
        List.of(
            BashJavaUtils.class.getName(),
            role.memory().name(),
            "--configDir",
            home.conf().toString()));
    Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
    tool.getOutputStream().close();
    String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    List<String> results =
        said.lines()
            .filter(line -> line.startsWith(BashJavaUtils.EXECUTION_PREFIX))
            .map(line -> line.substring(BashJavaUtils.EXECUTION_PREFIX.length()))
            .toList();
    if (results.size() != 2) {
      throw new ClusterException(
          "Flink finds no memory for a %s: %s".formatted(role.word(), lastOf(said)));
    }
    return new Memory(List.of(results.get(0).split(" ")), List.of(results.get(1).split(" ")));
  }

  private static String lastOf(String said) {
    return said.lines()
        .filter(line -> line.contains("Exception"))
        .reduce((first, last) -> last)
        .orElse(said);
  }

  /**
   * Starts a process whose output goes to its log.
   *
   * @param processors that it may count on
   * @param program arguments of the role's main class
   */
  ManagedProcess start(
      FlinkRole role, String name, Memory memory, int processors, List<String> program)
      throws IOException {
    Path log = home.logs().resolve(name + ".log");
    List<String> jvm = new ArrayList<>(memory.jvm());
    jvm.add("-XX:+ExitOnOutOfMemoryError");
    jvm.add("-XX:ActiveProcessorCount=" + processors);
    // Caches in threads that outlive a job hold its classes softly: let them go at once.
    jvm.add("-XX:SoftRefLRUPolicyMSPerMB=0");
    jvm.add("-Djava.io.tmpdir=" + home.temp());
    jvm.add("-Dlog.file=" + log);
    jvm.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
    jvm.add("-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS");
    jvm.addAll(configured(role));
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SHELL, "fusewright-" + name));
    command.addAll(java(jvm));
    command.add(role.mainClass());
    command.addAll(program);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("FLINK_CONF_DIR", home.conf().toString());
    builder.directory(home.folder().toFile());
    builder.redirectInput(new java.io.File("/dev/null"));
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return ManagedProcess.of(name, builder.start());
  }

  /** Arguments that the configuration has for the JVMs of a role, as Flink's scripts read them. */
  private List<String> configured(FlinkRole role) throws IOException {
    Path file = home.conf().resolve("config.yaml");
    String both =
        FlinkConfiguration.read(file, CoreOptions.FLINK_JVM_OPTIONS)
            + " "
            + FlinkConfiguration.read(file, role.virtualMachine());
    return Stream.of(both.split(" ", -1)).filter(argument -> !argument.isEmpty()).toList();
  }

  private List<String> java(List<String> jvm) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(open);
    command.addAll(jvm);
    command.addAll(List.of("-cp", home.lib().resolve("*").toString()));
    return command;
  }
}
