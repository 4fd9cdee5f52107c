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

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/**
 * A table as Parquet: names and numbers as they are, a column that has nothing is null. Without a codec, whose native
 * library would have to be unpacked: what repeats is in dictionaries.
 */
final class ParquetTable implements TableWriter {
  private final ParquetWriter<List<@Nullable Object>> out;

  /**
   * Begins a file.
   *
   * @param name of the table, which the schema carries
   */
  ParquetTable(Path file, String name, List<Column<?>> columns) throws IOException {
    this.out = new Builder(file, new Rows(schema(name, columns))).build();
  }

  private static MessageType schema(String name, List<Column<?>> columns) {
    return new MessageType(name, columns.stream().map(ParquetTable::field).toList());
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
    out.write(values);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /** Opens files of the local disk itself: Hadoop's would leave checksums beside them. */
  private static final class Builder
      extends ParquetWriter.Builder<List<@Nullable Object>, Builder> {
    private final Rows rows;

    Builder(Path file, Rows rows) {
      super(new LocalOutputFile(file));
      this.rows = rows;
      withConf(new PlainParquetConfiguration());
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<List<@Nullable Object>> getWriteSupport(ParquetConfiguration ignored) {
      return rows;
    }

    @Override
    protected WriteSupport<List<@Nullable Object>> getWriteSupport(
        org.apache.hadoop.conf.Configuration ignored) {
      return rows;
    }
  }

  /** Puts a row's values into the columns. */
  private static final class Rows extends WriteSupport<List<@Nullable Object>> {
    private final MessageType schema;
    private @Nullable RecordConsumer consumer;

    Rows(MessageType schema) {
      this.schema = schema;
    }

    @Override
    public WriteContext init(ParquetConfiguration ignored) {
      return new WriteContext(schema, new HashMap<>());
    }

    @Override
    public WriteContext init(org.apache.hadoop.conf.Configuration ignored) {
      return new WriteContext(schema, new HashMap<>());
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      this.consumer = recordConsumer;
    }

    @Override
    public void write(List<@Nullable Object> values) {
      RecordConsumer row = requireNonNull(consumer, "prepareForWrite comes first");
      row.startMessage();
      for (int i = 0; i < values.size(); i++) {
        Object value = values.get(i);
        if (value != null) {
          String name = schema.getFieldName(i);
          row.startField(name, i);
          add(row, value);
          row.endField(name, i);
        }
      }
      row.endMessage();
    }

    private static void add(RecordConsumer row, Object value) {
      if (value instanceof String text) {
        row.addBinary(Binary.fromString(text));
      } else if (value instanceof Long number) {
        row.addLong(number);
      } else if (value instanceof Double number) {
        row.addDouble(number);
      } else if (value instanceof Boolean truth) {
        row.addBoolean(truth);
      } else if (value instanceof Instant time) {
        row.addLong(time.toEpochMilli());
      } else {
        throw new IllegalStateException("no column holds a " + value.getClass().getName());
      }
    }
  }
}
