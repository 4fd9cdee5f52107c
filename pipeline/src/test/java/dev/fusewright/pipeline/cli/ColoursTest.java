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

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ColoursTest {
  private static final String ESC = "\u001b";

  private static String printed(Function<PrintWriter, PrintWriter> colours, String text) {
    StringWriter shown = new StringWriter();
    PrintWriter out = PrintableWriter.before(colours.apply(new PrintWriter(shown, true)));
    out.print(text);
    out.flush();
    return shown.toString();
  }

  /** What is coloured, as [colour:words]. */
  private static String output(String text) {
    return marked(printed(Colours::output, text));
  }

  private static String errors(String text) {
    return marked(printed(Colours::errors, text));
  }

  private static String marked(String shown) {
    return shown.replaceAll(ESC + "\\[([1-9][0-9]*)m(.*?)" + ESC + "\\[0m", "[$1:$2]");
  }

  @Test
  void verdicts_refusals_and_how_a_run_ended_are_coloured() {
    assertThat(output("m.onnx: fused\n")).isEqualTo("m.onnx: [32:fused]\n");
    assertThat(output("  verdict  EQUIVALENT: sites\n")).contains("  [32:EQUIVALENT]: sites");
    assertThat(output("  verdict  AS_LISTED: sites\n")).contains("  [33:AS_LISTED]: sites");
    assertThat(output("DIFFERENT: structure\n")).startsWith("[31:DIFFERENT]:");
    assertThat(output("           site INCONCLUSIVE: NOISE\n")).contains("[33:INCONCLUSIVE]");
    assertThat(output("  fold      conv + bn → Conv2d\n  refuse    bn2  [x]\n"))
        .isEqualTo("  [32:fold]      conv + bn → Conv2d\n  [33:refuse]    bn2  [x]\n");
    assertThat(output("3 models in 1.0 s: 1 fused, 0 unchanged, 0 rejected, 2 failed\n"))
        .endsWith(", [31:0 rejected, 2 failed]\n");
    assertThat(output("  - old\n  + new\n  ~ other: 1 of 2\n"))
        .isEqualTo("[31:  - old]\n[32:  + new]\n[33:  ~ other: 1 of 2]\n");
    assertThat(errors("fusewright: cannot read: no such file\n"))
        .isEqualTo("[31:fusewright: cannot read:] no such file\n");
    assertThat(errors("fusewright: a/b: FAILED at fetch: gone\n"))
        .isEqualTo("fusewright: a/b: [31:FAILED] at fetch: gone\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "  \"verdict\": \"DIFFERENT\",\n",
        "  nodes    69 → 49\n",
        "3 models in 1.0 s: 3 fused, 0 rejected, 0 failed\n",
        "  note     a tensor called EQUIVALENT\n",
        "EQUIVALENTS\n",
        "\n"
      })
  void everything_else_is_not(String text) {
    assertThat(printed(Colours::output, text)).isEqualTo(text);
  }

  @Test
  void what_goes_on_is_no_error() {
    assertThat(errors("fusewright: fusing  84 %  38 of 50 models\n"))
        .startsWith("[1:fusewright:] ");
    assertThat(errors("fusewright: Unknown option: '--x'\n")).startsWith("[31:fusewright:] ");
  }

  @Test
  void a_name_brings_no_colours_of_its_own() {
    assertThat(printed(Colours::output, "  note     " + ESC + "[31mred\n"))
        .isEqualTo("  note     \\u001b[31mred\n");
  }

  @Test
  void a_line_that_comes_in_pieces_is_coloured_as_one() {
    StringWriter shown = new StringWriter();
    PrintWriter err = PrintableWriter.before(Colours.errors(new PrintWriter(shown, true)));
    err.printf("fusewright: %s: %s%n", "rejected", "it moved");
    err.print("and no end");
    err.flush();

    assertThat(marked(shown.toString().replace("\r", "")))
        .isEqualTo("[31:fusewright: rejected:] it moved\nand no end");
  }

  @Test
  void they_are_for_terminals_that_know_them_and_people_who_want_them() {
    Map<String, String> terminal = Map.of("TERM", "xterm-256color");

    assertThat(Colours.areWanted(terminal, /* isTerminal= */ true)).isTrue();
    assertThat(Colours.areWanted(Map.of("TERM", "xterm", "NO_COLOR", ""), /* isTerminal= */ true))
        .isTrue();
    assertThat(Colours.areWanted(terminal, /* isTerminal= */ false)).isFalse();
    assertThat(Colours.areWanted(Map.of("TERM", "xterm", "NO_COLOR", "1"), /* isTerminal= */ true))
        .isFalse();
    assertThat(Colours.areWanted(Map.of("TERM", "dumb"), /* isTerminal= */ true)).isFalse();
    assertThat(Colours.areWanted(Map.of(), /* isTerminal= */ true)).isFalse();
  }
}
