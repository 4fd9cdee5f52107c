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

import java.util.List;
import org.junit.jupiter.api.Test;

final class HelpNoteTest {
  private static final List<HelpNote> NOTES =
      HelpNote.of(
          "",
          "A sentence of some length, which a narrow terminal has no room for.",
          "  new      it would be done, because nothing of it is there",
          "  skip     it would not",
          "",
          "  fusewright plan --catalogue zoo.jsonl --output a-folder/of/some/length/");

  @Test
  void sentences_and_meanings_are_broken_where_the_terminal_ends_and_examples_are_not() {
    assertThat(HelpNote.text(NOTES, 45))
        .isEqualToNormalizingNewlines(
            """

            A sentence of some length, which a narrow
            terminal has no room for.
              new   it would be done, because nothing of
                    it is there
              skip  it would not

              fusewright plan --catalogue zoo.jsonl --output a-folder/of/some/length/
            """);
  }

  @Test
  void on_a_wide_terminal_nothing_is() {
    assertThat(HelpNote.text(NOTES, 200).lines()).hasSize(6);
  }

  @Test
  void a_meaning_that_has_no_room_beside_its_term_comes_below_it() {
    List<HelpNote> notes =
        HelpNote.of("  fusewright inspect model.onnx      what would be fused, what not, and why");

    assertThat(HelpNote.text(notes, 60))
        .isEqualToNormalizingNewlines(
            """
              fusewright inspect model.onnx
                  what would be fused, what not, and why
            """);
    assertThat(HelpNote.text(notes, 80))
        .isEqualToNormalizingNewlines(
            "  fusewright inspect model.onnx  what would be fused, what not, and why\n");
  }
}
