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

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The format of models as text. The package's description says what is one. */
public final class TextFormat implements GraphFormat {
  /** Blanks and comments, and then a header, or a graph's name, inputs and outputs. */
  private static final Pattern BEGINNING =
      Pattern.compile(
          "(?:\\s|#[^\\n]*(?:\\n|$))*+"
              + "(?:<\\s*(?:ir_version|opset_import|producer_name|model_version|domain)\\s*:"
              + "|(?:[A-Za-z_][A-Za-z0-9_]*+|\"[^\"\\n]*+\")\\s*\\([^(){}]*+\\)\\s*=>\\s*\\()");

  @Override
  public String id() {
    return "text";
  }

  /** Only ONNX's files hold what a text says, and run. */
  @Override
  public String writtenAs() {
    return "onnx";
  }

  @Override
  public String title() {
    return "a model as text";
  }

  /** Not {@code txt}, which most files are that lie beside models. */
  @Override
  public List<String> extensions() {
    return List.of("onnxtxt");
  }

  @Override
  public boolean matches(FileEnds file) {
    ByteBuffer head = file.head().duplicate().rewind();
    CharBuffer text = CharBuffer.allocate(head.remaining());
    // A character that the window cuts through is no error.
    boolean isText =
        !StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .decode(head, text, /* endOfInput= */ false)
            .isError();
    text.flip();
    return isText
        && text.chars().noneMatch(c -> c < ' ' && !Character.isWhitespace(c))
        && BEGINNING.matcher(text).lookingAt();
  }

  @Override
  public GraphCheckpoint open(Path file) {
    return TextReader.read(file);
  }

  /** A text is one file. */
  @Override
  public List<String> dataFiles(Path file) {
    return List.of();
  }

  @Override
  public WriteSummary write(ModelGraph model, Path target) throws IOException {
    return TextWriter.write(model, Map.of(), List.of(), target);
  }
}
