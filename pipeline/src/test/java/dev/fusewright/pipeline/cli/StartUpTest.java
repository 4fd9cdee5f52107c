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
package dev.fusewright.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.pipeline.ExampleModels;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on single files, each in a JVM of its own that says which classes it loads. */
@UsesProcesses
final class StartUpTest {
  private static final Pattern LOADED = Pattern.compile("^\\[.*\\] ([\\w.$/]+) source: .*$");
  private static final List<String> HEAVY =
      List.of("org.apache.beam.", "org.apache.flink.", "org.apache.hadoop.", "software.amazon.");

  @TempDir Path folder;

  private List<String> classesLoadedBy(int exitCode, Object... arguments)
      throws IOException, InterruptedException {
    Path log = folder.resolve("classes.log");
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.add("-Xlog:class+load:file=" + log);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Fusewright.class.getName());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output.txt").toFile())
            .start();
    assertThat(process.waitFor())
        .as(Files.readString(folder.resolve("output.txt")))
        .isEqualTo(exitCode);
    List<String> classes = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      Matcher loaded = LOADED.matcher(line);
      if (loaded.matches()) {
        classes.add(loaded.group(1));
      }
    }
    return classes;
  }

  private static List<String> heavy(List<String> classes) {
    return classes.stream().filter(name -> HEAVY.stream().anyMatch(name::startsWith)).toList();
  }

  @Test
  void inspect_loads_neither_beam_nor_flink_nor_hadoop() throws Exception {
    List<String> classes = classesLoadedBy(0, "inspect", ExampleModels.model("resnet18"), "--json");
    assertThat(classes).contains("dev.fusewright.core.engine.FusionEngine");
    assertThat(heavy(classes)).isEmpty();
  }

  @Test
  void fuse_loads_neither_beam_nor_flink_nor_hadoop() throws Exception {
    List<String> classes =
        classesLoadedBy(
            0, "fuse", ExampleModels.model("mlp_bn"), "-o", folder.resolve("fused.onnx"));
    assertThat(classes)
        .contains("dev.fusewright.io.onnx.OnnxWriter", "dev.fusewright.core.verify.ModelCheck");
    assertThat(heavy(classes)).isEmpty();
    assertThat(folder.resolve("fused.onnx")).exists();
  }

  /** A level that is set after the first logger is made is not heard, and the runner says all. */
  @Test
  void the_options_of_a_run_make_no_logger_and_no_schema() throws Exception {
    assertThat(classesLoadedBy(0, "run", "--help"))
        .contains("dev.fusewright.pipeline.settings.SettingFields")
        .doesNotContain("org.slf4j.LoggerFactory", "org.apache.avro.Schema");
  }

  @Test
  void the_check_sees_such_classes_where_they_are_loaded() throws Exception {
    // A file of another scheme than a plain path's needs Hadoop; there is none, which is exit code
    // 3.
    List<String> classes = classesLoadedBy(3, "inspect", "nosuch://bucket/model.onnx");
    assertThat(heavy(classes)).anyMatch(name -> name.startsWith("org.apache.hadoop."));
    assertThat(classes).contains("org.slf4j.LoggerFactory");
  }
}
