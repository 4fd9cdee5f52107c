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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.testing.TakesLong;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.CostOrder;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.beam.sdk.io.BoundedSource.BoundedReader;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.util.SerializableUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogueSourceTest {
  @TempDir Path folder;
  private final List<CatalogueEntry> entries = new ArrayList<>();

  private static CatalogueEntry withLongList(CatalogueEntry entry) {
    String list = "[[\"conv\",\"bn\"]" + ",[\"conv\",\"bn\"]".repeat(10_000) + "]";
    return new CatalogueEntry(
        entry.id(),
        entry.source(),
        entry.output(),
        entry.size(),
        entry.format(),
        entry.sha256(),
        entry.candidate(),
        Settings.NONE.with(SettingFields.MODULES, list),
        entry.problem());
  }

  /** Entries of which some stand far from the next: a long module list lies between. */
  private CatalogueSource catalogue(int count) throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      CatalogueEntry alone =
          CatalogueEntry.of(
              "é" + i, Location.of("s3a://zoo/" + i + ".onnx"), random.nextLong(50_000, 5_000_000));
      CatalogueEntry entry = i % 7 == 0 ? withLongList(alone) : alone;
      entries.add(entry);
      lines.append(EntryJson.write(entry)).append('\n');
    }
    byte[] text = lines.toString().getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(folder.resolve("catalogue.jsonl"), text);
    PreparedCatalogue given =
        new PreparedCatalogue(
            Location.of(file),
            count,
            count,
            entries.stream().mapToLong(CatalogueEntry::size).sum());
    PreparedCatalogue prepared = CostOrder.sorted(given, folder.resolve("ordered.jsonl"));
    return CatalogueSource.whole(StorageConfiguration.defaults(), prepared);
  }

  private static List<CatalogueEntry> read(CatalogueSource source) throws IOException {
    List<CatalogueEntry> read = new ArrayList<>();
    try (BoundedReader<CatalogueEntry> reader =
        source.createReader(PipelineOptionsFactory.create())) {
      double consumed = 0;
      for (boolean more = reader.start(); more; more = reader.advance()) {
        read.add(reader.getCurrent());
        assertThat(reader.getFractionConsumed()).isGreaterThan(consumed);
        consumed = reader.getFractionConsumed();
      }
      assertThat(consumed).isEqualTo(1);
    }
    return read;
  }

  @TakesLong
  @Test
  void the_splits_hold_every_entry_once_whether_lines_stand_near_or_far() throws IOException {
    CatalogueSource whole = catalogue(300);
    List<CatalogueSource> splits =
        whole.split(
            whole.getEstimatedSizeBytes(PipelineOptionsFactory.create()) / 2,
            PipelineOptionsFactory.create());
    List<CatalogueEntry> read = new ArrayList<>();
    for (CatalogueSource split : splits) {
      read.addAll(read(split));
    }
    assertThat(splits).hasSizeGreaterThan(20);
    assertThat(read).containsExactlyInAnyOrderElementsOf(entries);
    assertThat(read(whole)).containsExactlyInAnyOrderElementsOf(entries);
  }

  /**
   * Flink's runner takes a worker that asks while the splits are still being made for one that is
   * done: then the run ends without having read an entry. Nothing is slow that reads nothing.
   */
  @Test
  void splitting_touches_no_store_the_plan_is_made_before_the_job_begins() throws IOException {
    CatalogueSource whole = catalogue(30);
    CatalogueSource sent = SerializableUtils.clone(whole);
    Files.delete(folder.resolve("ordered.jsonl"));

    List<CatalogueSource> splits = sent.split(1, PipelineOptionsFactory.create());

    assertThat(splits).hasSize(30);
    assertThatThrownBy(() -> read(splits.get(0)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ordered.jsonl");
  }

  @Test
  void a_catalogue_in_another_order_is_read_as_well() throws IOException {
    catalogue(100);
    PreparedCatalogue asGiven =
        new PreparedCatalogue(Location.of(folder.resolve("catalogue.jsonl")), 100, 100, 0);
    CatalogueSource whole = CatalogueSource.whole(StorageConfiguration.defaults(), asGiven);
    List<CatalogueEntry> read = new ArrayList<>();
    for (CatalogueSource split : whole.split(1 << 24, PipelineOptionsFactory.create())) {
      read.addAll(read(split));
    }
    assertThat(read).containsExactlyInAnyOrderElementsOf(entries);
  }

  @Test
  void a_catalogue_that_became_shorter_is_an_error_that_names_it() throws IOException {
    CatalogueSource whole = catalogue(30);
    CatalogueSource only = whole.split(Long.MAX_VALUE, PipelineOptionsFactory.create()).get(0);
    Path file = folder.resolve("ordered.jsonl");
    Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), 1000));
    assertThatThrownBy(() -> read(only))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ordered.jsonl")
        .hasMessageContaining("found less");
  }
}
