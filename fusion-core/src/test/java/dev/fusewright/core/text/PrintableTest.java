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
package dev.fusewright.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.graph.ModelGraph;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names as a person sees them. */
final class PrintableTest {
  private static String character(int codePoint) {
    return new String(Character.toChars(codePoint));
  }

  @ParameterizedTest(name = "U+{0}")
  @ValueSource(
      strings = {
        "00", "07", "08", "09", "0a", "0d", "1b", "7f", "80", "85", "9b", "9f", "ad", "200b",
        "200e", "200f", "2028", "2029", "202a", "202e", "2066", "2069", "61c", "feff", "e0001",
        "d800", "dfff"
      })
  void what_moves_a_cursor_or_cannot_be_seen_is_escaped(String hex) {
    String line = Printable.line("a" + character(HexFormat.fromHexDigits(hex)) + "b");
    assertThat(line).matches("a(\\\\u[0-9a-f]{4}){1,2}b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "conv1.weight", "Füße", "畳み込み", "😀", "a\\b", "<b>|`x`", "\u00a0"})
  void everything_else_stays(String text) {
    assertThat(Printable.line(text)).isEqualTo(text);
  }

  @Test
  void lines_keep_their_ends_and_nothing_else() {
    assertThat(Printable.lines("a\nb" + character(0x1b) + "\r\n"))
        .isEqualTo("a\nb\\u001b\\u000d\n");
  }

  @Test
  void no_later_line_of_a_message_passes_for_a_message() {
    assertThat(Printable.message("bad name 'x\nfusewright: all is well'\n  as it was"))
        .isEqualTo("bad name 'x\n  fusewright: all is well'\n  as it was");
  }

  @Test
  void markdown_shows_as_it_is() {
    assertThat(Printable.markdown("<img src=x>|`x`[a](http://b) *c* _d_ AS_LISTED\n#"))
        .isEqualTo(
            "&lt;img src=x&gt;\\|\\`x\\`\\[a\\](http://b) \\*c\\* \\_d\\_ AS_LISTED\\\\u000a#");
  }

  @Test
  void a_name_with_control_characters_is_printed_escaped_and_read_back_as_it_was() {
    String name = character(0x1b) + "[31m\n" + character(0x202e) + character(0xe0001) + "\\u0041\"";
    String printed = "g (float[1] x) => (float[1] y) { [node] y = Relu(x) }";
    String quoted = "\"" + Printable.line(name.replace("\\", "\\\\").replace("\"", "\\\"")) + "\"";
    ModelGraph read = GraphText.parse(printed.replace("[node]", "[" + quoted + "]"));
    assertThat(read.graph().nodes().get(0).name()).isEqualTo(name);
    String again = GraphText.print(read);
    assertThat(again)
        .contains(quoted)
        .matches(text -> text.codePoints().allMatch(c -> c == '\n' || Printable.isPlain(c)));
    assertThat(GraphText.parse(again).graph().nodes().get(0).name()).isEqualTo(name);
  }
}
