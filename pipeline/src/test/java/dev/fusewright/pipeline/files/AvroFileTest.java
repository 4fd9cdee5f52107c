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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Container files as Avro writes them, and as others do. */
final class AvroFileTest {
  private static final Schema SCHEMA =
      SchemaBuilder.record("R").fields().requiredString("name").requiredLong("size").endRecord();
  private static final byte[] MARKER = "sixteen bytes...".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());

  private Path file() {
    return folder.resolve("r.avro");
  }

  private List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (AvroFile<GenericRecord> records =
        AvroFile.open(store, Location.of(file()), AvroRecords.asWritten())) {
      for (GenericRecord r = records.next(); r != null; r = records.next()) {
        names.add(r.get("name").toString());
      }
    }
    return names;
  }

  private byte[] write(CodecFactory codec, int records) throws IOException {
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(SCHEMA)).setCodec(codec)) {
      writer.create(SCHEMA, file().toFile());
      for (int i = 0; i < records; i++) {
        writer.append(
            new GenericRecordBuilder(SCHEMA).set("name", "n" + i).set("size", 1L).build());
        if (i % 3 == 2) {
          writer.sync();
        }
      }
    }
    return Files.readAllBytes(file());
  }

  /** A header of our own making. */
  private static ByteArrayOutputStream header(Map<String, String> metadata) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {'O', 'b', 'j', 1});
    number(out, metadata.size());
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      text(out, entry.getKey());
      text(out, entry.getValue());
    }
    number(out, 0);
    out.write(MARKER);
    return out;
  }

  private static void text(ByteArrayOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(out, bytes.length);
    out.write(bytes);
  }

  private static void number(ByteArrayOutputStream out, long value) {
    long rest = (value << 1) ^ (value >> 63);
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
      out.write((int) ((rest & 0x7f) | 0x80));
    }
    out.write((int) rest);
  }

  private static Map<String, String> ours(String codec) {
    return Map.of("avro.schema", SCHEMA.toString(), "avro.codec", codec);
  }

  private void block(ByteArrayOutputStream out, long records, byte[] content) throws IOException {
    number(out, records);
    number(out, content.length);
    out.write(content);
    out.write(MARKER);
    Files.write(file(), out.toByteArray());
  }

  @Test
  void what_avro_writes_is_read() throws IOException {
    write(CodecFactory.nullCodec(), 10);
    assertThat(names()).hasSize(10).startsWith("n0").endsWith("n9");
    write(CodecFactory.deflateCodec(6), 10);
    assertThat(names()).hasSize(10).endsWith("n9");
    write(CodecFactory.nullCodec(), 0);
    assertThat(names()).isEmpty();
  }

  @Test
  void a_file_cut_short_anywhere_but_at_the_end_of_a_block_is_named_with_the_byte()
      throws IOException {
    byte[] whole = write(CodecFactory.deflateCodec(6), 7);
    int ends = 0;
    for (int length = 0; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      try {
        names();
        ends++;
      } catch (DamagedFileException e) {
        assertThat(e).hasMessageContaining("r.avro, byte ").hasMessageContaining("expected");
      }
    }
    // After the header, and after two of three blocks.
    assertThat(ends).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"snappy", "zstandard", "bzip2", "xz", "org.example.Codec"})
  void another_codec_is_refused_by_name(String codec) throws IOException {
    Files.write(file(), header(ours(codec)).toByteArray());
    assertThatThrownBy(this::names)
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining(
            "expected the codec null or deflate, found the codec '" + codec + "'");
  }

  @ParameterizedTest
  @ValueSource(longs = {Integer.MAX_VALUE, 1L << 31, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void a_block_larger_than_the_file_is_refused_before_anything_is_held(long length)
      throws IOException {
    ByteArrayOutputStream out = header(ours("null"));
    int start = out.size();
    number(out, 1);
    number(out, length);
    out.write(new byte[40]);
    Files.write(file(), out.toByteArray());
    assertThatThrownBy(this::names)
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("r.avro, byte " + start)
        .hasMessageContaining("found one of " + length + " bytes");
  }

  @Test
  void a_text_longer_than_its_block_is_refused() throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    number(content, Integer.MAX_VALUE - 10);
    block(header(ours("null")), 1, content.toByteArray());
    assertThatThrownBy(this::names)
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("record 1")
        .hasMessageContaining("with 0 bytes left in the block");
  }

  @Test
  void a_block_has_as_many_records_as_it_says() throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    text(content, "a");
    number(content, 1);
    block(header(ours("null")), 1, content.toByteArray());
    assertThat(names()).containsExactly("a");
    block(header(ours("null")), 2, content.toByteArray());
    assertThatThrownBy(this::names).hasMessageContaining("record 2");
    content.write(0);
    block(header(ours("null")), 1, content.toByteArray());
    assertThatThrownBy(this::names).hasMessageContaining("found 1 more bytes");
    block(header(ours("null")), 1L << 40, content.toByteArray());
    assertThatThrownBy(this::names).hasMessageContaining("as many records");
  }

  @Test
  void a_marker_that_is_another_is_refused() throws IOException {
    byte[] whole = write(CodecFactory.nullCodec(), 1);
    whole[whole.length - 1] ^= 1;
    Files.write(file(), whole);
    assertThatThrownBy(this::names).hasMessageContaining("expected the marker that ends a block");
  }

  @Test
  void what_fastavro_leaves_of_a_checksum_behind_a_block_is_passed_over() throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    text(content, "a");
    number(content, 1);
    ByteArrayOutputStream zlib = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(zlib)) {
      content.writeTo(out);
    }
    byte[] whole = zlib.toByteArray();
    byte[] left = Arrays.copyOfRange(whole, 2, whole.length - 1);
    block(header(ours("deflate")), 1, left);
    assertThat(names()).containsExactly("a");

    left[left.length - 1] ^= 1;
    block(header(ours("deflate")), 1, left);
    assertThatThrownBy(this::names)
        .hasMessageContaining("expected the end of a deflated block, found 3 more bytes");
  }

  @Test
  void a_block_that_inflates_for_ever_is_bounded() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(9, /* nowrap= */ true);
    try (DeflaterOutputStream out = new DeflaterOutputStream(bomb, deflater, 1 << 16)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 300; i++) {
        out.write(zeros);
      }
    }
    deflater.end();
    block(header(ours("deflate")), 1, bomb.toByteArray());
    assertThatThrownBy(this::names)
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("bytes in a block, found more");
  }

  @Test
  void records_of_no_bytes_are_not_made_without_end() throws IOException {
    Schema empty = SchemaBuilder.record("E").fields().endRecord();
    Schema list =
        SchemaBuilder.record("R")
            .fields()
            .requiredString("name")
            .name("items")
            .type(Schema.createArray(empty))
            .noDefault()
            .endRecord();
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    text(content, "a");
    number(content, 1L << 40);
    block(header(Map.of("avro.schema", list.toString())), 1, content.toByteArray());
    assertThatThrownBy(this::names)
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("a length of " + (1L << 40));
  }

  @Test
  void a_record_nested_in_itself_without_end_is_refused() throws IOException {
    Schema nested =
        new Schema.Parser()
            .parse(
                "{\"type\":\"record\",\"name\":\"N\",\"fields\":[{\"name\":\"next\",\"type\":[\"null\",\"N\"]}]}");
    byte[] content = new byte[1 << 20];
    Arrays.fill(content, (byte) 2);
    content[content.length - 1] = 0;
    block(header(Map.of("avro.schema", nested.toString())), 1, content);
    assertThatThrownBy(this::names).isInstanceOf(DamagedFileException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "\"string\"", "{\"type\":\"record\"}", "[\"null\"]"})
  void a_schema_that_is_none_is_refused(String schema) throws IOException {
    Files.write(file(), header(Map.of("avro.schema", schema)).toByteArray());
    assertThatThrownBy(this::names)
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("expected a schema of records");
  }

  @Test
  void a_file_of_another_kind_and_no_file_are_told_apart() throws IOException {
    assertThatThrownBy(this::names).isInstanceOf(FileNotFoundException.class);
    Files.writeString(file(), "{\"id\": \"a\"}");
    assertThatThrownBy(this::names)
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("byte 0: expected an Avro container file");
  }
}
