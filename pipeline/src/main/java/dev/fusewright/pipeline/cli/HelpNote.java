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

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of the notes and examples at the end of a command's help, and of its manual page.
 *
 * @param term what an item explains; empty otherwise
 * @param text in words, or the line of an example
 */
record HelpNote(Kind kind, String term, String text) {
  /** What a line is. */
  enum Kind {
    /** An empty line. */
    BREAK,
    /** Sentences, broken where the terminal ends. */
    PARAGRAPH,
    /** A line to be copied, which is never broken. */
    EXAMPLE,
    /** A term and what it means, side by side where there is room. */
    ITEM
  }

  private static final String INDENT = "  ";
  private static final Pattern APART = Pattern.compile(INDENT + "(\\S.*?) {2,}(\\S.*)");

  /** Less room than that for the meaning of a term is none. */
  private static final int LEAST = 30;

  /** As a command says it: what is indented is an example, or with a gap within, an item. */
  static List<HelpNote> of(String... lines) {
    return Arrays.stream(lines).map(HelpNote::of).toList();
  }

  private static HelpNote of(String line) {
    if (line.isBlank()) {
      return new HelpNote(Kind.BREAK, "", "");
    }
    Matcher apart = APART.matcher(line);
    if (apart.matches()) {
      return new HelpNote(Kind.ITEM, apart.group(1), apart.group(2));
    }
    return line.startsWith(INDENT)
        ? new HelpNote(Kind.EXAMPLE, "", line.strip())
        : new HelpNote(Kind.PARAGRAPH, "", line);
  }

  /** The notes for a terminal. */
  static String text(List<HelpNote> notes, int width) {
    int column =
        INDENT.length() + 2 + notes.stream().mapToInt(note -> note.term().length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (HelpNote note : notes) {
      switch (note.kind()) {
        case BREAK -> text.append(System.lineSeparator());
        case PARAGRAPH -> wrap(text, "", note.text(), 0, width);
        case EXAMPLE -> text.append(INDENT).append(note.text()).append(System.lineSeparator());
        case ITEM -> {
          if (width - column >= LEAST || column + note.text().length() < width) {
            String head = INDENT + note.term();
            wrap(text, head + " ".repeat(column - head.length()), note.text(), column, width);
          } else {
            text.append(INDENT).append(note.term()).append(System.lineSeparator());
            wrap(text, INDENT.repeat(3), note.text(), 3 * INDENT.length(), width);
          }
        }
      }
    }
    return text.toString();
  }

  /** Words on lines of a width, the second one and those after it indented. */
  private static void wrap(StringBuilder text, String head, String words, int indent, int width) {
    StringBuilder line = new StringBuilder(head);
    boolean isBegun = false;
    for (String word : words.split(" ", -1)) {
      if (isBegun && line.length() + 1 + word.length() >= width) {
        text.append(line).append(System.lineSeparator());
        line = new StringBuilder(" ".repeat(indent)).append(word);
      } else {
        line.append(isBegun ? " " : "").append(word);
      }
      isBegun = true;
    }
    text.append(line).append(System.lineSeparator());
  }
}
