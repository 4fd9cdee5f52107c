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

import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.ExternalTool.Answer;
import dev.fusewright.deploy.support.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python package, built of the lite archive and installed where there is nothing else. */
@Tag("distribution")
final class WheelIT {
  private static final Path SOURCES = Project.DEPLOY.resolve("python");

  @TempDir private static Path folder;

  private static Path wheel;
  private static Path fresh;

  @BeforeAll
  static void install() throws IOException {
    wheel = build(folder.resolve("wheel"));
    fresh = folder.resolve("fresh/bin/python");
    python("-m", "venv", "--without-pip", folder.resolve("fresh").toString());
    python("-m", "pip", "--python", fresh.toString(), "install", "-q", "--no-index", "" + wheel);
  }

  private static Path build(Path output) throws IOException {
    ExternalTool bash = ExternalTool.onPath("bash").orElseThrow();
    Answer answer =
        bash.run(
            folder,
            List.of(
                SOURCES.resolve("build").toString(),
                lite().toString(),
                output.toString(),
                ExternalTool.linter("python").toString()));
    assertThat(answer.code()).as(answer.out()).isZero();
    return Path.of(answer.out().strip());
  }

  private static Path lite() throws IOException {
    try (Stream<Path> made = Files.list(Path.of(System.getProperty("fusewright.dist")))) {
      return made.filter(Files::isDirectory)
          .filter(file -> file.getFileName().toString().startsWith("fusewright-lite-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static String python(String... arguments) {
    Answer answer = ExternalTool.linter("python").run(folder, List.of(arguments));
    assertThat(answer.code()).as(answer.out()).isZero();
    return answer.out().strip();
  }

  @Test
  void its_own_tests_pass_where_it_is_installed() {
    String packages = python("-c", "import sysconfig; print(sysconfig.get_path('purelib'))");
    Answer answer =
        ExternalTool.onPath("env")
            .orElseThrow()
            .run(
                folder,
                Map.of(
                    "PYTHONPATH",
                    packages,
                    "PYTHONDONTWRITEBYTECODE",
                    "1",
                    "JAVA_HOME",
                    System.getProperty("java.home"),
                    "XDG_CACHE_HOME",
                    "/nonexistent",
                    "FUSEWRIGHT_EXAMPLES",
                    Project.HOME.resolve("src/models").toString()),
                List.of(
                    fresh.toString(),
                    "-m",
                    "pytest",
                    "-q",
                    "-p",
                    "no:cacheprovider",
                    "--basetemp=" + folder.resolve("pytest"),
                    SOURCES.resolve("tests").toString()));
    assertThat(answer.code()).as(answer.out()).isZero();
    assertThat(answer.out()).contains(" passed").doesNotContain("skipped");
  }

  @Test
  void its_types_are_right_by_the_strictest_rules() throws IOException {
    Path program =
        Files.writeString(
            folder.resolve("program.py"),
            """
            import fusewright

            report: fusewright.Report = fusewright.fuse("a.onnx", "b.onnx", verify="site")
            nodes: "int | None" = report.before.nodes if report.before else None
            """);
    List<String> command =
        List.of(
            "-m",
            "mypy",
            "--strict",
            "--cache-dir=" + folder.resolve("mypy"),
            "--python-executable=" + fresh,
            program.toString());
    Answer answer = ExternalTool.linter("python").run(folder, command);
    assertThat(answer.code()).as(answer.out()).isZero();

    Files.writeString(program, "import fusewright\nfusewright.fuse(1, \"b.onnx\")\n");
    assertThat(ExternalTool.linter("python").run(folder, command).out())
        .contains("incompatible type");
  }

  @Test
  void two_wheels_of_one_installation_have_equal_bytes() throws IOException {
    assertThat(build(folder.resolve("again"))).hasSameBinaryContentAs(wheel);
  }
}
