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
package dev.fusewright.pipeline.beam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.pipeline.ExampleModels;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page about Beam shows a program that runs. */
final class BeamPageTest {
  private static final Path PAGE = Path.of("..", "src", "docs", "beam.md");
  private static final Path PROGRAM =
      Path.of("src", "test", "java", "dev", "fusewright", "pipeline", "beam", "BeamExample.java");

  @TempDir Path folder;

  @Test
  void the_page_shows_the_program_as_it_is() throws Exception {
    String program = Files.readString(PROGRAM);
    assertThat(Files.readString(PAGE))
        .contains(program.substring(program.indexOf("import ")).strip());
  }

  @Test
  void the_program_fuses_a_zoo_and_says_what_failed() throws Exception {
    Path out = folder.resolve("out");
    Path catalogue =
        Files.writeString(
            folder.resolve("zoo.jsonl"),
            """
            {"id": "perceptron", "uri": "%s"}
            {"id": "truncated", "uri": "%s"}
            """
                .formatted(
                    ExampleModels.model("mlp_bn"),
                    ExampleModels.folder().resolve("broken/truncated.onnx")));
    BeamExample.main(new String[] {catalogue.toString(), out.toString()});
    assertThat(out.resolve("perceptron.onnx")).exists();
    assertThat(out.resolve("failed")).content().hasLineCount(1).startsWith("truncated: ");
    assertThat(out.resolve("reports/today/part-00000-of-00001.avro")).exists();
  }
}
