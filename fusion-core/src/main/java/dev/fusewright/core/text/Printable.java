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

import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;

/**
 * Text of other people's files as a person may see it: a name is data, and never moves a cursor,
 * begins a line or turns what stands around it.
 *
 * <p>Control characters (C0, DEL, C1), line and paragraph separators, format characters (bidi
 * overrides and marks, zero-width ones) and halves of characters are written as JSON escapes them.
 * Everything else stays as it is, a backslash too: this is for reading, and is not read back.
 */
public final class Printable {
  /** What has a meaning within a line. */
  private static final String MARKDOWN = "\\`*[]|~";

  private Printable() {}

  /** A text for one line: line breaks and tabs are escaped too. */
  public static String line(String text) {
    if (text.codePoints().allMatch(Printable::isPlain)) {
      return text;
    }
    StringBuilder printable = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (isPlain(c)) {
                printable.appendCodePoint(c);
              } else {
                for (char unit : Character.toChars(c)) {
                  printable.append("\\u").append(HexFormat.of().toHexDigits(unit));
                }
              }
            });
    return printable.toString();
  }

  /** A text of several lines: their ends stay. */
  public static String lines(String text) {
    if (text.codePoints().allMatch(c -> c == '\n' || isPlain(c))) {
      return text;
    }
    return Arrays.stream(text.split("\n", -1))
        .map(Printable::line)
        .collect(Collectors.joining("\n"));
  }

  /** Lines of a message, of which those after the first are indented: none begins a message. */
  public static String message(String text) {
    return text.indexOf('\n') < 0
        ? line(text)
        : Arrays.stream(text.split("\n", -1))
            .map(Printable::line)
            .map(part -> part.startsWith("  ") ? part : "  " + part)
            .collect(Collectors.joining("\n"))
            .stripLeading();
  }

  /**
   * A text for one cell of a Markdown table, or any other place in a line of it: it shows as it is,
   * and makes no image, emphasis, code or HTML, and no link that reads otherwise than it leads.
   */
  public static String markdown(String text) {
    String line = line(text);
    StringBuilder escaped = new StringBuilder(line.length() + 16);
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (MARKDOWN.indexOf(c) >= 0 || (c == '_' && !isWithinWord(line, i))) {
        escaped.append('\\');
      }
      escaped.append(
          switch (c) {
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '&' -> "&amp;";
            default -> String.valueOf(c);
          });
    }
    return escaped.toString();
  }

  private static boolean isWithinWord(String text, int at) {
    return at > 0
        && at + 1 < text.length()
        && Character.isLetterOrDigit(text.charAt(at - 1))
        && Character.isLetterOrDigit(text.charAt(at + 1));
  }

  /** Whether a character is written as it is. */
  public static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }
}
