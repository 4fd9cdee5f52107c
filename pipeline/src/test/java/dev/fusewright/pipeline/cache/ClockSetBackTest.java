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
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.model.FuseModel;
import dev.fusewright.pipeline.model.FuseRequest;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.VerifyLevel;
import dev.fusewright.pipeline.verification.NoVerifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker whose clock is set back by an hour between two runs. */
final class ClockSetBackTest {
  private static final Instant BEFORE = Instant.parse("2026-11-29T03:00:00Z");
  private static final Instant AFTER = BEFORE.minus(Duration.ofHours(1));

  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());
  private Path source = Path.of("");

  @BeforeEach
  void begin() throws IOException {
    source = folder.resolve("model.onnx");
    write("mlp_bn", BEFORE.minus(Duration.ofDays(1)));
  }

  private void write(String model, Instant time) throws IOException {
    Files.copy(ExampleModels.model(model), source, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(source, FileTime.from(time));
  }

  private FusionReport fuse(Instant now) {
    Incremental flow =
        new Incremental(
            new FuseModel(store, NoVerifier.INSTANCE, folder),
            ActionCache.below(store, Location.of(folder)),
            CacheLookup.Trust.EVERY_RUN,
            InstantSource.fixed(now));
    FusionReport report =
        flow.fuse(
            FuseRequest.of(
                Location.of(source),
                Location.of(folder.resolve("fused.onnx")),
                FuseRequest.Placement.BESIDE,
                FuseSettings.defaults().with(SettingFields.VERIFY_LEVEL, VerifyLevel.NONE)));
    flow.writeReceipts();
    return report;
  }

  private String fused() throws IOException {
    return Staging.sha256(folder.resolve("fused.onnx"));
  }

  @Test
  void what_is_done_is_unchanged() throws IOException {
    assertThat(fuse(BEFORE).getOutcome()).isEqualTo(Outcome.FUSED);
    String bytes = fused();
    FusionReport next = fuse(AFTER);
    assertThat(next.getOutcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(next.getStarted()).isEqualTo(AFTER);
    assertThat(fused()).isEqualTo(bytes);
  }

  @Test
  void a_source_of_a_time_that_has_not_come_is_read_again_and_unchanged() throws IOException {
    write("mlp_bn", BEFORE.minusSeconds(1));
    assertThat(fuse(BEFORE).getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(fuse(AFTER).getOutcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(fuse(AFTER.plusSeconds(10)).getOutcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void a_source_that_is_changed_after_it_and_so_looks_older_is_done_again() throws IOException {
    assertThat(fuse(BEFORE).getOutcome()).isEqualTo(Outcome.FUSED);
    String bytes = fused();
    write("conv1d_net", AFTER.minusSeconds(1));
    assertThat(fuse(AFTER).getOutcome()).isEqualTo(Outcome.FUSED);
    assertThat(fused()).isNotEqualTo(bytes);
  }

  @Test
  void a_source_that_is_changed_within_the_repeated_hour_to_the_same_size_and_time_is_seen()
      throws IOException {
    Instant then = AFTER.plus(Duration.ofMinutes(30));
    write("mlp_bn", then);
    assertThat(fuse(then).getOutcome()).isEqualTo(Outcome.FUSED);
    byte[] bytes = Files.readAllBytes(source);
    int last = bytes.length - 1;
    bytes[last] ^= 1;
    Files.write(source, bytes);
    Files.setLastModifiedTime(source, FileTime.from(then));
    assertThat(fuse(AFTER).getOutcome())
        .as("its time is not trusted")
        .isNotEqualTo(Outcome.UNCHANGED);
  }
}
