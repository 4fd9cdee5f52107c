package dev.fusewright.deploy.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the compiler does not see: every package says what it is for, every file under which licence it stands. */
class SourceTreeTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> MODULES =
      List.of("fusion-core", "model-io", "pipeline", "deploy");

  /** Javadoc of more than a few words, then the annotation, then the package. */
  private static final Pattern DOCUMENTED =
      Pattern.compile("/\\*\\*.{40,}?\\*/\\s*@NullMarked\\s+package [\\w.]+;", Pattern.DOTALL);

  @Test
  void every_package_is_documented_and_null_marked() throws IOException {
    assertThat(packagesWithSources()).isNotEmpty().allSatisfy(this::isDocumented);
  }

  @Test
  void every_package_says_what_must_never_appear_in_it() throws IOException {
    assertThat(packagesWithSources())
        .allSatisfy(
            folder ->
                assertThat(Files.readString(folder.resolve("package-info.java")))
                    .as("%s/package-info.java", HOME.relativize(folder))
                    .containsPattern("(?i)never"));
  }

  /** Spotless passes package-info files by, so that they are checked here. */
  @Test
  void every_source_file_begins_with_the_licence() throws IOException {
    String header = Files.readString(HOME.resolve("src/config/licence-header.txt")).strip();
    assertThat(sources())
        .allSatisfy(
            file ->
                assertThat(Files.readString(file).startsWith(header))
                    .as("%s begins with src/config/licence-header.txt", HOME.relativize(file))
                    .isTrue());
  }

  private void isDocumented(Path folder) throws IOException {
    Path info = folder.resolve("package-info.java");
    assertThat(info).exists();
    assertThat(Files.readString(info)).as("%s", HOME.relativize(info)).containsPattern(DOCUMENTED);
  }

  private static List<Path> packagesWithSources() throws IOException {
    return mainSources().stream().map(Path::getParent).distinct().sorted().toList();
  }

  private static List<Path> mainSources() throws IOException {
    return sources().stream().filter(file -> file.toString().contains("/src/main/java/")).toList();
  }

  private static List<Path> sources() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(HOME.resolve(module).resolve("src"))) {
        files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(found::add);
      }
    }
    return found;
  }
}
