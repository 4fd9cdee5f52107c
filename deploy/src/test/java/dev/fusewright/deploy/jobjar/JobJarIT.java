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
package dev.fusewright.deploy.jobjar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is submitted to a cluster: everything but what the cluster itself has. */
class JobJarIT {
  private static JarFile jar;

  @BeforeAll
  static void open() throws IOException {
    jar = new JarFile(System.getProperty("fusewright.job"));
  }

  @AfterAll
  static void close() throws IOException {
    jar.close();
  }

  @Test
  void flink_and_the_logging_api_are_left_to_the_cluster() {
    assertThat(entries()).noneMatch(name -> name.startsWith("org/apache/flink/"));
    assertThat(entries()).noneMatch(name -> name.startsWith("org/slf4j/"));
  }

  @Test
  void tables_of_a_run_are_not_written_by_a_job() {
    assertThat(entries()).noneMatch(name -> name.matches("org/(apache/parquet|locationtech)/.*"));
  }

  @Test
  void no_signature_of_another_jar_is_left() {
    assertThat(entries()).noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|DSA|RSA)"));
  }

  @Test
  void service_files_of_one_name_are_merged() throws IOException {
    assertThat(services("org.apache.beam.sdk.options.PipelineOptionsRegistrar"))
        .contains(
            "org.apache.beam.sdk.options.DefaultPipelineOptionsRegistrar",
            "org.apache.beam.runners.flink.FlinkRunnerRegistrar$Options");
    assertThat(services("org.apache.beam.sdk.runners.PipelineRunnerRegistrar"))
        .contains("org.apache.beam.runners.flink.FlinkRunnerRegistrar$Runner");
    assertThat(services("org.apache.hadoop.fs.FileSystem"))
        .contains("org.apache.hadoop.hdfs.DistributedFileSystem");
  }

  @Test
  void every_module_of_ours_and_the_native_library_for_linux_are_in_it() {
    assertThat(entries())
        .contains(
            "dev/fusewright/core/package-info.class",
            "dev/fusewright/io/package-info.class",
            "dev/fusewright/pipeline/package-info.class",
            "ai/onnxruntime/native/linux-x64/libonnxruntime.so",
            "ai/onnxruntime/native/linux-aarch64/libonnxruntime.so");
  }

  @Test
  void what_the_build_made_has_a_time_of_no_day() {
    assertThat(
            jar.stream()
                .filter(entry -> entry.getName().matches("dev/fusewright/.*|META-INF/MANIFEST.MF"))
                .map(ZipEntry::getTimeLocal)
                .distinct())
        .containsExactly(LocalDateTime.of(2026, 1, 1, 0, 0));
  }

  @Test
  void its_main_class_is_the_command_line() throws IOException {
    assertThat(jar.getManifest().getMainAttributes().getValue(Attributes.Name.MAIN_CLASS))
        .isEqualTo("dev.fusewright.pipeline.cli.Fusewright");
  }

  private static List<String> entries() {
    return jar.stream().map(ZipEntry::getName).toList();
  }

  private static List<String> services(String service) throws IOException {
    try (var lines = jar.getInputStream(jar.getEntry("META-INF/services/" + service))) {
      return new String(lines.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
