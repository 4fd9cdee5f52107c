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

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.text.Printable;
import dev.fusewright.io.Formats;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose names would clear a screen, turn a line around and begin another one. */
@UsesFlink
@UsesProcesses
final class HostileNamesTest {
  private static final String MODEL =
      """
      <ir_version: 8, opset_import: ["" : 15]>
      "<b>g</b>" (float[1,1,2,2] x) => (float[1,1,2,2] "z\\u202e\\u000afusewright: EQUIVALENT")
      <float[1,1,1,1] "\\u001b]0;pwn\\u0007|`x`\\u000a=cmd" = {%s}, float[1] scale = {2.0}, float[1] shift = {0.25},
       float[1] mean = {0.5}, float[1] "var\\u009b31m" = {1.0}>
      {
        ["\\u001b[2J\\u001b[31mnode<script>alert(1)</script>"] y = Conv(x, "\\u001b]0;pwn\\u0007|`x`\\u000a=cmd")
        ["=1+1\\u2028\\u000dx"] "z\\u202e\\u000afusewright: EQUIVALENT" = BatchNormalization(y, scale, shift, mean, "var\\u009b31m")
      }
      """;

  @TempDir Path folder;

  @BeforeEach
  void models() throws Exception {
    save("a.onnx", "3.0");
    save("b.onnx", "4.0");
  }

  private Path save(String name, String weight) throws Exception {
    Path file = folder.resolve(name);
    Formats.onnx().write(GraphText.parse(MODEL.formatted(weight)), file);
    return file;
  }

  private static void assertPrintable(String what, String text) {
    assertThat(text.codePoints().filter(c -> c != '\n' && c != '\r' && !Printable.isPlain(c)))
        .as("%s: %s", what, Printable.lines(text))
        .isEmpty();
    assertThat(text.lines()).as(what).noneMatch(line -> line.startsWith("fusewright: EQUIVALENT"));
  }

  private Answer printable(Object... arguments) {
    Answer answer = Answer.of(arguments);
    assertPrintable(List.of(arguments).get(0) + ", standard output", answer.out());
    assertPrintable(List.of(arguments).get(0) + ", standard error", answer.err());
    assertThat(answer.err()).doesNotContain("defect");
    return answer;
  }

  @Test
  void the_names_are_what_they_seem() {
    assertThat(Formats.openGraph(folder.resolve("a.onnx")).graph().graph().nodes().get(0).name())
        .startsWith("\u001b[2J");
  }

  @Test
  void no_command_on_a_model_prints_a_control_character() {
    Path model = folder.resolve("a.onnx");
    Path fused = folder.resolve("fused.onnx");
    assertThat(printable("fuse", model, "-o", fused).code()).isZero();
    assertThat(printable("fuse", model, "-o", fused, "--json").code()).isZero();
    assertThat(printable("inspect", model).out()).contains("\\u001b[2J");
    printable("inspect", model, "--json");
    assertThat(printable("show", model).out()).contains("\\u001b[2J", "\\u009b31m");
    assertThat(printable("show", model, "--around", "=1+1\u2028\rx").code()).isZero();
    assertThat(printable("diff", model, folder.resolve("b.onnx")).out()).contains("\\u001b]0;pwn");
    printable("diff", model, fused, "--json");
    assertThat(printable("verify", model, fused).code()).isZero();
    printable("verify", model, folder.resolve("b.onnx"));
  }

  @Test
  void nor_does_a_run_or_what_it_writes_for_people() throws Exception {
    Path catalogue = folder.resolve("zoo.jsonl");
    Files.writeString(
        catalogue,
        """
        {"id": "a", "uri": "a.onnx"}
        {"id": "b\\u001b[2J\\u202e", "uri": "b.onnx"}
        {"id": "<img src=x>|`x`[a](http://b)", "uri": "missing\\u001b.onnx"}
        """);
    Path out = folder.resolve("out");
    printable("plan", "--catalogue", catalogue, "--output", out);
    assertThat(printable("run", "--catalogue", catalogue, "--output", out).code())
        .isEqualTo(ExitCode.REJECTED);
    Path reports = out.resolve("reports");
    assertThat(printable("report", reports, "-o", folder.resolve("audit")).code()).isZero();
    assertThat(
            printable("report", reports, "-o", folder.resolve("audit"), "--format", "csv").code())
        .isZero();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(f -> isForPeople(f.getFileName().toString()))
              .toList()) {
        assertPrintable(file.toString(), Files.readString(file));
      }
    }
    try (Stream<Path> files = Files.walk(reports)) {
      Path summary = files.filter(f -> f.endsWith("summary.md")).findFirst().orElseThrow();
      assertThat(Files.readString(summary))
          .contains("&lt;img src=x&gt;\\|\\`x\\`\\[a\\](http://b)")
          .contains("zoo.jsonl, line 2: id 'b\\\\u001b");
    }
  }

  private static boolean isForPeople(String name) {
    return name.endsWith(".md")
        || name.endsWith(".html")
        || name.endsWith(".js")
        || name.endsWith(".csv");
  }
}
