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

import dev.fusewright.core.text.GraphText;
import dev.fusewright.core.text.ParsedText;
import dev.fusewright.core.text.TextSyntaxException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads a text. */
final class TextReader {
  /** A word of a few characters becomes objects of a hundred bytes and more. */
  private static final int HEAP_PER_BYTE = 256;

  private TextReader() {}

  static TextCheckpoint read(Path file) {
    OpenFile open = OpenFile.open(file);
    try {
      return new TextCheckpoint(file, open, parsed(file, open));
    } catch (RuntimeException | Error e) {
      open.close();
      throw e;
    }
  }

  private static ParsedText parsed(Path file, OpenFile open) {
    long most = Math.min(Runtime.getRuntime().maxMemory() / HEAP_PER_BYTE, Integer.MAX_VALUE - 8);
    if (open.size() > most) {
      throw new TooLargeException(
          Problem.in(file)
              .expected("a text of at most %d bytes, for this heap".formatted(most))
              .found(Long.toString(open.size()))
              .hint("Raise -Xmx, or use the model that it was printed from"));
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) open.size());
    open.read(0, bytes);
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(bytes.flip())
              .toString();
      return GraphText.parseShort(text, file.toString());
    } catch (CharacterCodingException e) {
      throw new MalformedFileException(
          Problem.in(file).at(bytes.position()).expected("UTF-8").found("other bytes"), e);
    } catch (TextSyntaxException e) {
      throw new MalformedFileException(
          Problem.in(file)
              .inside("line %d, column %d".formatted(e.line(), e.column()))
              .expected("a model as text")
              .found("one with a fault: " + e.fault()),
          e);
    }
  }
}
