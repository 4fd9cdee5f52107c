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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.PendingFile;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.io.testing.ForwardingStore;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.files.AvroMessage;
import dev.fusewright.pipeline.report.ExampleReports;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.report.FileStates.Likeness;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Receipt;
import dev.fusewright.report.StoredReceipt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ActionCacheTest {
  private static final Instant READ = Instant.parse("2026-01-01T00:00:10Z");
  private static final Instant LONG_BEFORE = READ.minusSeconds(5);
  private static final Instant JUST_BEFORE = READ.minusMillis(500);

  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());

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

  private Location reports() {
    return Location.of(folder);
  }

  private ActionCache cache() {
    return ActionCache.below(store, reports());
  }

  private static Receipt receipt(String id, String target) {
    return Receipt.newBuilder()
        .setReceiptVersion(ActionCache.RECEIPT_VERSION)
        .setTarget(target)
        .setRead(READ)
        .setSource(FileStates.of(file(5, LONG_BEFORE, null), "00"))
        .setOutputs(List.of(FileStates.of(file(4, JUST_BEFORE, "etag"), null)))
        .setReport(FusionReport.newBuilder(ExampleReports.full()).setId(id).build())
        .build();
  }

  private static Receipt receipt(String id) {
    return receipt(id, "/out/a.onnx");
  }

  private void written(Receipt... receipts) throws IOException {
    ActionCache cache = cache();
    for (Receipt receipt : receipts) {
      cache.put(receipt);
    }
    cache.write();
  }

  private List<Path> batches() throws IOException {
    return files("receipts/new");
  }

  private List<Path> files(String name) throws IOException {
    Path below = folder.resolve(name);
    if (!Files.exists(below)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(below)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private boolean merge() throws IOException {
    try (Scratch scratch = Scratch.in(folder)) {
      return cache().merge(scratch, 0);
    }
  }

  private List<String> streamed() throws IOException {
    List<String> ids = new ArrayList<>();
    cache()
        .forEach(
            new ActionCache.Each() {
              @Override
              public boolean isWanted(String id) {
                return true;
              }

              @Override
              public void accept(Receipt receipt) {
                ids.add(receipt.getReport().getId());
              }
            });
    return ids;
  }

  @Test
  void what_is_put_is_found_at_once_by_who_put_it_and_by_others_when_it_is_written()
      throws IOException {
    ActionCache cache = cache();
    cache.put(receipt("a"));
    assertThat(cache.find("a")).contains(receipt("a"));
    assertThat(cache().find("a")).isEmpty();
    assertThat(batches()).isEmpty();

    cache.write();
    assertThat(cache().find("a")).contains(receipt("a"));
    assertThat(cache().find("b")).isEmpty();
    cache.put(receipt("a", "/else.onnx"));
    cache.write();
    assertThat(batches()).as("written anew").hasSize(1);
    assertThat(cache().find("a")).contains(receipt("a", "/else.onnx"));
  }

  @Test
  void receipts_are_written_after_a_hundred_or_when_nothing_was_for_ten_seconds()
      throws IOException {
    AtomicLong now = new AtomicLong();
    ActionCache cache =
        new ActionCache(
            store, reports().resolve("receipts"), reports().resolve("ledger"), now::get);
    for (int i = 0; i < ReceiptWriter.MOST_UNWRITTEN - 1; i++) {
      cache.put(receipt("m" + i));
    }
    assertThat(batches()).isEmpty();
    cache.put(receipt("last"));
    assertThat(cache().find("m0")).isPresent();
    assertThat(cache().find("last")).isPresent();

    cache.put(receipt("slow"));
    now.addAndGet(ReceiptWriter.LONGEST_UNWRITTEN.toNanos() - 1);
    cache.writeIfDue();
    assertThat(cache().find("slow")).isEmpty();
    now.incrementAndGet();
    cache.writeIfDue();
    assertThat(cache().find("slow")).isPresent();
    assertThat(batches()).hasSize(1);
    for (int i = 0; i < ReceiptWriter.FULL; i++) {
      cache.put(receipt("n" + i));
    }
    cache.write();
    assertThat(batches()).as("a batch does not grow for ever").hasSize(2);
    assertThat(cache().find("m0")).isPresent();
    assertThat(cache().find("n499")).isPresent();
  }

  @Test
  void a_store_without_room_is_tried_again_with_what_comes() throws IOException {
    Path place = Files.writeString(folder.resolve("receipts"), "no folder");
    ActionCache cache = cache();
    cache.put(receipt("a"));
    cache.write();
    assertThat(cache.find("a")).as("it is not forgotten").isPresent();
    Files.delete(place);
    cache.put(receipt("b"));
    cache.write();
    assertThat(cache().find("a")).isPresent();
    assertThat(cache().find("b")).isPresent();
  }

  @Test
  void merged_receipts_are_in_the_order_of_ids_and_the_newest_of_each() throws IOException {
    for (int batch = 0; batch < 3; batch++) {
      ActionCache cache = cache();
      for (int i = 0; i < 300; i++) {
        cache.put(receipt("m%03d".formatted(299 - i), "/night%d.onnx".formatted(batch)));
      }
      cache.write();
      newest();
    }
    written(receipt("m007", "/newest.onnx"), receipt("zoo"));

    assertThat(merge()).isTrue();

    assertThat(batches()).isEmpty();
    assertThat(files("receipts/sorted")).as("segments").hasSize(2);
    assertThat(streamed()).hasSize(301).isSorted();
    assertThat(cache().find("m007")).contains(receipt("m007", "/newest.onnx"));
    assertThat(cache().find("m008")).contains(receipt("m008", "/night2.onnx"));
    assertThat(cache().find("zoo")).isPresent();
    assertThat(cache().find("nobody")).isEmpty();

    // What comes after goes before what is merged, and into the next generation.
    written(receipt("m008", "/later.onnx"));
    assertThat(cache().find("m008")).contains(receipt("m008", "/later.onnx"));
    assertThat(merge()).isTrue();
    assertThat(cache().find("m008")).contains(receipt("m008", "/later.onnx"));
    assertThat(cache().find("m009")).contains(receipt("m009", "/night2.onnx"));
    assertThat(files("receipts/index")).hasSize(2);
    assertThat(merge()).as("there is nothing to merge").isFalse();
  }

  /** File systems count in ticks: what comes next is to be later. */
  private void newest() throws IOException {
    for (Path batch : batches()) {
      FileTime modified = Files.getLastModifiedTime(batch);
      Files.setLastModifiedTime(batch, FileTime.from(modified.toInstant().minusSeconds(100)));
    }
  }

  @Test
  void who_has_seen_a_batch_finds_its_receipts_after_they_were_merged() throws IOException {
    written(receipt("a"));
    written(receipt("b"));
    ActionCache reader = cache();
    assertThat(reader.find("a")).isPresent();
    merge();
    assertThat(reader.find("b")).isPresent();
  }

  @Test
  void who_was_there_before_learns_what_a_worker_had_done_that_was_lost() throws IOException {
    AtomicLong now = new AtomicLong();
    List<String> opened = new ArrayList<>();
    Store counting =
        new ForwardingStore(store) {
          @Override
          public InputStream open(Location location, long offset) throws IOException {
            opened.add(location.name());
            return super.open(location, offset);
          }
        };
    ActionCache survivor =
        new ActionCache(
            counting, reports().resolve("receipts"), reports().resolve("ledger"), now::get);
    assertThat(survivor.find("a")).isEmpty();
    written(receipt("a"));
    Path lost = batches().get(0);
    FileTime silent = FileTime.from(Instant.now().minus(ReceiptReader.SILENT_AFTER.plusSeconds(1)));
    Files.setLastModifiedTime(lost, silent);
    written(receipt("b"));

    assertThat(survivor.find("a")).as("it has looked just before").isEmpty();
    now.addAndGet(ReceiptReader.LOOKED_EVERY.toNanos());
    assertThat(survivor.find("a")).isPresent();
    assertThat(survivor.find("b")).as("of one that still writes nothing is read").isEmpty();
    assertThat(opened).containsOnly(lost.getFileName().toString());
  }

  @Test
  void of_two_merges_at_once_one_counts_and_nothing_is_lost() throws IOException {
    written(receipt("a"));
    Store meanwhile =
        new ForwardingStore(store) {
          @Override
          public PendingFile create(Location location, Existing existing) throws IOException {
            if (existing == Existing.REFUSE) {
              written(receipt("b"));
              assertThat(merge()).isTrue();
            }
            return super.create(location, existing);
          }
        };
    try (Scratch scratch = Scratch.in(folder)) {
      assertThat(ActionCache.below(meanwhile, reports()).merge(scratch, 0)).isFalse();
    }
    assertThat(cache().find("a")).isPresent();
    assertThat(cache().find("b")).isPresent();
    assertThat(files("receipts/sorted")).as("those of the merge that counts").hasSize(1);
  }

  @Test
  void what_a_worker_writes_while_it_is_merged_stays() throws IOException {
    ActionCache worker = cache();
    worker.put(receipt("a"));
    worker.write();
    Store meanwhile =
        new ForwardingStore(store) {
          @Override
          public PendingFile create(Location location, Existing existing) throws IOException {
            if (existing == Existing.REFUSE) {
              worker.put(receipt("b"));
              worker.write();
            }
            return super.create(location, existing);
          }
        };
    try (Scratch scratch = Scratch.in(folder)) {
      assertThat(ActionCache.below(meanwhile, reports()).merge(scratch, 0)).isTrue();
    }
    assertThat(batches()).hasSize(1);
    assertThat(cache().find("a")).isPresent();
    assertThat(cache().find("b")).isPresent();
  }

  @Test
  void a_merge_that_ends_early_has_moved_nothing() throws IOException {
    written(receipt("a"));
    written(receipt("b"));
    for (int writes = 0; writes < 2; writes++) {
      AtomicInteger left = new AtomicInteger(writes);
      Store full =
          new ForwardingStore(store) {
            @Override
            public PendingFile create(Location location, Existing existing) throws IOException {
              if (left.getAndDecrement() == 0) {
                throw new IOException("No space left on device");
              }
              return super.create(location, existing);
            }
          };
      try (Scratch scratch = Scratch.in(folder)) {
        assertThatThrownBy(() -> ActionCache.below(full, reports()).merge(scratch, 0))
            .hasMessageContaining("No space left");
      }
      assertThat(batches()).hasSize(2);
      assertThat(streamed()).containsExactlyInAnyOrder("a", "b");
    }
    assertThat(merge()).isTrue();
    assertThat(streamed()).containsExactly("a", "b");
  }

  @Test
  void a_receipt_of_which_any_byte_was_changed_or_lost_is_none() throws IOException {
    written(receipt("a"));
    Path file = batches().get(0);
    byte[] bytes = Files.readAllBytes(file);
    int found = 0;
    for (int i = 0; i < bytes.length; i += 7) {
      byte[] changed = bytes.clone();
      changed[i] ^= 0x10;
      Files.write(file, changed);
      Optional<Receipt> read = cache().find("a");
      assertThat(read.orElse(receipt("a"))).as("byte %d", i).isEqualTo(receipt("a"));
      found += read.isPresent() ? 1 : 0;
      Files.write(file, Arrays.copyOf(bytes, i));
      assertThat(cache().find("a")).as("%d bytes", i).isEmpty();
      assertThat(streamed()).as("%d bytes", i).isEmpty();
    }
    assertThat(found).as("only what is said of fields may be another").isLessThan(bytes.length / 7);
    Files.write(file, bytes);
    assertThat(cache().find("a")).isPresent();
  }

  @Test
  void of_a_damaged_batch_the_others_are_merged_and_found() throws IOException {
    written(receipt("a"));
    written(receipt("b"));
    Files.writeString(batches().get(0), "half a batch");
    assertThat(streamed()).hasSize(1);
    assertThat(merge()).isTrue();
    assertThat(streamed()).hasSize(1);
    Path segment = files("receipts/sorted").get(0);
    Files.write(segment, Arrays.copyOf(Files.readAllBytes(segment), 100));
    assertThat(streamed()).isEmpty();
    written(receipt("c"));
    assertThat(merge()).isTrue();
    assertThat(streamed()).containsExactly("c");
    Path index = files("receipts/index").get(1);
    Files.writeString(index, "no index");
    assertThat(cache().find("c")).isEmpty();
    assertThat(streamed()).isEmpty();
  }

  @Test
  void receipts_of_earlier_versions_are_found_until_there_is_one_in_a_batch() throws IOException {
    Path ledger = Files.createDirectories(folder.resolve("ledger/team"));
    Files.write(
        ledger.resolve("message.avro"),
        AvroMessage.write(receipt("team/message"), ReceiptSchemas.PRESENT));
    try (DataFileWriter<Receipt> writer =
        new DataFileWriter<Receipt>(new SpecificDatumWriter<>(Receipt.class))
            .setCodec(CodecFactory.deflateCodec(6))
            .create(Receipt.getClassSchema(), ledger.resolve("container.avro").toFile())) {
      writer.append(receipt("team/container"));
    }
    Files.writeString(ledger.resolve("broken.avro"), "half a rec");

    assertThat(cache().find("team/message")).contains(receipt("team/message"));
    assertThat(cache().find("team/container")).contains(receipt("team/container"));
    assertThat(cache().find("team/broken")).isEmpty();
    assertThat(cache().find("team/none")).isEmpty();
    assertThat(streamed()).as("they are looked at one by one").isEmpty();

    written(receipt("team/message", "/newer.onnx"));
    assertThat(cache().find("team/message")).contains(receipt("team/message", "/newer.onnx"));
  }

  /** The schema of receipts before they had a content. */
  private static final long WITHOUT_CONTENT = 0x0b53dc83dd76d712L;

  @Test
  void a_batch_of_the_version_before_contents_is_read_and_merged_with_those_of_today()
      throws IOException {
    Schema stored = StoredReceipt.getClassSchema();
    Schema before =
        Schema.createRecord(
            stored.getName(),
            null,
            stored.getNamespace(),
            /* isError= */ false,
            Stream.of("id", "receipt")
                .map(name -> new Schema.Field(name, stored.getField(name).schema()))
                .toList());
    GenericRecord record = new GenericData.Record(before);
    record.put("id", "old");
    record.put("receipt", ByteBuffer.wrap(message(receipt("old"), WITHOUT_CONTENT)));
    ByteBuffer ids = ByteBuffer.allocate(Long.BYTES).putLong(ReceiptBatch.key("old"));
    Path batch = folder.resolve("receipts/new/0b53dc83-dd76-d712-0000-000000000000-0.avro");
    Files.createDirectories(batch.getParent());
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(before))
            .setMeta("fusewright.ids", ids.array())
            .create(before, batch.toFile())) {
      writer.append(record);
    }
    Receipt expected = receipt("old");
    expected.getReport().put("reused_from", null);

    assertThat(cache().find("old")).contains(expected);
    Receipt today = Receipt.newBuilder(receipt("today")).setContent("ab".repeat(32)).build();
    written(today);
    assertThat(merge()).isTrue();
    assertThat(cache().find("old")).contains(expected);
    assertThat(cache().find("today")).contains(today);
    assertThat(cache().findContent("ab".repeat(32))).contains(today);
    assertThat(cache().findContent("cd".repeat(32))).isEmpty();
  }

  /** A receipt as a version with an earlier schema wrote it. */
  private static byte[] message(Receipt receipt, long fingerprint) throws IOException {
    Schema schema = ReceiptSchemas.resource(fingerprint).orElseThrow();
    ByteArrayOutputStream now = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(now, null);
    new SpecificDatumWriter<>(Receipt.class).write(receipt, encoder);
    encoder.flush();
    GenericRecord then =
        new GenericDatumReader<GenericRecord>(Receipt.getClassSchema(), schema)
            .read(null, DecoderFactory.get().binaryDecoder(now.toByteArray(), null));
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    encoder = EncoderFactory.get().binaryEncoder(body, null);
    new GenericDatumWriter<GenericRecord>(schema).write(then, encoder);
    encoder.flush();
    ByteBuffer bytes = ByteBuffer.allocate(14 + body.size()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0xc3).put((byte) 1).putLong(fingerprint).put(body.toByteArray());
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.array(), 0, bytes.position());
    return bytes.putInt((int) checksum.getValue()).array();
  }

  @Test
  void a_receipt_of_a_schema_that_nobody_knows_is_none() throws IOException {
    Path ledger = Files.createDirectories(folder.resolve("ledger"));
    Files.write(ledger.resolve("a.avro"), AvroMessage.write(receipt("a"), /* fingerprint= */ 17));
    assertThat(cache().find("a")).isEmpty();
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
