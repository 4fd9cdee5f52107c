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
package dev.fusewright.pipeline.beam;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.core.testing.TakesLong;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.cache.ActionCache;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.pipeline.run.FuseRun;
import dev.fusewright.pipeline.run.LatestRun;
import dev.fusewright.pipeline.run.RunChoices;
import dev.fusewright.pipeline.run.RunFailedException;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A run whose disk is full at each of its writes in turn: outputs, receipts, reports, summary. */
@TakesLong
final class FullDiskTest {
  private static final String NO_ROOM = "No space left on device";

  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());

  /** Three that differ in what is published of them. */
  @BeforeEach
  void collect() throws IOException {
    for (String name : List.of("mlp_bn", "nothing_to_fuse")) {
      Files.copy(ExampleModels.model(name), folder.resolve(name + ".onnx"));
    }
    Files.writeString(folder.resolve("broken.onnx"), "no model");
    Files.writeString(
        folder.resolve("catalogue.jsonl"),
        """
        {"id": "mlp_bn", "uri": "mlp_bn.onnx"}
        {"id": "nothing_to_fuse", "uri": "nothing_to_fuse.onnx"}
        {"id": "broken", "uri": "broken.onnx"}
        """);
    FillingFileSystem.neverFill();
  }

  @AfterEach
  void makeRoom() {
    FillingFileSystem.neverFill();
  }

  private FuseRun run(Path output, @Nullable String name) {
    Location place = new Location(FillingFileSystem.SCHEME, "", output.toString());
    return new FuseRun(
        Location.of(folder.resolve("catalogue.jsonl")),
        place,
        place.resolve("reports"),
        Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.SITE),
        StorageConfiguration.of(
            Map.of(
                "fs.full.impl",
                FillingFileSystem.class.getName(),
                "fs.AbstractFileSystem.full.impl",
                FillingContext.class.getName())),
        RunChoices.USUAL,
        name,
        new InThisThread());
  }

  /** The outcome, as far as somebody who started the run learns of it. */
  private String attempt(Path output) {
    try {
      FuseRun.Ended ended = run(output, "full").execute(begun -> {});
      return Files.readString(Path.of(ended.folder().path(), "summary.json"));
    } catch (IOException | RunFailedException e) {
      return String.valueOf(e.getMessage());
    } catch (CatalogueException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> published(Path output) throws IOException {
    Map<String, String> published = new TreeMap<>();
    try (Stream<Path> files = Files.list(output)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        published.put(file.getFileName().toString(), Staging.sha256(file));
      }
    }
    return published;
  }

  /** Every visible file is whole; hidden ones are left by nobody who still lives. */
  private void assertNothingHalfWritten(Path output, Map<String, String> whole, String when)
      throws IOException {
    if (!Files.exists(output)) {
      return;
    }
    assertThat(whole).as(when).containsAllEntriesOf(published(output));
    List<Path> files;
    try (Stream<Path> all = Files.walk(output)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      assertThat(name).as(when).doesNotStartWith(".");
      if (name.endsWith(".avro")
          && (name.startsWith("part-") || file.getParent().endsWith("attempts"))) {
        assertThat(reports(file)).as("%s: %s", when, file).hasSize(3);
      } else if (name.endsWith(".avro")) {
        ActionCache cache = ActionCache.below(store, Location.of(output.resolve("reports")));
        try (DataFileReader<GenericRecord> receipts =
            new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
          for (GenericRecord receipt : receipts) {
            assertThat(cache.find(receipt.get("id").toString()))
                .as("%s: %s", when, file)
                .isPresent();
          }
        }
      } else if (name.endsWith(".json")) {
        assertThat(new ObjectMapper().readTree(file.toFile()).isObject()).as(when).isTrue();
      } else if (name.endsWith(".jsonl")) {
        for (String line : Files.readAllLines(file)) {
          assertThat(new ObjectMapper().readTree(line).isObject()).as(when).isTrue();
        }
      } else if (name.endsWith(".md")) {
        assertThat(Files.readString(file)).as(when).contains("| FAILED |").endsWith("\n");
      }
    }
  }

  private List<FusionReport> reports(Path part) throws IOException {
    List<FusionReport> reports = new ArrayList<>();
    ReportFiles.read(store, Location.of(part), reports::add);
    return reports;
  }

  /** What a test fills the disk with, at each write of a run in turn. */
  enum Extent {
    /** Somebody makes room at once. */
    THAT_WRITE {
      @Override
      FillingFileSystem.Full full(int write, String file) {
        return (now, name) -> now == write;
      }
    },
    /** As a quota of one folder may have it. */
    THAT_FILE {
      @Override
      FillingFileSystem.Full full(int write, String file) {
        return (now, name) ->
            file.endsWith("…")
                ? name.contains(file.substring(0, file.length() - 1))
                : name.endsWith(file);
      }
    },
    ALL_FROM_THEN_ON {
      @Override
      FillingFileSystem.Full full(int write, String file) {
        return (now, name) -> now >= write;
      }
    };

    abstract FillingFileSystem.Full full(int write, String file);
  }

  /** The file of each write of a run, below its output. */
  private List<String> writes(Path undisturbed) {
    assertThat(attempt(undisturbed)).doesNotContain(NO_ROOM);
    return FillingFileSystem.writes().stream()
        .map(file -> file.substring(undisturbed.toString().length()))
        .map(file -> file.replaceFirst("/new/[0-9a-f-]+[.]avro$", "/new/…"))
        .toList();
  }

  @Test
  void a_run_writes_files_of_every_kind() {
    assertThat(writes(folder.resolve("undisturbed")))
        .contains(
            "/mlp_bn.onnx",
            "/nothing_to_fuse.onnx",
            "/reports/receipts/new/…",
            "/reports/run=full/catalogue.jsonl",
            "/reports/run=full/run.json",
            "/reports/run=full/attempts/only.avro",
            "/reports/run=full/part-00000-of-00001.avro",
            "/reports/run=full/quarantine/part-00000-of-00001.jsonl",
            "/reports/run=full/quarantine/retry.jsonl",
            "/reports/run=full/summary.json",
            "/reports/run=full/summary.md",
            "/reports/latest.json");
  }

  @ParameterizedTest
  @EnumSource
  void wherever_there_is_no_room_nothing_half_written_is_seen_and_the_next_run_has_every_byte(
      Extent extent) throws Exception {
    Path undisturbed = folder.resolve("undisturbed");
    List<String> writes = writes(undisturbed);
    Map<String, String> whole = published(undisturbed);
    assertThat(whole).hasSize(2);
    assertThat(writes).isNotEmpty();
    for (int write = 0; write < writes.size(); write++) {
      String file = writes.get(write);
      if (extent == Extent.THAT_FILE && writes.indexOf(file) < write) {
        continue;
      }
      Path output = folder.resolve("out-" + write);
      String when = "%s, %d, %s".formatted(extent, write, file);
      FillingFileSystem.fill(extent.full(write, file));
      String said = attempt(output);
      assertThat(FillingFileSystem.failed()).as(when).isPositive();
      FillingFileSystem.neverFill();
      assertSaid(extent, file, said, output, whole, when);
      assertNothingHalfWritten(output, whole, when);

      FuseRun.Ended named = run(output, "full").execute(begun -> {});
      FuseRun.Ended next = run(output, /* name= */ null).execute(begun -> {});
      assertThat(published(output)).as(when).isEqualTo(whole);
      assertThat(next.summary().path("failed").asInt()).as(when).isEqualTo(1);
      assertThat(Path.of(named.folder().path(), "_SUCCESS")).as(when).exists();
      assertThat(LatestRun.of(store, Location.of(output).resolve("reports")))
          .as(when)
          .contains(next.id());
      assertNothingHalfWritten(output, whole, when + ", then with room");
    }
  }

  /** A store that sends a file again may not need to say anything. A receipt is not missed. */
  private static void assertSaid(
      Extent extent, String file, String said, Path output, Map<String, String> whole, String when)
      throws IOException {
    if (extent == Extent.ALL_FROM_THEN_ON
        || (extent == Extent.THAT_FILE && !file.contains("/receipts/"))) {
      assertThat(said).as(when).contains(NO_ROOM);
    } else if (!said.contains(NO_ROOM)) {
      assertThat(published(output)).as(when).isEqualTo(whole);
    }
  }

  @Test
  void an_output_without_room_costs_that_entry_and_no_other() throws Exception {
    FillingFileSystem.fill((write, file) -> file.endsWith("/mlp_bn.onnx"));
    Path output = folder.resolve("out");
    String summary = attempt(output);
    assertThat(summary).contains("\"failed\" : 2", "mlp_bn", NO_ROOM);
    assertThat(published(output)).containsOnlyKeys("nothing_to_fuse.onnx");
  }

  @Test
  void receipts_without_room_are_no_error_and_their_entries_are_done_again() throws Exception {
    FillingFileSystem.fill((write, file) -> file.contains("/receipts/"));
    Path output = folder.resolve("out");
    assertThat(attempt(output)).contains("\"failed\" : 1");
    assertThat(published(output)).hasSize(2);
    assertThat(output.resolve("reports/receipts/new")).isEmptyDirectory();
    FillingFileSystem.neverFill();
    FuseRun.Ended next = run(output, /* name= */ null).execute(begun -> {});
    assertThat(next.summary().path("fused").asInt()).isEqualTo(1);
    assertThat(next.summary().path("nothing_to_fuse").asInt()).isEqualTo(1);
    FuseRun.Ended last = run(output, /* name= */ null).execute(begun -> {});
    assertThat(last.summary().path("unchanged").asInt()).isEqualTo(2);
  }
}
