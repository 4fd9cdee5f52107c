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
package dev.fusewright.pipeline.files;

import java.util.function.Function;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;

/** Readers of records, by the schema that they were written with. */
public final class AvroRecords {
  private AvroRecords() {}

  /** Records of a generated class, of this or another version of its schema. */
  public static <T extends SpecificRecord> Function<Schema, DatumReader<T>> reader(Class<T> type) {
    return written -> {
      SpecificDatumReader<T> reader = new SpecificDatumReader<>(type);
      reader.setSchema(written);
      return reader;
    };
  }

  /** Records as they were written. */
  public static Function<Schema, DatumReader<GenericRecord>> asWritten() {
    return written -> {
      if (written.getType() != Schema.Type.RECORD) {
        throw new AvroRuntimeException("a schema of the type " + written.getType());
      }
      return new GenericDatumReader<>(written);
    };
  }
}
