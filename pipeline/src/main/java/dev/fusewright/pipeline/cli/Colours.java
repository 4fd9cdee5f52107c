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

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Colours of what people look for on a terminal: verdicts, sites that were fused or refused, models
 * that were rejected or failed, errors.
 *
 * <p>A writer that colours whole lines by how they begin. It comes behind {@link PrintableWriter}:
 * what it is given has no control characters any more, and none but its own reach the terminal.
 */
final class Colours extends FilterWriter {
  private static final String RED = "31";
  private static final String GREEN = "32";
  private static final String YELLOW = "33";
  private static final String BOLD = "1";

  /** Of words that stand for how something ended. */
  private static final Map<String, String> WORDS =
      Map.of(
          "EQUIVALENT", GREEN,
          "AS_LISTED", YELLOW,
          "INCONCLUSIVE", YELLOW,
          "NOT_CHECKED", YELLOW,
          "DIFFERENT", RED,
          "REJECTED", RED,
          "FAILED", RED);

  private static final String VERDICT =
      "(EQUIVALENT|AS_LISTED|INCONCLUSIVE|NOT_CHECKED|DIFFERENT)\\b";

  /**
   * A part of lines that is coloured: what the group of a pattern matches.
   *
   * @param colour by the words that it is
   */
  private record Part(Pattern pattern, Function<String, String> colour) {
    static Part of(String pattern, String colour) {
      return new Part(Pattern.compile(pattern), words -> colour);
    }

    static Part byWord(String pattern) {
      return new Part(Pattern.compile(pattern), word -> WORDS.getOrDefault(word, BOLD));
    }
  }

  /** Of an ordinary line the first that fits counts. */
  private static final List<Part> OUTPUT =
      List.of(
          Part.byWord("^  verdict  " + VERDICT),
          Part.byWord("^ {11}(?:certificate|site|model|structure) " + VERDICT),
          Part.byWord("^" + VERDICT),
          Part.of("^  (fold|rename) {3,}\\S", GREEN),
          Part.of("^  (refuse|refused|dropped|warning) +\\S", YELLOW),
          Part.of("^\\S.*: (fused)$", GREEN),
          Part.of("^\\S.*: (rejected|failed), nothing is written$", RED),
          Part.of(
              "^\\d+ models? in .*, ([1-9]\\d* rejected, \\d+ failed|0 rejected, [1-9]\\d* failed)",
              RED),
          Part.of("^(fail) {5}", RED),
          Part.of("^(  - .*)", RED),
          Part.of("^(  \\+ .*)", GREEN),
          Part.of("^(  ~ .*)", YELLOW));

  /** Standard error has errors, and what is going on. */
  private static final List<Part> ERRORS =
      List.of(
          new Part(OwnLines.NO_ERROR, words -> BOLD),
          Part.byWord("^fusewright: .*?: (FAILED|REJECTED) at "),
          Part.of("^(fusewright: (?:rejected|cannot [a-z]+):)", RED),
          Part.of("^(fusewright:)", RED));

  private final List<Part> parts;
  private final StringBuilder line = new StringBuilder();

  private Colours(Writer out, List<Part> parts) {
    super(out);
    this.parts = parts;
  }

  /** Where colours are wanted, standard output with them; as it is elsewhere. */
  static PrintWriter ofOutput(PrintWriter out) {
    return areWanted(System.getenv(), Terminal.isStandardOutput()) ? output(out) : out;
  }

  /** Where colours are wanted, standard error with them; as it is elsewhere. */
  static PrintWriter ofErrors(PrintWriter err) {
    return areWanted(System.getenv(), Terminal.isStandardError()) ? errors(err) : err;
  }

  static PrintWriter output(PrintWriter out) {
    return new PrintWriter(new Colours(out, OUTPUT), /* autoFlush= */ true);
  }

  static PrintWriter errors(PrintWriter err) {
    return new PrintWriter(new Colours(err, ERRORS), /* autoFlush= */ true);
  }

  /** On a terminal that knows them, unless <a href="https://no-color.org">NO_COLOR</a> is set. */
  static boolean areWanted(Map<String, String> environment, boolean isTerminal) {
    return isTerminal
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }

  @Override
  public void write(int c) throws IOException {
    write(String.valueOf((char) c), 0, 1);
  }

  @Override
  public void write(char[] text, int offset, int length) throws IOException {
    write(new String(text, offset, length), 0, length);
  }

  @Override
  public void write(String text, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        out.write(painted());
        out.write(c);
      } else {
        line.append(c);
      }
    }
  }

  /** What there is of a line goes out with it: somebody waits for it. */
  @Override
  public void flush() throws IOException {
    out.write(painted());
    super.flush();
  }

  private String painted() {
    String text = line.toString();
    line.setLength(0);
    return parts.stream()
        .map(part -> painted(part, text))
        .filter(painted -> !painted.equals(text))
        .findFirst()
        .orElse(text);
  }

  private static String painted(Part part, String text) {
    Matcher matcher = part.pattern().matcher(text);
    if (!matcher.find()) {
      return text;
    }
    int begin = matcher.start(1);
    int end = matcher.end(1);
    String words = text.substring(begin, end);
    return "%s\u001b[%sm%s\u001b[0m%s"
        .formatted(
            text.substring(0, begin), part.colour().apply(words), words, text.substring(end));
  }
}
