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
package dev.fusewright.deploy.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the compiler does not see: every package says what it is for, every file under which licence
 * it stands.
 */
class SourceTreeTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  /** Javadoc of more than a few words, then the annotation, then the package. */
  private static final Pattern DOCUMENTED =
      Pattern.compile("/\\*\\*.{40,}?\\*/\\s*@NullMarked\\s+package [\\w.]+;", Pattern.DOTALL);

  private static final Pattern WHAT_IT_NEVER_HOLDS = Pattern.compile("(?i)\\bnever\\b");

  @Test
  void every_package_is_documented_and_null_marked() {
    assertThat(packages()).isNotEmpty();
    assertThat(packages().filter(info -> !DOCUMENTED.matcher(text(info)).find())).isEmpty();
  }

  @Test
  void every_package_says_what_must_never_appear_in_it() {
    assertThat(packages().filter(info -> !WHAT_IT_NEVER_HOLDS.matcher(text(info)).find()))
        .isEmpty();
  }

  @Test
  void every_source_file_begins_with_the_licence() {
    String licence = text(HOME.resolve("src/config/licence-header.txt")).strip();
    assertThat(sources().filter(file -> !text(file).startsWith(licence))).isEmpty();
  }

  /** The package-info of every folder with main sources, whether there is such a file or not. */
  private static Stream<Path> packages() {
    return sources()
        .filter(file -> file.toString().contains("/src/main/java/"))
        .map(file -> file.resolveSibling("package-info.java"))
        .distinct();
  }

  private static Stream<Path> sources() {
    return Stream.of("fusion-core", "model-io", "pipeline", "deploy")
        .map(module -> HOME.resolve(module).resolve("src"))
        .flatMap(src -> filesUnder(src).stream())
        .filter(file -> file.toString().endsWith(".java"));
  }

  private static List<Path> filesUnder(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Empty for a file that does not exist, so that it fails every rule. */
  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
