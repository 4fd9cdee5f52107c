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
package dev.fusewright.deploy.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.deploy.distribution.Unpacked.Answer;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.Project;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code mvn -Pdist verify} made, as those have it who download it. */
@Tag("distribution")
final class DistributionIT {
  private static final Path ARCHIVES = Path.of(System.getProperty("fusewright.dist"));
  private static final Path MODELS = Project.HOME.resolve("src/models");
  private static final Path MODEL = MODELS.resolve("resnet18.onnx");
  private static final long MEGABYTE = 1_000_000;

  @TempDir private static Path folder;

  private static Unpacked full;
  private static Unpacked lite;

  @BeforeAll
  static void unpack() throws Exception {
    full = Unpacked.of(archive("fusewright-[0-9].*\\.tar\\.gz"), folder(/* name= */ "full"));
    lite = Unpacked.of(archive("fusewright-lite-.*\\.tar\\.gz"), folder(/* name= */ "lite"));
  }

  private static Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private static Path archive(String pattern) throws IOException {
    try (Stream<Path> files = Files.list(ARCHIVES)) {
      return files
          .filter(file -> file.getFileName().toString().matches(pattern))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + pattern + " in " + ARCHIVES));
    }
  }

  private static Unpacked installation(String name) {
    return name.equals("full") ? full : lite;
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "lite"})
  void where_there_is_nothing_but_a_java_a_model_is_fused_and_proven(String name) throws Exception {
    Answer answer = installation(name).fusewright("fuse", MODEL.toString(), "-o", "x.onnx");

    assertThat(answer.err()).isEmpty();
    assertThat(answer.out())
        .contains("fused    20 sites", "EQUIVALENT: certificate, sites and whole model");
    assertThat(answer.code()).isZero();
    assertThat(installation(name).folder().resolve("x.onnx")).isNotEmptyFile();
  }

  @Test
  void the_lite_one_has_all_commands_on_single_files() throws Exception {
    Path fused = lite.folder().resolve("y.onnx");
    assertThat(
            lite.fusewright("fuse", MODEL.toString(), "-o", "y.onnx", "--report", "y.json").code())
        .isZero();
    for (List<String> command :
        List.of(
            List.of("inspect", MODEL.toString(), "--json"),
            List.of("verify", MODEL.toString(), fused.toString()),
            List.of("verify", MODEL.toString(), fused.toString(), "--certificates", "y.json"),
            List.of("show", fused.toString()),
            List.of("diff", MODEL.toString(), fused.toString()),
            List.of("rules"),
            List.of("catalogue", MODELS + "/*.onnx"),
            List.of("catalogue", MODELS + "/*.onnx", "-o", "zoo.avro"),
            List.of(
                "plan",
                "--catalogue",
                MODELS.resolve("catalogue.jsonl").toString(),
                "--output",
                "fused"),
            List.of("completion", "bash"),
            List.of("--version"),
            List.of("--help"),
            List.of("run", "--help"))) {
      Answer answer = lite.fusewright(command.toArray(String[]::new));
      assertThat(answer.err()).as("%s", command).isEmpty();
      assertThat(answer.code()).as("%s", command).isZero();
    }
  }

  @Test
  void what_the_lite_one_cannot_do_it_says() throws Exception {
    for (List<String> command :
        List.of(
            List.of("run", "--catalogue", "a.jsonl", "--output", "b"),
            List.of("retry", "--reports", "a", "--output", "b"),
            List.of("cluster", "start"),
            List.of("inspect", "s3a://zoo/model.onnx"),
            List.of("plan", "--catalogue", "hdfs://zoo/a.jsonl", "--output", "b"),
            List.of("report", "a", "--format", "parquet", "-o", "b"))) {
      Answer answer = lite.fusewright(command.toArray(String[]::new));
      assertThat(answer.err())
          .as("%s", command)
          .contains("fusewright-lite", "in full")
          .doesNotContain("Exception", "Error");
      assertThat(answer.code()).as("%s", command).isIn(1, 3);
    }
  }

  @Test
  void a_model_that_is_not_there_is_an_error_of_the_same_words_in_both() throws Exception {
    Answer answer = lite.fusewright("fuse", "none.onnx", "-o", "z.onnx");
    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).contains("none.onnx: expected a file, found nothing");
  }

  @Test
  void the_full_one_runs_a_catalogue() throws Exception {
    Answer answer =
        full.fusewright(
            "run",
            "--catalogue",
            MODELS.resolve("catalogue.jsonl").toString(),
            "--output",
            "fused");
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(full.folder().resolve("fused/resnet18.onnx")).isNotEmptyFile();
  }

  @Test
  void a_cluster_asks_for_the_job_jar_which_lies_beside_the_archives() throws Exception {
    Answer answer =
        full.fusewright(
            "run",
            "--flinkMaster=localhost:1",
            "--catalogue",
            MODELS.resolve("catalogue.jsonl").toString(),
            "--output",
            "elsewhere");
    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.err()).contains(full.home().resolve("fusewright-job.jar").toString());
    assertThat(archive("fusewright-job-.*\\.jar")).isNotEmptyFile();
  }

  @Test
  void the_lite_one_is_below_60_megabytes_without_onnx_runtime() throws Exception {
    long bytes = 0;
    for (Path file : lite.files()) {
      if (!file.getFileName().toString().startsWith("onnxruntime-")) {
        bytes += Files.size(file);
      }
    }
    assertThat(bytes).isLessThan(60 * MEGABYTE);
    assertThat(lite.jars()).noneMatch(jar -> jar.matches("(beam|flink|hadoop|netty|s3)-.*"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "lite"})
  void the_bill_of_materials_and_the_licences_are_those_of_its_jars(String name) throws Exception {
    Unpacked installation = installation(name);
    List<String> others =
        installation.jars().stream().filter(jar -> !jar.startsWith("fusewright-")).toList();
    JsonNode bill =
        new ObjectMapper().readTree(installation.home().resolve("fusewright-sbom.json").toFile());
    assertThat(bill.path("components").valueStream())
        .extracting(
            part -> part.path("name").asText() + "-" + part.path("version").asText() + ".jar")
        .filteredOn(jar -> !jar.startsWith("fusewright-"))
        .containsExactlyInAnyOrderElementsOf(others);
    assertThat(others)
        .allSatisfy(
            jar ->
                assertThat(
                        installation
                            .home()
                            .resolve(
                                "licenses/" + jar.substring(0, jar.length() - ".jar".length())))
                    .isNotEmptyDirectory());
    assertThat(Project.text(installation.home().resolve("NOTICE"))).contains(others);
    assertThat(installation.home().resolve("LICENSE"))
        .hasSameTextualContentAs(Project.HOME.resolve("LICENSE"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "lite"})
  void archive_and_zip_hold_the_same_files_of_one_time(String name) throws Exception {
    Unpacked installation = installation(name);
    Path zip = ARCHIVES.resolve(installation.home().getFileName() + ".zip");
    try (ZipFile opened = new ZipFile(zip.toFile())) {
      assertThat(opened.stream().map(entry -> entry.getName()))
          .containsExactlyInAnyOrderElementsOf(
              installation.files().stream()
                  .map(file -> installation.folder().relativize(file).toString())
                  .toList());
      assertThat(opened.stream().map(entry -> entry.getLastModifiedTime()))
          .containsOnly(opened.stream().findFirst().orElseThrow().getLastModifiedTime());
    }
    for (Path file : installation.files()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo(file.endsWith("bin/fusewright") ? "rwxr-xr-x" : "rw-r--r--");
    }
  }

  @Test
  void each_file_has_its_checksum_beside_it() throws Exception {
    try (Stream<Path> files = Files.list(ARCHIVES)) {
      List<Path> released =
          files
              .filter(Files::isRegularFile)
              .filter(file -> !file.toString().endsWith(".sha256"))
              .toList();
      assertThat(released).hasSizeGreaterThanOrEqualTo(5);
      for (Path file : released) {
        assertThat(Path.of(file + ".sha256")).hasContent(sha256(file) + "  " + file.getFileName());
      }
    }
  }

  @Test
  void the_same_jars_give_the_same_bytes() throws Exception {
    Path again = folder.resolve("again");
    ExternalTool.Answer answer =
        ExternalTool.onPath("python3")
            .orElseThrow()
            .run(
                folder,
                List.of(
                    Project.DEPLOY.resolve("distribution/build").toString(),
                    "--version=" + full.home().getFileName().toString().replace("fusewright-", ""),
                    "--time=2026-01-01T00:00:00Z",
                    "--lib=" + System.getProperty("fusewright.lib"),
                    "--sbom=" + System.getProperty("fusewright.sbom"),
                    "--java=" + Path.of(System.getProperty("java.home"), "bin", "java"),
                    "--output=" + again));

    assertThat(answer.code()).as(answer.out()).isZero();
    for (String pattern : List.of("fusewright-[0-9].*", "fusewright-lite-.*")) {
      for (String kind : List.of("\\.tar\\.gz", "\\.zip")) {
        Path archive = archive(pattern + kind);
        assertThat(again.resolve(archive.getFileName())).hasSameBinaryContentAs(archive);
      }
    }
  }

  private static String sha256(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Test
  void completions_know_all_commands() {
    assertThat(Project.text(full.home().resolve("share/completions/fusewright.bash")))
        .contains("inspect", "--explain", "cluster", "--taskmanagers");
    assertThat(Project.text(lite.home().resolve("share/completions/fusewright.bash")))
        .contains("inspect", "--explain")
        .doesNotContain("--taskmanagers");
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "lite"})
  void pages_of_the_manual_are_those_that_the_program_writes(String name) throws Exception {
    Answer answer = installation(name).fusewright("man", "-o", "man");
    assertThat(answer.code()).as(answer.err()).isZero();
    List<Path> written = Project.filesUnder(installation(name).folder().resolve("man"));
    assertThat(written).hasSizeGreaterThan(5);
    for (Path page : written) {
      assertThat(installation(name).home().resolve("share/man/man1").resolve(page.getFileName()))
          .hasSameBinaryContentAs(page);
    }
  }
}
