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
package dev.fusewright.pipeline.audit;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Comma-separated values by RFC 4180. */
final class Csv {
  /** What a spreadsheet would take for a formula, and carry out. */
  private static final Pattern FORMULA = Pattern.compile("(?s)[=+\\-@\t\r].*");

  private static final Pattern SPECIAL = Pattern.compile("(?s).*[\",\r\n].*");

  private final Appendable out;

  Csv(Appendable out) {
    this.out = out;
  }

  void row(List<String> cells) throws IOException {
    out.append(cells.stream().map(Csv::cell).collect(Collectors.joining(",", "", "\r\n")));
  }

  /** A formula becomes text by the quote before it, as people enter it themselves. */
  private static String cell(String text) {
    String safe = FORMULA.matcher(text).matches() ? "'" + text : text;
    return SPECIAL.matcher(safe).matches() ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }
}
