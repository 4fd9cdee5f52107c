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

import com.sun.management.ThreadMXBean;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.audit.AuditReport;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.catalogue.CatalogueAvro;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.report.RunSummary;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.LatestRun;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.pipeline.run.RunRecord;
import dev.fusewright.report.FusionReport;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of file that a run reads back, changed in some thousand ways: each is read, or refused
 * by the exception that names it, in bounded memory.
 */
final class MutatedRecordsTest {
  private static final int MUTANTS = 600;
  private static final long MOST_BYTES = 600L << 20;
  private static final String[] JSON_VALUES = {
    "null",
    "-1",
    "1e999",
    "9".repeat(400),
    "\"\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "true",
    "\"s3a://\"",
    "[".repeat(2000),
    "0.5",
    "\"../..\"",
    "\"a\\u0000b\""
  };

  @TempDir Path folder;
  private final Store store = RecordSeeds.STORE;
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private FusionReport report = new FusionReport();

  /** Reads what is there; what it gives is not asked. */
  private interface Reading {
    void read() throws Exception;
  }

  private RunFolder run() {
    return RunFolder.of(Location.of(folder), "a-run");
  }

  @BeforeEach
  void a_model_is_fused() {
    report = RecordSeeds.report(folder);
  }

  @Test
  void receipts() throws Exception {
    assertThat(ActionCache.below(store, Location.of(folder)).find("mlp_bn.onnx")).isPresent();
    mutate(
        RecordSeeds.batch(folder),
        avro(),
        () -> ActionCache.below(store, Location.of(folder)).find("mlp_bn.onnx"));
    assertThat(outcomes.keySet()).as("a damaged receipt is none").containsExactly("read");
  }

  @Test
  void report_parts() throws Exception {
    Path part = folder.resolve("part-0.avro");
    for (CodecFactory codec : List.of(CodecFactory.nullCodec(), CodecFactory.deflateCodec(6))) {
      try (DataFileWriter<FusionReport> writer =
          new DataFileWriter<FusionReport>(new SpecificDatumWriter<>(FusionReport.class))
              .setCodec(codec)) {
        writer.create(FusionReport.getClassSchema(), part.toFile());
        for (int i = 0; i < 4; i++) {
          writer.append(report);
          writer.sync();
        }
      }
      mutate(
          part,
          avro(),
          () ->
              ReportFiles.read(
                  store, Location.of(part), read -> assertThat(read.toString()).isNotEmpty()));
    }
    assertThat(outcomes).containsKeys("read", "DamagedFileException");
  }

  @Test
  void catalogues_in_avro() throws Exception {
    Path catalogue = folder.resolve("zoo.avro");
    try (OutputStream out = Files.newOutputStream(catalogue)) {
      CatalogueAvro.write(
          List.of(
              CatalogueEntry.of("a", Location.of(folder.resolve("a.onnx")), 7L),
              CatalogueEntry.of("b", Location.of("s3a://zoo/b.onnx"), null)),
          out);
    }
    mutate(catalogue, avro(), () -> prepare(catalogue));
    assertThat(outcomes).containsKeys("CatalogueException");
  }

  @Test
  void catalogues_in_json() throws Exception {
    Path catalogue = folder.resolve("zoo.jsonl");
    Files.writeString(
        catalogue,
        """
        {"id": "a", "uri": "a.onnx", "size": 7, "eps": 0.001, "fuse": [["c", "b"]]}
        {"id": "b", "uri": "s3a://zoo/b.onnx", "inputs": {"x": {"shape": [1, 3], "range": [0, 1], "files": ["x.npy"]}}}
        {"id": "c/d", "uri": "c.onnx", "sha256": "%s", "verify": "site", "output": "c.onnx"}
        """
            .formatted("ab".repeat(32)));
    mutate(catalogue, json(), () -> prepare(catalogue));
    assertThat(outcomes).containsKeys("read");
  }

  private void prepare(Path catalogue) throws Exception {
    CataloguePreparation.prepare(
        store, Location.of(catalogue), Location.of("/fused"), folder.resolve("prepared"));
  }

  @Test
  void latest_runs() throws Exception {
    LatestRun.write(store, Location.of(folder), "a-run");
    mutate(folder.resolve("latest.json"), json(), () -> LatestRun.of(store, Location.of(folder)));
    assertThat(outcomes).containsKeys("read", "DamagedFileException");
  }

  @Test
  void records_of_runs() throws Exception {
    RecordSeeds.record(run());
    mutate(run().record().localPath(), json(), () -> RunRecord.read(store, run()));
    assertThat(outcomes).containsKeys("read", "DamagedFileException");
  }

  @Test
  void summaries() throws Exception {
    RunTotals totals = new RunTotals();
    totals.add(report);
    Path part = run().location().resolve("part-0.avro").localPath();
    Files.createDirectories(part.getParent());
    try (DataFileWriter<FusionReport> writer =
        new DataFileWriter<>(new SpecificDatumWriter<>(FusionReport.class))) {
      writer.create(FusionReport.getClassSchema(), part.toFile());
      writer.append(report);
    }
    Files.writeString(run().summary().localPath(), new RunSummary("a-run", totals, 0, 1.5).json());
    AuditReport audit = new AuditReport(store, run());
    mutate(run().summary().localPath(), json(), () -> audit.write(folder.resolve("audit")));
    assertThat(outcomes).containsKeys("read", "DamagedFileException");
  }

  /** A change of a file, by the structure of its kind. */
  private interface Mutator {
    byte[] mutant(byte[] whole, Random random);
  }

  private void mutate(Path file, Mutator mutator, Reading reading) throws Exception {
    byte[] whole = Files.readAllBytes(file);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int seed = 0; seed < MUTANTS; seed++) {
      Files.write(file, mutator.mutant(whole, new Random(seed * 7919L)));
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        reading.read();
        outcomes.merge("read", 1, Integer::sum);
      } catch (DamagedFileException e) {
        assertThat(e).hasMessageContaining(file.toString());
        outcomes.merge("DamagedFileException", 1, Integer::sum);
      } catch (CatalogueException e) {
        assertThat(e).hasMessageContaining(file.toString());
        outcomes.merge("CatalogueException", 1, Integer::sum);
      } catch (Exception | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError("mutant " + seed + " of " + file.getFileName(), e);
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before)
          .as("bytes for mutant %d of %s", seed, file.getFileName())
          .isLessThan(MOST_BYTES);
    }
    Files.write(file, whole);
  }

  /** Lengths and counts become others, bytes change, parts go, come twice or change places. */
  private static Mutator avro() {
    return (whole, random) -> {
      byte[] bytes = whole.clone();
      int at = random.nextInt(bytes.length);
      return switch (random.nextInt(6)) {
        case 0 -> Arrays.copyOf(bytes, at);
        case 1 -> {
          bytes[at] ^= (byte) (1 << random.nextInt(8));
          yield bytes;
        }
        case 2 -> spliced(bytes, at, 1, varint(random));
        case 3 -> spliced(bytes, at, random.nextInt(20), new byte[0]);
        case 4 -> {
          int length = Math.min(random.nextInt(200), bytes.length - at);
          yield spliced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
        }
        default -> {
          // Near the end of the header, where a block says its count and length.
          int near = Math.max(0, bytes.length - 1 - random.nextInt(Math.min(400, bytes.length)));
          yield spliced(bytes, near, 1, varint(random));
        }
      };
    };
  }

  private static byte[] varint(Random random) {
    long[] values = {
      0, 1, -1, 100, 1L << 20, Integer.MAX_VALUE, 1L << 31, Long.MAX_VALUE, Long.MIN_VALUE
    };
    long value = values[random.nextInt(values.length)];
    long rest = (value << 1) ^ (value >> 63);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
      out.write((int) ((rest & 0x7f) | 0x80));
    }
    out.write((int) rest);
    return out.toByteArray();
  }

  private static byte[] spliced(byte[] bytes, int at, int removed, byte[] inserted) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.writeBytes(inserted);
    int rest = Math.min(bytes.length, at + removed);
    out.write(bytes, rest, bytes.length - rest);
    return out.toByteArray();
  }

  /** Values become others, keys change, bytes change, the text is cut short. */
  private static Mutator json() {
    return (whole, random) -> {
      String text = new String(whole, StandardCharsets.UTF_8);
      int at = random.nextInt(text.length());
      return switch (random.nextInt(5)) {
        case 0 -> text.substring(0, at).getBytes(StandardCharsets.UTF_8);
        case 1 -> {
          byte[] bytes = whole.clone();
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          yield bytes;
        }
        case 2, 3 -> {
          int colon = text.indexOf(':', at);
          int end = colon < 0 ? -1 : end(text, colon);
          String value = JSON_VALUES[random.nextInt(JSON_VALUES.length)];
          yield (end < 0 ? value : text.substring(0, colon + 1) + value + text.substring(end))
              .getBytes(StandardCharsets.UTF_8);
        }
        default ->
            spliced(
                whole,
                random.nextInt(whole.length),
                random.nextInt(8),
                JSON_VALUES[random.nextInt(JSON_VALUES.length)].getBytes(StandardCharsets.UTF_8));
      };
    };
  }

  private static int end(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (",}\n".indexOf(text.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }
}
