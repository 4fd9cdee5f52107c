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
package dev.fusewright.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.beam.InThisThread;
import dev.fusewright.pipeline.run.FuseRun;
import dev.fusewright.pipeline.run.RunChoices;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every file that a run has written beside its models, damaged in turn: what plans, reports and
 * runs after it either does without that file, or names it.
 */
final class DamagedRunTest {
  /** As many as it takes for a run to list folders, and so to settle what is unchanged. */
  private static final int ENTRIES = 5;

  @TempDir Path folder;
  private Path output = Path.of("");
  private Path pristine = Path.of("");

  /** What happens to a file. */
  enum Damage {
    EMPTIED {
      @Override
      byte[] of(byte[] bytes, Random random) {
        return new byte[0];
      }
    },
    CUT_SHORT {
      @Override
      byte[] of(byte[] bytes, Random random) {
        return Arrays.copyOf(bytes, bytes.length / 2);
      }
    },
    BYTES_FLIPPED {
      @Override
      byte[] of(byte[] bytes, Random random) {
        byte[] damaged = bytes.clone();
        for (int i = 0; i < 8 && bytes.length > 0; i++) {
          damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return damaged;
      }
    },
    ANOTHER_FILE {
      @Override
      byte[] of(byte[] bytes, Random random) {
        return "{\"run_id\": \"../../etc\", \"total\": 1e999}\n".getBytes(StandardCharsets.UTF_8);
      }
    };

    abstract byte[] of(byte[] bytes, Random random);
  }

  @BeforeEach
  void run() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      Files.copy(ExampleModels.model("mlp_bn"), folder.resolve(name + ".onnx"));
    }
    Files.copy(ExampleModels.model("nothing_to_fuse"), folder.resolve("nothing.onnx"));
    Files.writeString(folder.resolve("broken.onnx"), "no model");
    Files.writeString(
        folder.resolve("catalogue.jsonl"),
        """
        {"id": "a", "uri": "a.onnx"}
        {"id": "b", "uri": "b.onnx"}
        {"id": "c", "uri": "c.onnx"}
        {"id": "nothing", "uri": "nothing.onnx"}
        {"id": "broken", "uri": "broken.onnx"}
        """);
    // What was written just before it was read is looked at by each run anew.
    try (Stream<Path> sources = Files.list(folder)) {
      for (Path source : sources.toList()) {
        Files.setLastModifiedTime(source, FileTime.from(Instant.EPOCH.plus(Duration.ofDays(9999))));
      }
    }
    output = folder.resolve("out");
    start("first");
    start(/* name= */ null);
    pristine = folder.resolve("pristine");
    copy(output, pristine);
  }

  private FuseRun.Ended start(@Nullable String name) throws Exception {
    Location place = Location.of(output);
    return new FuseRun(
            Location.of(folder.resolve("catalogue.jsonl")),
            place,
            place.resolve("reports"),
            Settings.NONE.with(SettingFields.VERIFY_LEVEL, VerifyLevel.SITE),
            StorageConfiguration.defaults(),
            RunChoices.USUAL,
            name,
            new InThisThread())
        .execute(begun -> {});
  }

  /** With their times, which receipts remember. */
  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  private void restore() throws IOException {
    try (Stream<Path> all = Files.walk(output)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    copy(pristine, output);
  }

  private List<Path> written() throws IOException {
    try (Stream<Path> all = Files.walk(output.resolve("reports"))) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private Map<String, String> models() throws IOException {
    Map<String, String> models = new TreeMap<>();
    try (Stream<Path> files = Files.list(output)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        models.put(file.getFileName().toString(), Staging.sha256(file));
      }
    }
    return models;
  }

  @ParameterizedTest
  @EnumSource
  void what_comes_after_does_without_it_or_names_it(Damage damage) throws Exception {
    Map<String, String> whole = models();
    Random random = new Random(5);
    List<Path> files = written();
    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .contains(
            "latest.json",
            "run.json",
            "catalogue.jsonl",
            "summary.json",
            "part-00000-of-00001.avro",
            "part-settled.avro",
            "work.jsonl",
            "retry.jsonl");
    for (Path file : files) {
      String when = "%s: %s".formatted(damage, output.relativize(file));
      Files.write(file, damage.of(Files.readAllBytes(file), random));
      plan(when);
      report(file, when);
      retry(file, when);
      FuseRun.Ended ended = start(/* name= */ null);
      assertThat(ended.summary().path("total").asInt()).as(when).isEqualTo(ENTRIES);
      assertThat(ended.summary().path("failed").asInt()).as(when).isEqualTo(1);
      assertThat(models()).as(when).isEqualTo(whole);
      restore();
    }
  }

  private void plan(String when) {
    Answer plan =
        Answer.of(
            "plan",
            "--catalogue",
            folder.resolve("catalogue.jsonl"),
            "--output",
            output,
            "--verify=site");
    assertThat(plan.code()).as("%s: %s", when, plan.err()).isEqualTo(ExitCode.OK);
    assertThat(plan.out()).as(when).contains(ENTRIES + " entries: ", "0 would fail");
    assertTyped(plan, when);
  }

  private void report(Path damaged, String when) throws IOException {
    Path audit = Files.createTempDirectory(folder, "audit");
    Answer report = Answer.of("report", output.resolve("reports"), "-o", audit, "--format", "csv");
    assertTyped(report, when);
    if (report.code() == ExitCode.OK) {
      try (Stream<Path> tables = Files.list(audit)) {
        Path table =
            tables
                .filter(file -> file.toString().endsWith(".models.csv"))
                .findFirst()
                .orElseThrow();
        assertThat(Files.readAllLines(table)).as(when).hasSize(1 + ENTRIES);
      }
    } else {
      assertThat(report.code()).as(when).isEqualTo(ExitCode.NOTHING);
      assertThat(report.err()).as(when).contains(damaged.getFileName().toString());
    }
  }

  /** As far as it goes without an engine; of a summary it asks only whether there is one. */
  private void retry(Path damaged, String when) {
    String name = damaged.getFileName().toString();
    boolean isNeeded =
        (name.equals("latest.json") || name.equals("run.json") || name.equals("summary.json"))
            && !damaged.toString().contains("run=first");
    boolean mayStillBeRead =
        when.startsWith(Damage.BYTES_FLIPPED.name())
            || (when.startsWith(Damage.ANOTHER_FILE.name()) && name.equals("summary.json"));
    if (!isNeeded || mayStillBeRead) {
      return;
    }
    Answer retry = Answer.of("retry", "--reports", output.resolve("reports"), "--output", output);
    assertTyped(retry, when);
    assertThat(retry.code()).as(when).isIn(ExitCode.USAGE, ExitCode.NOTHING);
    assertThat(retry.err()).as(when).contains(name);
  }

  private static void assertTyped(Answer answer, String when) {
    assertThat(answer.err() + answer.out())
        .as(when)
        .doesNotContain("\tat ", "defect of fusewright", "Exception:", "Error:");
  }
}
