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

import java.util.Locale;

/** A page in the language of man(7), line by line. */
final class Roff {
  private final StringBuilder page = new StringBuilder();
  private boolean isAfterSection;

  /**
   * The header and footer of a page, which carries no date: the same program makes the same page.
   */
  void title(String name, String section, String source) {
    request(".TH \"%s\" \"%s\" \"\" \"%s\" \"\"".formatted(upper(name), section, escaped(source)));
    // Neither hyphens nor both margins: names of options are to be found and copied.
    request(".nh");
    request(".ad l");
  }

  private static String upper(String name) {
    return escaped(name.toUpperCase(Locale.ROOT));
  }

  void section(String title) {
    request(".SH \"" + title + "\"");
    isAfterSection = true;
  }

  /** A line of text that is escaped already. */
  void text(String line) {
    request(line);
    isAfterSection = false;
  }

  /** A paragraph; none for no text. */
  void paragraph(String text) {
    if (!text.isEmpty()) {
      if (!isAfterSection) {
        request(".PP");
      }
      text(guarded(text));
    }
  }

  /** A term, escaped already, and what it means. */
  void item(String term, String meaning) {
    request(".TP");
    request(term);
    request(guarded(meaning));
    isAfterSection = false;
  }

  /** A line that is kept as it is. */
  void example(String line) {
    request(isAfterSection ? ".nf" : ".PP\n.nf");
    request(guarded(line));
    request(".fi");
    isAfterSection = false;
  }

  private void request(String line) {
    page.append(line).append('\n');
  }

  /** No line of text is taken for a request. */
  private static String guarded(String text) {
    String escaped = escaped(text);
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }

  /** Text as it stands: a hyphen can be copied into a shell. */
  static String escaped(String text) {
    return text.replace("\\", "\\e")
        .replace("-", "\\-")
        .replace("\"", "\\(dq")
        .replace("'", "\\(aq")
        .replace("`", "\\(ga")
        .replace("^", "\\(ha")
        .replace("~", "\\(ti")
        .replace("→", "\\(->")
        .replace("…", "...");
  }

  @Override
  public String toString() {
    return page.toString();
  }
}
