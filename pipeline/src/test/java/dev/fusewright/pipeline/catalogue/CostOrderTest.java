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
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CostOrderTest {
  @TempDir Path folder;

  private PreparedCatalogue catalogue(@Nullable Long... sizes) throws IOException {
    Path file = folder.resolve("given.jsonl");
    try (CatalogueWriter writer = new CatalogueWriter(file)) {
      for (int i = 0; i < sizes.length; i++) {
        writer.add(CatalogueEntry.of("é" + i, Location.of("/zoo/" + i + ".onnx"), sizes[i]));
      }
      return writer.at(Location.of(file));
    }
  }

  private List<String> sorted(PreparedCatalogue catalogue) throws IOException {
    PreparedCatalogue sorted = CostOrder.sorted(catalogue, folder.resolve("sorted.jsonl"));
    assertThat(sorted).isEqualTo(catalogue.at(sorted.location()));
    List<String> ids = new ArrayList<>();
    for (String line : Files.readAllLines(sorted.location().localPath())) {
      ids.add(EntryJson.prepared(line).id());
    }
    return ids;
  }

  @Test
  void the_smallest_come_first_and_those_of_one_size_as_they_stood() throws IOException {
    assertThat(sorted(catalogue(7L, 3L, 9L, 3L, 0L))).containsExactly("é4", "é1", "é3", "é0", "é2");
  }

  @Test
  void one_of_unknown_size_stands_where_a_mean_one_would() throws IOException {
    assertThat(sorted(catalogue(100L, null, 10L, 40L))).containsExactly("é2", "é3", "é1", "é0");
    assertThat(sorted(catalogue(null, null))).containsExactly("é0", "é1");
  }

  @Test
  void a_catalogue_that_lost_lines_is_an_error() throws IOException {
    PreparedCatalogue whole = catalogue(1L, 2L);
    Files.writeString(whole.location().localPath(), "{\"id\":\"a\",\"uri\":\"/a\"}\n");
    assertThatThrownBy(() -> sorted(whole))
        .isInstanceOf(EOFException.class)
        .hasMessageContaining("expected 2 entries, found 1");
  }

  @Test
  void entries_are_found_by_their_ids_and_others_are_not() throws IOException {
    Long[] sizes = new Long[1000];
    PreparedCatalogue catalogue = catalogue(sizes);
    List<String> visited = new ArrayList<>();
    try (CatalogueIndex index =
        CatalogueIndex.of(
            catalogue, catalogue.location().localPath(), entry -> visited.add(entry.id()))) {
      assertThat(visited).hasSize(1000).startsWith("é0", "é1");
      for (int i = 0; i < 1000; i++) {
        CatalogueIndex.Found found = Objects.requireNonNull(index.find("é" + i));
        assertThat(found.position()).isEqualTo(i);
        assertThat(found.entry().source()).isEqualTo(Location.of("/zoo/" + i + ".onnx"));
        assertThat(index.find("e" + i)).isNull();
      }
    }
  }
}
