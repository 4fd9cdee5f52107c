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
package dev.fusewright.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.ExampleModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code show}, and its text in the place of a model. */
final class TextFormTest {
  private static final String NET =
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[1,3,4,4] x) => (float[1,4,4,4] z)
         <float[4,3,1,1] w = {0.5, -0.5, 0.25, 1.0, 2.0, 3.0, 0.1, 0.2, 0.3, -1.0, -2.0, -3.0},
          float[4] p = {1.0, 2.0, 0.5, 1.5},
          float[4] v = {0.5, 1.0, 1.5, 2.0}>
      {
         [conv] a = Conv (x, w)
         [bn] b = BatchNormalization (a, p, p, p, v)
         z = Relu (b)
      }
      """;

  @TempDir Path folder;

  private Path text(String content) throws IOException {
    return Files.writeString(folder.resolve("net.txt"), content);
  }

  private Path onnx() throws IOException {
    Path file = folder.resolve("net.onnx");
    Formats.onnx().write(GraphText.parse(NET), file);
    return file;
  }

  @Test
  void show_prints_the_text_form_and_show_full_all_of_it() throws IOException {
    Answer outline = Answer.of("show", onnx());

    assertThat(outline.code()).as(outline.err()).isZero();
    assertThat(outline.out())
        .isEqualTo(GraphText.printShort(GraphText.parse(NET)))
        .contains("w = {… 12 values}");
    assertThat(Answer.of("show", onnx(), "--full").out()).isEqualTo(NET);
  }

  @Test
  void show_prints_a_text_as_it_does_the_model() throws IOException {
    assertThat(Answer.of("show", text(NET)).out()).isEqualTo(Answer.of("show", onnx()).out());
  }

  @Test
  void show_around_prints_a_node_with_its_neighbours() {
    Path model = ExampleModels.model("resnet18");
    String name =
        Answer.of("show", model)
            .out()
            .lines()
            .filter(line -> line.contains("= Conv"))
            .skip(5)
            .findFirst()
            .orElseThrow()
            .replaceAll("^ *\\[\"?([^\\]\"]*)\"?\\].*", "$1");
    Answer around = Answer.of("show", model, "--around", name);

    assertThat(around.code()).as(around.err()).isZero();
    assertThat(around.out()).startsWith("# around " + name).contains("= Conv", "= Relu");
    assertThat(around.out().lines().filter(line -> line.contains(" = ")).count())
        .isLessThan(Answer.of("show", model).out().lines().count() / 4);
    assertThat(GraphText.parseShort(around.out(), "around").model().graph().nodes())
        .hasSizeBetween(3, 12);
  }

  @Test
  void show_refuses_what_has_no_graph_and_a_node_that_is_not_there() throws IOException {
    Path states =
        Files.write(
            folder.resolve("s.safetensors"),
            "\2\0\0\0\0\0\0\0{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));

    assertThat(Answer.of("show", states).code()).isEqualTo(3);
    assertThat(Answer.of("show", states).err()).contains("a model as text or an ONNX model");
    assertThat(Answer.of("show", onnx(), "--around", "nobody").code()).isEqualTo(1);
    assertThat(Answer.of("show", folder.resolve("none.onnx")).code()).isEqualTo(3);
  }

  @Test
  void inspect_takes_a_text_with_values_and_without() throws IOException {
    Answer whole = Answer.of("inspect", text(NET), "--json");
    Path shown = Files.writeString(folder.resolve("shown.txt"), Answer.of("show", onnx()).out());
    Answer outline = Answer.of("inspect", shown, "--json");

    assertThat(whole.code()).as(whole.err()).isZero();
    assertThat(whole.json().get("fusions")).hasSize(1);
    assertThat(whole.json().get("format").asText()).isEqualTo("text");
    assertThat(outline.json().get("fusions")).isEqualTo(whole.json().get("fusions"));
    assertThat(Answer.of("inspect", shown, "--explain", "bn").out()).contains("fired");
  }

  @Test
  void diff_compares_a_model_with_its_text_as_far_as_that_goes() throws IOException {
    Path shown = Files.writeString(folder.resolve("shown.txt"), Answer.of("show", onnx()).out());

    assertThat(Answer.of("diff", onnx(), text(NET)).out())
        .contains("the same structure and parameters");
    Answer outline = Answer.of("diff", onnx(), shown);
    assertThat(outline.out())
        .contains("the same structure")
        .contains("left out by a text form: 1 parameter")
        .doesNotContain("and parameters" + System.lineSeparator());
    assertThat(Answer.of("diff", onnx(), shown, "--json").json().get("uncompared")).hasSize(1);
    assertThat(Answer.of("diff", onnx(), text(NET.replace("Relu", "Abs"))).out())
        .contains("+ Abs", "- Relu");
  }

  @Test
  void a_text_with_values_is_fused_into_an_onnx_model_as_the_model_would_be() throws IOException {
    Path fromText = folder.resolve("text.onnx");
    Path fromModel = folder.resolve("model.onnx");
    Answer answer = Answer.of("fuse", text(NET), "-o", fromText, "--json");
    Answer.of("fuse", onnx(), "-o", fromModel);

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.json().at("/equivalence/verdict").asText()).isEqualTo("EQUIVALENT");
    try (GraphCheckpoint first = Formats.openGraph(fromText);
        GraphCheckpoint second = Formats.openGraph(fromModel)) {
      assertThat(first.format().id()).isEqualTo("onnx");
      assertThat(GraphText.print(first.graph())).isEqualTo(GraphText.print(second.graph()));
    }
  }

  @Test
  void a_text_in_which_there_is_nothing_to_fuse_is_written_as_onnx_too() throws IOException {
    Path target = folder.resolve("plain.onnx");
    Answer answer =
        Answer.of(
            "fuse", text("g (float[1] x) => (float[1] y) { y = Relu(x) }"), "-o", target, "--json");

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.json().get("output").get("sha256").asText())
        .isEqualTo(Staging.sha256(target));
    try (GraphCheckpoint written = Formats.openGraph(target)) {
      assertThat(written.format().id()).isEqualTo("onnx");
    }
  }

  @Test
  void a_text_without_values_is_not_fused_and_the_error_says_what_to_do() throws IOException {
    Path shown = Files.writeString(folder.resolve("shown.txt"), Answer.of("show", onnx()).out());
    Path target = folder.resolve("out.onnx");
    Answer answer = Answer.of("fuse", shown, "-o", target, "--json");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.json().at("/error/type").asText()).isEqualTo("UnsupportedFormatException");
    assertThat(answer.err())
        .contains("leaves out those of 1, the first at 3:", "(float[4,3,1,1])", "show --full");
    assertThat(target).doesNotExist();
  }

  @Test
  void a_text_is_not_replaced_by_a_model() throws IOException {
    Path text = text(NET);
    Answer answer = Answer.of("fuse", text, "--in-place");

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).contains("cannot take its place");
    assertThat(text).hasContent(NET);
  }

  @Test
  void verify_compares_a_text_with_a_model() throws IOException {
    Path fused = folder.resolve("fused.onnx");
    Answer.of("fuse", text(NET), "-o", fused, "--verify", "none");

    Answer same = Answer.of("verify", text(NET), fused);
    assertThat(same.code()).as(same.out() + same.err()).isZero();
    Answer different = Answer.of("verify", text(NET.replace("1.5}", "1.75}")), fused);
    assertThat(different.code()).as(different.out() + different.err()).isEqualTo(2);
  }
}
