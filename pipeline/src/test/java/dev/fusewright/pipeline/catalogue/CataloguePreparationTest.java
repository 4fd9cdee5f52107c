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
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CataloguePreparationTest {
  @TempDir Path folder;
  private final Store store = Stores.forSingleFiles(StorageConfiguration.defaults());

  private PreparedCatalogue prepare(String lines) throws Exception {
    Path catalogue = Files.writeString(folder.resolve("catalogue.jsonl"), lines);
    return prepare(Location.of(catalogue));
  }

  private PreparedCatalogue prepare(Location catalogue) throws Exception {
    return CataloguePreparation.prepare(store, catalogue, folder.resolve("prepared.jsonl"));
  }

  private List<CatalogueEntry> entries(PreparedCatalogue prepared) throws IOException {
    List<CatalogueEntry> entries = new ArrayList<>();
    try (InputStream in = store.open(prepared.location());
        CatalogueLines lines = new CatalogueLines(in)) {
      for (var line = lines.next(); line != null; line = lines.next()) {
        entries.add(EntryJson.parse(line.text(), Location.of("/")));
      }
    }
    return entries;
  }

  @Test
  void relative_uris_are_seen_from_the_catalogue() throws Exception {
    Files.createDirectory(folder.resolve("sub"));
    Files.write(folder.resolve("sub/b.onnx"), new byte[7]);
    PreparedCatalogue prepared =
        prepare(
            "{\"id\":\"a\",\"uri\":\"a.onnx\"}\n\n  \n{\"id\":\"b\",\"uri\":\"sub/../sub/b.onnx\"}");
    assertThat(prepared.entries()).isEqualTo(2);
    assertThat(prepared.bytes()).isEqualTo(7);
    assertThat(entries(prepared))
        .containsExactly(
            CatalogueEntry.of("a", Location.of(folder.resolve("a.onnx")), null),
            CatalogueEntry.of("b", Location.of(folder.resolve("sub/b.onnx")), 7L));
  }

  @Test
  void every_wrong_line_is_named() {
    assertThatThrownBy(
            () ->
                prepare(
                    "{\"id\":\"a\",\"uri\":\"a.onnx\"}\r\n{\"id\":\"../b\",\"uri\":\"b\"}\r\n\r\nnonsense\r\n"))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("catalogue.jsonl, line 2: id '../b' has the step '..'")
        .hasMessageContaining("catalogue.jsonl, line 4: expected a JSON object");
  }

  @Test
  void an_id_is_given_once() {
    assertThatThrownBy(
            () ->
                prepare(
                    "{\"id\":\"a\",\"uri\":\"a.onnx\"}\n{\"id\":\"b\",\"uri\":\"b.onnx\"}\n{\"id\":\"a\",\"uri\":\"c.onnx\"}\n"))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("line 3: id 'a' is taken by line 1; ids are unique");
  }

  @Test
  void two_entries_are_not_published_at_one_place() {
    assertThatThrownBy(
            () ->
                prepare(
                    "{\"id\":\"a\",\"uri\":\"x.onnx\"}\n{\"id\":\"a.onnx\",\"uri\":\"y.onnx\"}\n"))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining(
            "line 2: 'a.onnx' would be published at a.onnx, as line 1 already is");
  }

  @Test
  void an_empty_catalogue_is_refused() {
    assertThatThrownBy(() -> prepare("\n\n"))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("expected entries, found none");
  }

  @Test
  void a_missing_catalogue_is_refused_with_a_hint() {
    assertThatThrownBy(() -> prepare(Location.of(folder)))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("/**/*.onnx");
  }

  @Test
  void a_model_is_no_catalogue() throws Exception {
    Path model =
        Files.write(folder.resolve("model.onnx"), new byte[] {8, 7, 18, (byte) 0xff, 0, 1});
    assertThatThrownBy(() -> prepare(Location.of(model)))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("fusewright fuse");
  }

  @Test
  void only_so_many_problems_are_shown() {
    assertThatThrownBy(
            () ->
                prepare(
                    "{\"id\":\"a\",\"uri\":\"a\"}\n"
                        + "{\"id\":\"..\",\"uri\":\"a\"}\n".repeat(1000)))
        .isInstanceOf(CatalogueException.class)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(21));
  }

  @Test
  void a_glob_makes_one_entry_per_file() throws Exception {
    Files.createDirectories(folder.resolve("zoo/deep"));
    Files.write(folder.resolve("zoo/b.onnx"), new byte[3]);
    Files.write(folder.resolve("zoo/deep/a.onnx"), new byte[4]);
    Files.write(folder.resolve("zoo/deep/a.pt"), new byte[5]);
    PreparedCatalogue prepared = prepare(Location.of(folder + "/zoo/**/*.{onnx,pt}"));
    assertThat(prepared.bytes()).isEqualTo(12);
    assertThat(entries(prepared))
        .extracting(CatalogueEntry::id, CatalogueEntry::output)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("b", "b.onnx"),
            org.assertj.core.groups.Tuple.tuple("deep/a.onnx", "deep/a.onnx"),
            org.assertj.core.groups.Tuple.tuple("deep/a.pt", "deep/a.pt"));
  }

  @Test
  void a_glob_that_matches_nothing_is_refused() {
    assertThatThrownBy(() -> prepare(Location.of(folder + "/zoo/*.onnx")))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("no file that matches");
  }

  @Test
  void offsets_of_lines_are_those_of_the_file() throws IOException {
    byte[] bytes = "\uFEFF{\"é\"}\n\n{2}\r\n{3}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    try (CatalogueLines lines = new CatalogueLines(new java.io.ByteArrayInputStream(bytes))) {
      assertThat(lines.next()).isEqualTo(new CatalogueLines.Line(0, 9, 1, "{\"é\"}"));
      assertThat(lines.next()).isEqualTo(new CatalogueLines.Line(11, 4, 3, "{2}\r"));
      assertThat(lines.next()).isEqualTo(new CatalogueLines.Line(16, 3, 4, "{3}"));
      assertThat(lines.next()).isNull();
    }
  }
}
