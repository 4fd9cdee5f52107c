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
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/**
 * A table as Parquet: names and numbers as they are, a column that has nothing is null. Without a
 * codec, whose native library would have to be unpacked: what repeats is in dictionaries. Files of
 * the local disk are opened as such: Hadoop's would leave checksums beside them.
 */
final class ParquetTable implements TableWriter {
  private final MessageType schema;
  private final ParquetWriter<Group> out;

  /**
   * Begins a file.
   *
   * @param name of the table, which the schema carries
   */
  ParquetTable(Path file, String name, List<Column<?>> columns) throws IOException {
    this.schema = new MessageType(name, columns.stream().map(ParquetTable::field).toList());
    this.out =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(schema)
            .build();
  }

  private static Type field(Column<?> column) {
    return switch (column.type()) {
      case TEXT ->
          Types.optional(PrimitiveTypeName.BINARY)
              .as(LogicalTypeAnnotation.stringType())
              .named(column.name());
      case LONG -> Types.optional(PrimitiveTypeName.INT64).named(column.name());
      case DOUBLE -> Types.optional(PrimitiveTypeName.DOUBLE).named(column.name());
      case BOOLEAN -> Types.optional(PrimitiveTypeName.BOOLEAN).named(column.name());
      case TIME ->
          Types.optional(PrimitiveTypeName.INT64)
              .as(LogicalTypeAnnotation.timestampType(/* isAdjustedToUTC= */ true, TimeUnit.MILLIS))
              .named(column.name());
    };
  }

  @Override
  public void row(List<@Nullable Object> values) throws IOException {
    SimpleGroup row = new SimpleGroup(schema);
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      if (value != null) {
        add(row, i, value);
      }
    }
    out.write(row);
  }

  private static void add(SimpleGroup row, int column, Object value) {
    if (value instanceof String text) {
      row.add(column, text);
    } else if (value instanceof Long number) {
      row.add(column, number.longValue());
    } else if (value instanceof Double number) {
      row.add(column, number.doubleValue());
    } else if (value instanceof Boolean truth) {
      row.add(column, truth.booleanValue());
    } else if (value instanceof Instant time) {
      row.add(column, time.toEpochMilli());
    } else {
      throw new IllegalStateException("no column holds a " + value.getClass().getName());
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
