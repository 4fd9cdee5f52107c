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
package dev.fusewright.pipeline.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.files.AvroMessage;
import dev.fusewright.pipeline.report.ExampleReports;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.report.FileStates.Likeness;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.specific.SpecificDatumWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ActionCacheTest {
  private static final Instant READ = Instant.parse("2026-01-01T00:00:10Z");
  private static final Instant LONG_BEFORE = READ.minusSeconds(5);
  private static final Instant JUST_BEFORE = READ.minusMillis(500);

  @TempDir Path folder;

  private static StoredFile file(long bytes, Instant modified, @Nullable String etag) {
    return new StoredFile(Location.of("/models/a.onnx"), bytes, modified, etag);
  }

  private static Likeness likeness(StoredFile then, StoredFile now) {
    return FileStates.likeness(FileStates.of(then, null), now, READ);
  }

  @Test
  void a_file_with_its_etag_is_the_same_whatever_its_time() {
    assertThat(likeness(file(5, LONG_BEFORE, "x"), file(5, JUST_BEFORE, "x")))
        .isEqualTo(Likeness.SAME);
    assertThat(likeness(file(5, JUST_BEFORE, "x"), file(5, JUST_BEFORE, "x")))
        .isEqualTo(Likeness.SAME);
  }

  @Test
  void another_etag_or_time_is_uncertain_and_another_size_is_another_file() {
    assertThat(likeness(file(5, LONG_BEFORE, "x"), file(5, LONG_BEFORE, "y")))
        .isEqualTo(Likeness.UNCERTAIN);
    assertThat(likeness(file(5, LONG_BEFORE, null), file(5, JUST_BEFORE, null)))
        .isEqualTo(Likeness.UNCERTAIN);
    assertThat(likeness(file(5, LONG_BEFORE, "x"), file(6, LONG_BEFORE, "x")))
        .isEqualTo(Likeness.DIFFERENT);
  }

  @Test
  void a_time_tells_only_if_it_lay_well_before_the_reading() {
    assertThat(likeness(file(5, LONG_BEFORE, null), file(5, LONG_BEFORE, null)))
        .isEqualTo(Likeness.SAME);
    assertThat(likeness(file(5, JUST_BEFORE, null), file(5, JUST_BEFORE, null)))
        .isEqualTo(Likeness.UNCERTAIN);
  }

  @Test
  void an_output_is_intact_with_its_size_and_etag_or_time() {
    FileState published = FileStates.of(file(5, JUST_BEFORE, null), null);
    assertThat(FileStates.isIntact(published, file(5, JUST_BEFORE, null))).isTrue();
    assertThat(FileStates.isIntact(published, file(5, LONG_BEFORE, null))).isFalse();
    assertThat(FileStates.isIntact(published, file(6, JUST_BEFORE, null))).isFalse();
    assertThat(FileStates.isIntact(published, file(5, JUST_BEFORE, "etag"))).isFalse();
  }

  @Test
  void what_is_no_receipt_counts_as_none() throws IOException {
    ActionCache ledger =
        new ActionCache(
            Stores.of(StorageConfiguration.defaults()), Location.of(folder.resolve("ledger")));
    assertThat(ledger.find("a/b")).isEmpty();
    Files.createDirectories(folder.resolve("ledger/a"));
    Files.writeString(folder.resolve("ledger/a/b.avro"), "half a rec");
    assertThat(ledger.find("a/b")).isEmpty();
  }

  private ActionCache cache() {
    return new ActionCache(
        Stores.of(StorageConfiguration.defaults()), Location.of(folder.resolve("ledger")));
  }

  private static Receipt receipt() {
    FusionReport report = ExampleReports.full();
    return Receipt.newBuilder()
        .setReceiptVersion(ActionCache.RECEIPT_VERSION)
        .setTarget("/out/a.onnx")
        .setRead(READ)
        .setSource(FileStates.of(file(5, LONG_BEFORE, null), "00"))
        .setOutputs(List.of(FileStates.of(file(4, JUST_BEFORE, "etag"), null)))
        .setReport(report)
        .build();
  }

  @Test
  void a_receipt_names_its_schema_and_does_not_hold_it() throws IOException {
    Receipt receipt = receipt();
    String id = receipt.getReport().getId();
    CacheEntry put = cache().put(receipt);

    Path file = cache().location(id).localPath();
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
        .doesNotContain("receipt_version");
    assertThat(cache().find(id)).contains(put);

    // What any reader of Avro makes of it, which does not look at the checksum.
    BinaryMessageDecoder<GenericRecord> reader =
        new BinaryMessageDecoder<>(GenericData.get(), Receipt.getClassSchema());
    assertThat(reader.decode(Files.newInputStream(file)).get("target")).hasToString("/out/a.onnx");
  }

  @Test
  void a_receipt_of_an_earlier_version_which_holds_its_schema_is_read_as_well() throws IOException {
    Receipt receipt = receipt();
    String id = receipt.getReport().getId();
    Path file = cache().location(id).localPath();
    Files.createDirectories(file.getParent());
    try (DataFileWriter<Receipt> writer =
        new DataFileWriter<Receipt>(new SpecificDatumWriter<>(Receipt.class))
            .setCodec(CodecFactory.deflateCodec(6))
            .create(Receipt.getClassSchema(), file.toFile())) {
      writer.append(receipt);
    }
    assertThat(cache().find(id)).map(CacheEntry::receipt).contains(receipt);
    // What takes its place is of this version.
    cache().put(receipt);
    assertThat(AvroMessage.isMessage(Files.readAllBytes(file))).isTrue();
  }

  @Test
  void a_receipt_of_which_any_byte_was_changed_or_lost_is_none() throws IOException {
    Receipt receipt = receipt();
    String id = receipt.getReport().getId();
    cache().put(receipt);
    Path file = cache().location(id).localPath();
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i += 7) {
      byte[] changed = bytes.clone();
      changed[i] ^= 0x10;
      Files.write(file, changed);
      assertThat(cache().find(id)).as("byte %d", i).isEmpty();
      Files.write(file, Arrays.copyOf(bytes, i));
      assertThat(cache().find(id)).as("%d bytes", i).isEmpty();
    }
    Files.write(file, AvroMessage.write(receipt, /* fingerprint= */ 17));
    assertThat(cache().find(id)).as("of a schema that nobody knows").isEmpty();
    Files.write(file, bytes);
    assertThat(cache().find(id)).isPresent();
  }

  /**
   * A later version finds the schema there when this one is not its own any more. {@code
   * -Dfusewright.schemas=write} keeps it.
   */
  @Test
  void the_schema_of_today_is_kept_for_later_versions() throws IOException {
    long fingerprint = AvroMessage.fingerprint(Receipt.getClassSchema());
    String text = SchemaNormalization.toParsingForm(Receipt.getClassSchema());
    Path kept =
        ExampleModels.folder()
            .resolve("../../pipeline/src/main/resources/dev/fusewright/pipeline/cache")
            .resolve(ReceiptSchemas.resourceName(fingerprint));
    if ("write".equals(System.getProperty("fusewright.schemas"))) {
      Files.createDirectories(kept.getParent());
      Files.writeString(kept, text + "\n");
      return;
    }
    assertThat(kept).as("run this test with -Dfusewright.schemas=write").hasContent(text);
    Schema read = ReceiptSchemas.resource(fingerprint).orElseThrow();
    assertThat(AvroMessage.fingerprint(read)).isEqualTo(fingerprint);
  }
}
