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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as JSON Lines: an object per row, with every column. A number that is not finite has no
 * form in JSON, and is null.
 */
final class JsonLines implements TableWriter {
  private final JsonGenerator json;
  private final List<Column<?>> columns;

  JsonLines(Writer out, List<Column<?>> columns) throws IOException {
    this.json = new JsonFactory().createGenerator(out).setRootValueSeparator(null);
    this.columns = columns;
  }

  @Override
  public void row(List<@Nullable Object> values) throws IOException {
    json.writeStartObject();
    for (int i = 0; i < values.size(); i++) {
      json.writeFieldName(columns.get(i).name());
      write(values.get(i));
    }
    json.writeEndObject();
    json.writeRaw('\n');
  }

  private void write(@Nullable Object value) throws IOException {
    if (value == null || (value instanceof Double number && !Double.isFinite(number))) {
      json.writeNull();
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof Long number) {
      json.writeNumber(number);
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else {
      json.writeString(value.toString());
    }
  }

  @Override
  public void close() throws IOException {
    json.close();
  }
}
