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
package dev.fusewright.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds model files. */
final class Fixtures {
  private Fixtures() {}

  /** Our own small models: one soundness condition each. */
  static List<Path> small() {
    try {
      return onnxFiles(Path.of(Fixtures.class.getResource("/fixtures/adversarial").toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Path small(String name) {
    return small().stream()
        .filter(path -> path.endsWith(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no fixture " + name));
  }

  /** Real models by others; skips the test where {@code FUSEWRIGHT_MODELS} is not set. */
  static List<Path> real() {
    List<Path> files = onnxFiles(realFolder());
    assertThat(files).as("ONNX files in FUSEWRIGHT_MODELS").isNotEmpty();
    return files;
  }

  /** Where the {@link #real} ones are. */
  static Path realFolder() {
    String folder = System.getenv("FUSEWRIGHT_MODELS");
    assumeTrue(folder != null, "FUSEWRIGHT_MODELS is not set: real models are not tested");
    assertThat(Path.of(folder)).as("FUSEWRIGHT_MODELS").isDirectory();
    return Path.of(folder);
  }

  /** The path of a {@link #real} one within that folder. */
  static String realName(Path file) {
    return realFolder().relativize(file).toString();
  }

  static List<Path> onnxFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(path -> path.toString().endsWith(".onnx")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
