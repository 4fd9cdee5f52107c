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
package dev.fusewright.io.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is said of a failure, which is the same in every run. */
final class OrtErrorsTest {
  private final Path folder = Path.of("/tmp/scratch-17").toAbsolutePath();

  @Test
  void a_message_names_the_model_without_its_temporary_folder() {
    String message = "Load model from %s failed".formatted(folder.resolve("original.onnx"));

    assertThat(OrtErrors.withoutFolder(message, folder))
        .isEqualTo("Load model from original.onnx failed");
  }

  @Test
  void a_message_of_another_folder_stays() {
    String message = "no file /tmp/scratch-171/original.onnx";

    assertThat(OrtErrors.withoutFolder(message, folder)).isEqualTo(message);
    assertThat(OrtErrors.withoutFolder(message, folder.getRoot())).isEqualTo(message);
    assertThat(OrtErrors.withoutFolder(message, null)).isEqualTo(message);
  }
}
