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

import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our texts against onnx's own printer and parser, on all fixtures but those with float16 elements,
 * which onnx writes as bit patterns.
 */
@UsesPython
class GraphTextOracleTest {
  @TempDir private Path folder;

  @Test
  void onnx_reads_what_we_print() throws IOException {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    List<Path> models = withoutHalves();
    for (Path model : models) {
      Files.writeString(texts.resolve(name(model) + ".txt"), text(model));
    }

    Python.TORCH2.run("onnx_text.py", "parse", texts, folder.resolve("models"));

    for (Path model : models) {
      Path parsed = folder.resolve("models").resolve(name(model) + ".onnx");
      assertThat(text(parsed)).isEqualTo(text(model));
    }
  }

  @Test
  void we_read_what_onnx_prints() throws IOException {
    List<Path> models = withoutHalves();
    Path copies = Files.createDirectory(folder.resolve("models"));
    for (Path model : models) {
      Files.copy(model, copies.resolve(model.getFileName()));
    }

    Python.TORCH2.run("onnx_text.py", "print", copies, folder.resolve("texts"));

    for (Path model : models) {
      String printed = Files.readString(folder.resolve("texts").resolve(name(model) + ".txt"));
      assertThat(GraphText.print(GraphText.parse(printed))).isEqualTo(text(model));
    }
  }

  private static String name(Path model) {
    return model.getFileName().toString().replace(".onnx", "");
  }

  private static String text(Path file) {
    try (OnnxCheckpoint model = OnnxReader.read(file)) {
      return GraphText.print(model.graph());
    }
  }

  private static List<Path> withoutHalves() {
    List<Path> models = new ArrayList<>(Fixtures.small());
    models.removeIf(model -> text(model).contains("float16"));
    assertThat(models).hasSizeGreaterThan(40);
    return models;
  }
}
