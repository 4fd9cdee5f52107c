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
package dev.fusewright.pipeline.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.core.testing.UsesPython;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.testing.Python;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.files.AvroMessage;
import dev.fusewright.pipeline.run.TestRuns;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.report.Receipt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a run writes with Avro, and what was written with every version of the schema there was, as
 * readers from elsewhere see it: every field of every record is what ours reads.
 */
@UsesFlink
@UsesProcesses
@UsesPython
final class OtherReadersTest {
  private static final String JAR = System.getProperty("fusewright.avro.tools", "");
  private static final Path KEPT = Path.of("src/test/resources/reports");

  @TempDir static Path folder;

  @BeforeAll
  static void run() throws Exception {
    List<String> lines = new ArrayList<>();
    for (String name : List.of("conv1d_net", "mlp_bn", "nothing_to_fuse", "broken/truncated")) {
      lines.add("{\"id\": \"%s\", \"uri\": \"%s\"}".formatted(name, ExampleModels.model(name)));
    }
    Path catalogue = Files.write(folder.resolve("catalogue.jsonl"), lines);
    TestRuns.into(folder.resolve("out"), Location.of(catalogue), Settings.NONE)
        .execute(begun -> {});
    Path receipts = Files.createDirectory(folder.resolve("ledger"));
    try (Stream<Path> batches = Files.list(folder.resolve("out/reports/receipts/new"))) {
      for (Path batch : batches.toList()) {
        for (GenericRecord stored : records(batch)) {
          byte[] receipt = ((ByteBuffer) stored.get("receipt")).array();
          Files.write(receipts.resolve(stored.get("id") + ".avro"), receipt);
        }
      }
    }
  }

  /** Reports, and receipts one by one: for us to read, but with nothing to hide. */
  private static List<Path> files() throws IOException {
    try (Stream<Path> kept = Files.list(KEPT);
        Stream<Path> ours = Files.walk(folder)) {
      return Stream.concat(kept, ours)
          .filter(file -> file.toString().endsWith(".avro"))
          .filter(file -> !file.toString().contains("/receipts/"))
          .map(Path::toAbsolutePath)
          .sorted()
          .toList();
    }
  }

  private static List<GenericRecord> records(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (AvroMessage.isMessage(bytes)) {
      return List.of(
          new BinaryMessageDecoder<GenericRecord>(GenericData.get(), receiptSchema())
              .decode(bytes));
    }
    List<GenericRecord> records = new ArrayList<>();
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
      reader.forEach(records::add);
    }
    return records;
  }

  /** As it is kept, without what is said of its fields: times are numbers. */
  private static Schema receiptSchema() {
    return new Schema.Parser().parse(SchemaNormalization.toParsingForm(Receipt.getClassSchema()));
  }

  /** A record prints itself as JSON. */
  private static JsonElement json(Path file) throws IOException {
    return JsonParser.parseString(records(file).toString());
  }

  @Test
  void there_is_something_to_read() throws IOException {
    List<String> outcomes = new ArrayList<>();
    for (Path file : files()) {
      for (GenericRecord record : records(file)) {
        if (record.hasField("outcome") && record.hasField("equivalence")) {
          outcomes.add(record.get("outcome").toString());
        }
      }
    }
    assertThat(outcomes)
        .as("one report of each version, and those of the run")
        .hasSizeGreaterThanOrEqualTo(2 + 4)
        .contains("FUSED", "NOTHING_TO_FUSE", "REJECTED", "FAILED");
  }

  @Test
  void fastavro_and_the_avro_library_of_python_read_what_we_do() throws IOException {
    List<Path> files = files();

    JsonArray read = Python.TORCH2.json("read_avro.py", files.toArray()).getAsJsonArray();

    assertThat(read).hasSameSizeAs(files);
    for (int i = 0; i < files.size(); i++) {
      JsonElement ours = json(files.get(i));
      JsonObject theirs = read.get(i).getAsJsonObject();
      assertThat(theirs.get("fastavro")).as("fastavro: %s", theirs.get("file")).isEqualTo(ours);
      assertThat(theirs.get("avro")).as("avro: %s", theirs.get("file")).isEqualTo(ours);
    }
  }

  @Test
  void avro_tools_prints_the_records_and_the_schema_that_we_read() throws Exception {
    for (Path file : files()) {
      if (!file.toString().contains("ledger")) {
        List<GenericRecord> records = records(file);
        List<String> printed = avroTools("DataFileReadTool", file).lines().toList();
        assertThat(printed).hasSameSizeAs(records);
        for (int i = 0; i < records.size(); i++) {
          assertThat(JsonParser.parseString(printed.get(i)))
              .as("%s", file)
              .isEqualTo(encoded(records.get(i)));
        }
        assertThat(new Schema.Parser().parse(avroTools("DataFileGetSchemaTool", file)))
            .as("%s", file)
            .isEqualTo(records.get(0).getSchema());
      }
    }
  }

  /** Avro's own JSON, in which the values of unions name their types. */
  private static JsonElement encoded(GenericRecord record) throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    Encoder encoder = EncoderFactory.get().jsonEncoder(record.getSchema(), json);
    new GenericDatumWriter<>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return JsonParser.parseString(json.toString(UTF_8));
  }

  /** Never closed: Hadoop, which it holds, ends with the JVM. */
  private static final class AvroTools {
    static final ClassLoader CLASSES;

    static {
      try {
        CLASSES =
            new URLClassLoader(
                new URL[] {Path.of(JAR).toUri().toURL()}, ClassLoader.getPlatformClassLoader());
      } catch (MalformedURLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** One of the tools that avro-tools has, from its own jar and with no class of ours. */
  private static String avroTools(String tool, Path file) throws Exception {
    assumeTrue(!JAR.isEmpty(), "fusewright.avro.tools is not set: Maven sets it, see the POM");
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    Thread thread = Thread.currentThread();
    ClassLoader ours = thread.getContextClassLoader();
    try {
      thread.setContextClassLoader(AvroTools.CLASSES);
      Class<?> type = AvroTools.CLASSES.loadClass("org.apache.avro.tool." + tool);
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      Method run =
          type.getMethod(
              "run", InputStream.class, PrintStream.class, PrintStream.class, List.class);
      run.setAccessible(true);
      Object code =
          run.invoke(
              constructor.newInstance(),
              InputStream.nullInputStream(),
              new PrintStream(printed, true, UTF_8),
              new PrintStream(errors, true, UTF_8),
              List.of(file.toString()));
      assertThat(code).as(errors.toString(UTF_8)).isEqualTo(0);
    } finally {
      thread.setContextClassLoader(ours);
    }
    return printed.toString(UTF_8);
  }
}
