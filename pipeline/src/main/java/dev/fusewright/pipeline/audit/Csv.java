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

import dev.fusewright.core.text.Printable;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table as comma-separated values by RFC 4180, for people: every text is printable, on a line.
 */
final class Csv implements TableWriter {
  /** What a spreadsheet would take for a formula, and carry out. */
  private static final Pattern FORMULA = Pattern.compile("(?s)[=+\\-@\t\r].*");

  private static final Pattern SPECIAL = Pattern.compile("(?s).*[\",\r\n].*");

  private final Writer out;

  /** Begins with the names of the columns. */
  Csv(Writer out, List<Column<?>> columns) throws IOException {
    this.out = out;
    write(columns.stream().map(Column::name));
  }

  @Override
  public void row(List<@Nullable Object> values) throws IOException {
    write(values.stream().map(Csv::text));
  }

  private void write(Stream<String> cells) throws IOException {
    out.write(cells.map(Csv::quoted).collect(Collectors.joining(",", "", "\r\n")));
  }

  /** A formula becomes text by the quote before it, as people enter it themselves. */
  private static String text(@Nullable Object value) {
    if (value == null) {
      return "";
    }
    if (!(value instanceof String text)) {
      return value.toString();
    }
    String line = Printable.line(text);
    return FORMULA.matcher(line).matches() ? "'" + line : line;
  }

  private static String quoted(String text) {
    return SPECIAL.matcher(text).matches() ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
