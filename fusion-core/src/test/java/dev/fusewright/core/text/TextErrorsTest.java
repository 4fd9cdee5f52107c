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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          g (x) => (y) { y = Relu (x }               | 1:28: expected ')' after the inputs of Relu, found '}'
          g (x) => (y) { y = Relu (x)                | 1:28: expected the name of a value, found the end of the text
          g (x) (y) {}                               | 1:7: expected '=>' after the inputs of graph 'g', found '('
          g (x) => (y) { y = Op <a> (x) }            | 1:25: expected '=' after 'a', found '>'
          g (x) => (y) { y = Op <a = 1, a = 2> (x) } | 1:31: attribute 'a' is given twice
          g (x) => (y) { y = Op <a = []> (x) }       | 1:28: an empty list needs its type: write ': ints = []', for example
          g (x) => (y) { y = Op <a = [1, "b"]> (x) } | 1:28: a list holds numbers, strings or graphs, all of one kind
          g (x) => (y) { y = Op <a: int = 0.5> (x) } | 1:33: expected an attribute of type int, found one of type float
          g () => () <float[2] w = {1}> {}           | 1:26: float[2] needs 2 elements, found 1
          g () => () <float[N] w = {1}> {}           | 1:13: the elements of 'w' need known sizes, found 'N'
          g () => () <float[] w = {1}> {}            | 1:13: the elements of 'w' need a type with a known rank
          g () => () <int8[1] w = {128}> {}          | 1:26: '128' does not fit into int8
          g () => () <int64[1] w = {0.5}> {}         | 1:27: '0.5' is no int64
          g () => () <float16[1] w = {1}> {}         | 1:29: write '1.0': in ONNX's syntax an integer in a float16 tensor is a bit pattern
          g () => () <string[1] w = {"a"}> {}        | 1:13: tensors of type string have no text form here
          g () => () <float[9] w = {… 9 values}> {}  | 1:27: this text is the short form: its tensors cannot be read back
          g () => () <float[9] w = random()> {}      | 1:33: expected a seed, found ')'
          g () => () <float[-1] w = {}> {}           | 1:19: a size of -1
          g () => () <float[9999999, 9999999] w = fill(0)> {} | 1:13: float[9999999,9999999] is too large for a text
          g () => () <float[99999999999, 99999999] w = {1}> {} | 1:13: shape [99999999999, 99999999] has too many elements
          <ir: 8> g () => () {}                      | 1:2: 'ir' is no property of a model or function
          g (x) => (y) { y = Op <a = -b> (x) }       | 1:28: '-b' is no number
          """)
  void an_error_says_where_it_is_and_what_was_expected(String text, String message) {
    assertThatExceptionOfType(TextSyntaxException.class)
        .isThrownBy(() -> GraphText.parse(text))
        .withMessage(message);
  }

  @Test
  void lines_and_columns_count_from_one() {
    assertThatExceptionOfType(TextSyntaxException.class)
        .isThrownBy(() -> GraphText.parse("g (x)\n  oops (y) {}"))
        .satisfies(
            error -> {
              assertThat(error.line()).isEqualTo(2);
              assertThat(error.column()).isEqualTo(3);
            });
  }

  @Test
  void a_string_that_does_not_end_is_reported_where_it_begins() {
    assertThatExceptionOfType(TextSyntaxException.class)
        .isThrownBy(() -> GraphText.parse("g (\"x) => (y)\n {}"))
        .withMessage("1:4: this string has no closing quote");
  }

  @Test
  void graphs_in_graphs_end_at_a_bound() {
    String text = "h () => () { ".repeat(1) + "x = Op <b = g () => () { ".repeat(10_000);

    assertThatExceptionOfType(TextSyntaxException.class)
        .isThrownBy(() -> GraphText.parse(text))
        .withMessageEndingWith("graphs are nested deeper than 100");
  }
}
