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
package dev.fusewright.pipeline.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogueAvroTest {
  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());

  private Location file(Schema schema, GenericRecord... records) throws IOException {
    Path file = folder.resolve("zoo.avro");
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(schema))) {
      writer.create(schema, file.toFile());
      for (GenericRecord record : records) {
        writer.append(record);
      }
    }
    return Location.of(file);
  }

  private List<CatalogueEntry> prepared(Location catalogue) throws CatalogueException, IOException {
    Path target = folder.resolve("prepared.jsonl");
    CataloguePreparation.prepare(store, catalogue, Location.of("/fused"), target);
    List<CatalogueEntry> entries = new ArrayList<>();
    for (String line : Files.readAllLines(target)) {
      entries.add(EntryJson.prepared(line));
    }
    return entries;
  }

  @Test
  void every_field_means_what_it_means_in_json_lines() throws Exception {
    Schema schema = CatalogueAvro.schema();
    Schema input = schema.getField("inputs").schema().getTypes().get(1).getValueType();
    Location avro =
        file(
            schema,
            new GenericRecordBuilder(schema)
                .set("id", "a")
                .set("uri", "models/a.pt")
                .set("size", 5L)
                .set("sha256", "ab".repeat(32))
                .set("format", "pytorch")
                .set("mode", "eval")
                .set("rules", "torch")
                .set("fuse", "[[\"conv\", \"bn\"]]")
                .set("graph", "models/a.onnx")
                .set("eps", 0.001)
                .set(
                    "inputs",
                    Map.of(
                        "x",
                        new GenericRecordBuilder(input)
                            .set("shape", List.of(1L, 3L))
                            .set("range", List.of(0.0, 1.0))
                            .build()))
                .set("tolerance", 0.01)
                .set("samples", 3)
                .set("output", "b.pt")
                .build());
    Path json = folder.resolve("zoo.jsonl");
    Files.writeString(
        json,
        """
        {"id": "a", "uri": "models/a.pt", "size": 5, "sha256": "%s", "format": "pytorch", "mode": "eval", "rules": "torch", \
        "fuse": [["conv", "bn"]], "graph": "models/a.onnx", "eps": 0.001, "inputs": {"x": {"shape": [1, 3], "range": [0, 1]}}, \
        "tolerance": 0.01, "samples": 3, "output": "b.pt"}
        """
            .formatted("ab".repeat(32)));
    assertThat(prepared(avro)).isEqualTo(prepared(Location.of(json))).hasSize(1);
  }

  @Test
  void what_catalogue_writes_a_run_reads() throws Exception {
    List<CatalogueEntry> entries =
        List.of(
            CatalogueEntry.of("a", Location.of(folder.resolve("a.onnx")), 7L),
            CatalogueEntry.of("b", Location.of("s3a://zoo/b.onnx"), null));
    Path file = folder.resolve("zoo.avro");
    try (OutputStream out = Files.newOutputStream(file)) {
      CatalogueAvro.write(entries, out);
    }
    assertThat(prepared(Location.of(file))).isEqualTo(entries);
  }

  @Test
  void a_file_with_a_schema_of_its_own_is_read_by_the_names_of_its_fields() throws Exception {
    Schema own =
        SchemaBuilder.record("Mine")
            .fields()
            .requiredString("uri")
            .requiredString("id")
            .endRecord();
    assertThat(
            prepared(
                file(own, new GenericRecordBuilder(own).set("id", "a").set("uri", "a").build())))
        .extracting(CatalogueEntry::id)
        .containsExactly("a");
    Schema more =
        SchemaBuilder.record("Mine")
            .fields()
            .requiredString("id")
            .requiredString("colour")
            .endRecord();
    Location unknown =
        file(more, new GenericRecordBuilder(more).set("id", "a").set("colour", "red").build());
    assertThatThrownBy(() -> prepared(unknown))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("zoo.avro, record 1: unknown field 'colour'");
  }

  @Test
  void errors_and_clashes_are_named_by_record() throws Exception {
    Schema schema = CatalogueAvro.schema();
    GenericData.Record good =
        new GenericRecordBuilder(schema).set("id", "a").set("uri", "a").build();
    Location wrong =
        file(
            schema,
            good,
            new GenericRecordBuilder(schema).set("id", "../b").set("uri", "b").build());
    assertThat(prepared(wrong)).extracting(CatalogueEntry::id).containsExactly("a", "record 2");
    assertThat(prepared(wrong).get(1).problem()).contains("zoo.avro, record 2: id '../b'");
    Location twice = file(schema, good, good);
    assertThatThrownBy(() -> prepared(twice))
        .hasMessageContaining("record 2: id 'a' is taken by record 1");
  }

  @Test
  void what_is_no_avro_or_only_a_part_of_it_is_refused() throws Exception {
    Location text = Location.of(Files.writeString(folder.resolve("text.avro"), "{\"id\": \"a\"}"));
    assertThatThrownBy(() -> prepared(text))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("expected an Avro container file");
    Schema schema = CatalogueAvro.schema();
    Location whole =
        file(schema, new GenericRecordBuilder(schema).set("id", "a").set("uri", "a").build());
    byte[] bytes = Files.readAllBytes(whole.localPath());
    Files.write(whole.localPath(), Arrays.copyOf(bytes, bytes.length - 5));
    assertThatThrownBy(() -> prepared(whole))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("it is cut short");
  }
}
