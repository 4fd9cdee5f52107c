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
package dev.fusewright.pipeline.catalogue;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The lines of a catalogue that are not blank, one at a time, with where they stand. */
public final class CatalogueLines implements Closeable {
  /** No line may be longer: what is, is no catalogue. */
  static final int LONGEST = 1 << 20;

  private final InputStream in;
  private long offset;
  private long line;

  /** Reads from the start of a catalogue; closes {@code in}. */
  public CatalogueLines(InputStream in) {
    this.in = in instanceof BufferedInputStream ? in : new BufferedInputStream(in, 1 << 16);
  }

  /**
   * One line.
   *
   * @param offset of its first byte in the catalogue
   * @param bytes without the end of the line
   * @param number from 1
   * @param text empty if the line is at fault
   * @param fault of a line that is too long, or not UTF-8: what was expected and found; null of
   *     every other
   */
  public record Line(long offset, int bytes, long number, String text, @Nullable String fault) {}

  /** The next line that is not blank, or null at the end. Only so much of a line is held. */
  public @Nullable Line next() throws IOException {
    while (true) {
      long start = offset;
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
      int c = in.read();
      if (c < 0) {
        return null;
      }
      line++;
      for (; c >= 0 && c != '\n'; c = in.read()) {
        offset++;
        if (bytes.size() <= LONGEST) {
          bytes.write(c);
        }
      }
      offset += c < 0 ? 0 : 1;
      if (bytes.size() > LONGEST) {
        return faulty(
            start,
            bytes.size(),
            "expected an entry, found more than %d bytes without an end of line"
                .formatted(LONGEST));
      }
      try {
        String text = decode(bytes.toByteArray());
        if (!text.isBlank()) {
          return new Line(start, bytes.size(), line, line == 1 ? withoutMark(text) : text, null);
        }
      } catch (CharacterCodingException e) {
        return faulty(start, bytes.size(), "expected UTF-8, found other bytes");
      }
    }
  }

  private Line faulty(long start, int bytes, String fault) {
    return new Line(start, bytes, line, "", fault);
  }

  private static String decode(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /** Without the byte order mark that some editors put first. */
  private static String withoutMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
