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
package dev.fusewright.io.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.format.FormatContract;
import dev.fusewright.io.format.GraphCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models as text: with a header and without, with values and with generators of values. */
final class TextFormatTest extends FormatContract {
  private static final String WHOLE =
      """
      # A comment that ends with the line: <ir_version
      <ir_version: 8, opset_import: ["" : 17], metadata_props: ["author" : "me"]>
      "main graph" (float[1,3] x) => (float[1,3] y)
         <float[3] w = {1.0, -2.0, 0.5},
          float[3] v = {4.0, 5.0, 6.0}>
      {
         [sum] a = Add (x, w)
         k = Constant <value = float[1] {2.0}> ()
         b = Mul (a, k)
         y = Add (b, v)
      }
      """;

  TextFormatTest() {
    super("text");
  }

  @Override
  protected List<Path> samples(Path empty) throws IOException {
    return List.of(
        Files.writeString(empty.resolve("whole.onnxtxt"), WHOLE),
        Files.writeString(
            empty.resolve("made.txt"),
            "g (float[1,4] x) => (y) <float[4] w = random(7), float[4] v = fill(0.5)> { a = Mul(x, w) y = Add(a, v) }"));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("model"), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<ir_version: 8> g () => () {}",
        "\n # note\n<opset_import: [\"\" : 13]> g () => () {}",
        "resnet (float[1,3,224,224] x) => (float[1,1000] y) { y = Relu(x) }",
        "\"a graph\" (x) => (y) { y = Relu(x) }"
      })
  void a_text_is_told_by_how_it_begins(String text) throws IOException {
    assertThat(Formats.detect(file(text + " ".repeat(300))).map(Format::id)).contains("text");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# only a comment",
        "{\"models\": []}",
        "<html><body>",
        "print (x)",
        "name\tsize\nresnet\t12",
        "<ir_version: 8>\u0000"
      })
  void other_texts_are_none(String text) throws IOException {
    assertThat(new TextFormat().matches(FileEnds.of(file(text)))).isFalse();
  }

  @Test
  void an_error_names_line_and_column() throws IOException {
    Path file = file("<ir_version: 8>\ng (x) => (y)\n{ y = Relu (x }");

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> new TextFormat().open(file))
        .withMessage(
            file
                + ", line 3, column 15: expected a model as text, found one with a fault: expected ')'"
                + " after the inputs of Relu, found '}'");
  }

  @Test
  void a_text_without_values_can_be_looked_at_and_not_used() throws IOException {
    Path file =
        file("g (float[1,4] x) => (y) <float[3,4] w = {… 12 values}> { y = Gemm<transB=1>(x, w) }");

    try (GraphCheckpoint outline = Formats.openGraph(file)) {
      assertThat(outline.graph().graph().nodes()).hasSize(1);
      assertThat(Tensors.doubles(outline.graph().graph().initializers().get(0).tensor(), 12))
          .isNotEmpty();
      assertThatExceptionOfType(UnsupportedFormatException.class)
          .isThrownBy(outline::requireValues)
          .withMessageContaining("leaves out those of 1, the first at 1:42 (float[3,4])")
          .withMessageContaining("show --full");
    }
  }

  @Test
  void a_text_with_values_is_whole() throws IOException {
    try (GraphCheckpoint whole = Formats.openGraph(file(WHOLE))) {
      whole.requireValues();

      assertThat(whole.facts().metadata()).containsEntry("author", "me");
    }
  }

  @Test
  void what_is_made_of_a_text_is_an_onnx_model_with_the_same_graph() throws IOException {
    Path onnx = folder.resolve("model.onnx");
    try (GraphCheckpoint text = Formats.openGraph(file(WHOLE))) {
      assertThat(Formats.written(text.format())).isSameAs(Formats.onnx());
      Formats.onnx().write(text.graph(), onnx);
      try (GraphCheckpoint written = Formats.openGraph(onnx)) {
        assertThat(GraphText.print(written.graph())).isEqualTo(GraphText.print(text.graph()));
      }
    }
  }
}
