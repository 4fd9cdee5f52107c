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

import dev.fusewright.core.text.Printable;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;

/**
 * What commands print, for a terminal that must not obey it: whatever would move its cursor is
 * escaped, except the ends of lines, of which each text says its own.
 */
final class PrintableWriter extends FilterWriter {
  private PrintableWriter(Writer out) {
    super(out);
  }

  /** Before another one. */
  static PrintWriter before(PrintWriter out) {
    return new PrintWriter(new PrintableWriter(out), /* autoFlush= */ true);
  }

  @Override
  public void write(int c) throws IOException {
    write(new char[] {(char) c}, 0, 1);
  }

  @Override
  public void write(char[] text, int offset, int length) throws IOException {
    write(new String(text, offset, length), 0, length);
  }

  @Override
  public void write(String text, int offset, int length) throws IOException {
    String part = text.substring(offset, offset + length);
    out.write(isSplit(part) ? part : Printable.lines(part));
  }

  /** A character of two halves may come in two pieces. */
  private static boolean isSplit(String part) {
    return part.length() == 1 && Character.isSurrogate(part.charAt(0));
  }
}
