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
package dev.fusewright.deploy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's archive of classes, in a folder laid out as an installation. */
final class ClassArchiveIT {
  private static final Path HOME = Path.of(System.getProperty("fusewright.home"));
  private static final Path MODEL = HOME.resolve("src/models/mlp_bn.onnx");

  /** What no two starts say alike. */
  private static final Pattern ELAPSED = Pattern.compile("elapsed [0-9.]+ s");

  @TempDir private Path folder;

  private Path cache;

  @BeforeEach
  void install() throws IOException {
    Path bin = Files.createDirectories(folder.resolve("installed/bin"));
    Files.copy(HOME.resolve("fusewright"), bin.resolve("fusewright"));
    Files.createSymbolicLink(
        bin.resolveSibling("lib"), Path.of(System.getProperty("fusewright.lib")));
    cache = folder.resolve("cache");
  }

  /** Before the folder goes, with all that is in it. */
  @AfterEach
  void unlink() throws IOException {
    if (Files.isSymbolicLink(folder.resolve("installed/lib"))) {
      Files.delete(folder.resolve("installed/lib"));
    }
  }

  /** What a start said, and which of its classes came from where. */
  private record Start(int code, String out, String err, List<String> classes) {
    boolean isFromArchive() {
      return classes.stream()
          .anyMatch(
              line ->
                  line.contains("dev.fusewright.core.engine.FusionEngine ")
                      && line.contains("shared objects file"));
    }
  }

  private Start inspect() throws IOException, InterruptedException {
    return start("inspect", MODEL.toString());
  }

  /** Runs a command, and waits for whatever was started beside it. */
  private Start start(String... command) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Path log = folder.resolve("classes.log");
    ProcessBuilder builder =
        new ProcessBuilder(folder.resolve("installed/bin/fusewright").toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.command().addAll(List.of(command));
    builder.environment().put("XDG_CACHE_HOME", cache.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("FUSEWRIGHT_JAVA_OPTS", "-Xlog:class+load:file=" + log);
    Process process = builder.start();
    Set<ProcessHandle> beside = new HashSet<>();
    while (process.isAlive()) {
      process.descendants().forEach(beside::add);
      Thread.onSpinWait();
    }
    beside.forEach(handle -> handle.onExit().join());
    return new Start(
        process.waitFor(),
        ELAPSED.matcher(Files.readString(out)).replaceAll("elapsed"),
        Files.readString(err),
        Files.readAllLines(log));
  }

  private Path archive() throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("fusewright"))) {
      return files.filter(file -> file.toString().endsWith(".jsa")).findFirst().orElseThrow();
    }
  }

  @Test
  void the_second_start_takes_its_classes_from_what_the_first_one_left() throws Exception {
    Start first = inspect();
    assertThat(first.code()).isZero();
    assertThat(first.isFromArchive()).isFalse();
    assertThat(Files.size(archive())).isGreaterThan(1 << 20);

    Start second = inspect();
    assertThat(second.isFromArchive()).isTrue();
    assertThat(second.out()).isEqualTo(first.out()).contains("mlp_bn.onnx");
    assertThat(second.err()).isEqualTo(first.err());
    try (Stream<Path> left = Files.list(cache.resolve("fusewright"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.endsWith(".jsa") || name.endsWith(".lock"));
    }
  }

  @Test
  void a_run_has_an_archive_of_its_own_with_the_pipeline_in_it() throws Exception {
    Path flags = HOME.resolve("src/config/flink-java17.args");
    Path lib = folder.resolve("installed/lib");
    Files.delete(lib);
    Files.createDirectory(lib);
    try (Stream<Path> jars = Files.list(Path.of(System.getProperty("fusewright.lib")))) {
      for (Path jar : jars.toList()) {
        Files.createSymbolicLink(lib.resolve(jar.getFileName()), jar);
      }
    }
    Files.copy(flags, lib.resolve("flink-java17.args"));
    String[] plan = {
      "plan",
      "--catalogue=" + HOME.resolve("src/models/catalogue.jsonl"),
      "--output=" + folder.resolve("fused")
    };

    Start first = start(plan);
    assertThat(first.code()).as(first.err()).isZero();
    Start second = start(plan);

    assertThat(second.isFromArchive()).as(second.err()).isTrue();
    assertThat(archive().getFileName().toString()).startsWith("run-classes-");
    assertThat(Files.size(archive())).as("Beam and Flink").isGreaterThan(50 << 20);
    assertThat(second.out()).isEqualTo(first.out());
  }

  @Test
  void an_archive_of_other_jars_or_of_nonsense_is_no_hindrance() throws Exception {
    Start first = inspect();
    byte[] whole = Files.readAllBytes(archive());
    for (byte[] damaged : List.of(Arrays.copyOf(whole, 1 << 20), new byte[whole.length])) {
      Path archive = archive();
      Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rw-r--r--"));
      Files.write(archive, damaged);

      Start next = inspect();

      assertThat(next.code()).isZero();
      assertThat(next.out()).isEqualTo(first.out());
      assertThat(next.err()).isEqualTo(first.err());
      assertThat(next.isFromArchive()).isFalse();
    }
  }

  @Test
  void an_archive_older_than_a_jar_is_made_anew() throws Exception {
    Start first = inspect();
    Files.setLastModifiedTime(archive(), FileTime.fromMillis(0));

    assertThat(inspect().isFromArchive()).isFalse();
    Start third = inspect();
    assertThat(third.isFromArchive()).isTrue();
    assertThat(third.out()).isEqualTo(first.out());
  }

  @Test
  void a_cache_that_cannot_be_written_is_no_hindrance() throws Exception {
    Files.writeString(cache, "a file where the folder would be");

    Start start = inspect();

    assertThat(start.code()).isZero();
    assertThat(start.out()).contains("mlp_bn.onnx");
    assertThat(start.err()).isEmpty();
    assertThat(start.isFromArchive()).isFalse();
  }
}
