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

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.testing.FuzzedParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Models as text: what is read can be printed, and the print is read again as the same print. */
final class TextFuzzTest extends FuzzedParser {
  static Stream<byte[]> seeds() {
    return Stream.of(
            """
            # A comment
            <ir_version: 8, opset_import: ["" : 17], metadata_props: ["author" : "me"]>
            "main graph" (float[1,3] x) => (float[1,3] y)
               <float[3] w = {1.0, -2.0, 0.5}, float[3] v = fill(0.5)>
            {
               [sum] a = Add (x, w)
               k = Constant <value = float[1] {2.0}> ()
               b = Mul (a, k)
               y = Add (b, v)
            }
            """,
            "g (float[N,4] x) => (y) <float[4] w = random(7)> { a = Mul(x, w) y = Softmax<axis = -1>(a) }",
            "g (float16[] x, bool c) => (y) { y = If (c) <then_branch = t () => (z) { z = Relu(x) },"
                + " else_branch = e () => (z) { z = Neg(x) }> }",
            "<ir_version: 8, opset_import: [\"\" : 17, \"d\" : 1]> g (x) => (y) { y = d.f<s = \"a\\n\", i = [1, 2]>(x) }"
                + " <domain: \"d\", opset_import: [\"\" : 17]> f <s, i> (a) => (b) { b = Relu(a) }")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void texts(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected void read(Path file) {
    try (GraphCheckpoint model = new TextFormat().open(file)) {
      String printed = GraphText.print(model.graph());
      assertThat(GraphText.print(GraphText.parse(printed))).isEqualTo(printed);
    }
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return (error instanceof CheckpointException || error instanceof TensorReadException)
        && String.valueOf(error.getMessage()).contains(file.toString());
  }
}
