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

import dev.fusewright.core.text.Printable;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class CataloguePreparationTest {
  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());

  private PreparedCatalogue prepare(String lines) throws Exception {
    Path catalogue = Files.writeString(folder.resolve("catalogue.jsonl"), lines);
    return prepare(Location.of(catalogue));
  }

  private PreparedCatalogue prepare(Location catalogue) throws Exception {
    return CataloguePreparation.prepare(
        store, catalogue, Location.of(folder.resolve("fused")), folder.resolve("prepared.jsonl"));
  }

  private List<CatalogueEntry> entries(PreparedCatalogue prepared) throws IOException {
    List<CatalogueEntry> entries = new ArrayList<>();
    try (InputStream in = store.open(prepared.location());
        CatalogueLines lines = new CatalogueLines(in)) {
      for (var line = lines.next(); line != null; line = lines.next()) {
        entries.add(EntryJson.prepared(line.text()));
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

  private List<CatalogueEntry> prepared(String... lines) throws Exception {
    return entries(prepare(String.join("\n", lines) + "\n"));
  }

  private static String entry(String id) {
    return "{\"id\":\"%s\",\"uri\":\"m.onnx\"}".formatted(id);
  }

  @Test
  void a_wrong_line_costs_that_line() throws Exception {
    List<CatalogueEntry> entries =
        prepared(entry("a"), "{\"id\":\"../b\",\"uri\":\"b\"}", "nonsense", entry("c"));
    assertThat(entries)
        .extracting(CatalogueEntry::id)
        .containsExactly("a", "line 2", "line 3", "c");
    assertThat(entries.get(0).problem()).isNull();
    assertThat(entries.get(1).problem())
        .endsWith(
            "catalogue.jsonl, line 2: id '../b' has the step '..'; steps are names, with one / between");
    assertThat(entries.get(2).problem())
        .contains("catalogue.jsonl, line 3: expected a JSON object");
    assertThat(entries.get(3).problem()).isNull();
  }

  @Test
  void a_wrong_line_with_an_id_fails_under_that_id() throws Exception {
    assertThat(prepared("{\"id\":\"b\",\"uri\":\"b\",\"eps\":1e999}", entry("a")).get(0))
        .satisfies(
            wrong -> {
              assertThat(wrong.id()).isEqualTo("b");
              assertThat(wrong.problem()).contains("line 1: ");
            });
  }

  static Stream<Arguments> wrongLines() {
    return Stream.of(
        Arguments.of("a bucket without a name", "{\"id\":\"p\",\"uri\":\"s3a://\"}"),
        Arguments.of("arrays 10,000 deep", "[".repeat(10_000) + "]".repeat(10_000)),
        Arguments.of("a value 10,000 deep", "{\"id\":\"p\",\"uri\":" + "[".repeat(10_000)),
        Arguments.of(
            "a number of 5,000 digits",
            "{\"id\":\"p\",\"uri\":\"m.onnx\",\"size\":" + "9".repeat(5000) + "}"),
        Arguments.of(
            "a size beyond a long",
            "{\"id\":\"p\",\"uri\":\"m.onnx\",\"size\":" + "9".repeat(30) + "}"),
        Arguments.of("a size that is none", "{\"id\":\"p\",\"uri\":\"m.onnx\",\"size\":1e999}"),
        Arguments.of("an eps that is none", "{\"id\":\"p\",\"uri\":\"m.onnx\",\"eps\":1e999}"),
        Arguments.of(
            "a range without an end",
            "{\"id\":\"p\",\"uri\":\"m.onnx\",\"inputs\":{\"x\":{\"range\":[1e999,1e999]}}}"),
        Arguments.of(
            "a range wider than a number",
            "{\"id\":\"p\",\"uri\":\"m.onnx\",\"inputs\":{\"x\":{\"range\":[-1e308,1e308]}}}"),
        Arguments.of("half a character in an id", "{\"id\":\"\\ud800\",\"uri\":\"m.onnx\"}"),
        Arguments.of("half a character in a uri", "{\"id\":\"p\",\"uri\":\"\\udc00\"}"),
        Arguments.of(
            "half a character in an output", "{\"id\":\"p\",\"uri\":\"m\",\"output\":\"\\ud800\"}"),
        Arguments.of("a NUL in a uri", "{\"id\":\"p\",\"uri\":\"a\\u0000\"}"),
        Arguments.of(
            "a URI of 5,000 characters", "{\"id\":\"p\",\"uri\":\"" + "x".repeat(5000) + "\"}"),
        Arguments.of("a field that no entry has", "{\"id\":\"p\",\"uri\":\"m\",\"problem\":\"x\"}"),
        Arguments.of("a secret in a URI", "{\"id\":\"p\",\"uri\":\"s3a://KEY:SECRET@b/m\"}"),
        Arguments.of("a line of 2 MiB", "x".repeat(2 << 20)),
        Arguments.of("null", "null"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongLines")
  void a_hostile_line_costs_that_line(String what, String line) throws Exception {
    List<CatalogueEntry> entries = prepared(entry("a"), line, entry("c"));
    assertThat(entries).hasSize(3);
    assertThat(entries.get(0).problem()).isNull();
    assertThat(entries.get(1).problem())
        .contains("catalogue.jsonl, line 2: ")
        .doesNotContain("Exception")
        .doesNotContain("SECRET")
        .hasSizeLessThan(600);
    assertThat(entries.get(2).problem()).isNull();
  }

  @Test
  void a_line_that_is_not_utf8_costs_that_line() throws Exception {
    Path catalogue = folder.resolve("catalogue.jsonl");
    Files.write(
        catalogue,
        ("{\"id\":\"\u00e9\",\"uri\":\"b\"}\n" + entry("a") + "\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    assertThat(entries(prepare(Location.of(catalogue))))
        .extracting(CatalogueEntry::id)
        .containsExactly("line 1", "a");
  }

  @Test
  void a_path_that_the_file_system_refuses_is_left_to_its_own_attempt() throws Exception {
    List<CatalogueEntry> entries =
        prepared("{\"id\":\"p\",\"uri\":\"" + "x".repeat(3000) + "\"}", entry("a"));
    assertThat(entries).extracting(CatalogueEntry::problem).containsOnlyNulls();
  }

  @Test
  void what_a_prepared_line_says_is_printable() throws Exception {
    assertThat(
            prepared(entry("a"), "{\"id\":\"\\u001b[31m\\u202e\",\"uri\":\"b\"}").get(1).problem())
        .matches(problem -> problem.codePoints().allMatch(Printable::isPlain));
  }

  @Test
  void one_published_file_is_not_the_folder_of_another() {
    assertThatThrownBy(
            () -> prepare(entry("x") + "\n" + entry("a.onnx") + "\n" + entry("a.onnx/b") + "\n"))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining(
            "line 2 ('a.onnx') would be published at a.onnx, which is the folder of what line 3 ('a.onnx/b') publishes");
  }

  @Test
  void nor_is_it_where_the_folder_comes_first() {
    assertThatThrownBy(() -> prepare(entry("a.onnx/b/c") + "\n" + entry("a.onnx") + "\n"))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("line 2 ('a.onnx')")
        .hasMessageContaining("line 1 ('a.onnx/b/c')");
  }

  @Test
  void an_id_that_looks_like_the_folder_of_a_receipt_is_in_nobodys_way() throws Exception {
    assertThat(prepared(entry("a"), entry("a.avro/b")))
        .extracting(CatalogueEntry::problem)
        .containsOnlyNulls();
  }

  @Test
  void a_model_beside_a_folder_of_its_name_is_fine() throws Exception {
    assertThat(prepared(entry("a"), entry("a/b"), entry("a/b/c")))
        .extracting(CatalogueEntry::problem)
        .containsOnlyNulls();
  }

  @Test
  void a_folder_of_a_glob_may_be_called_as_a_file_of_ours() throws Exception {
    Files.createDirectories(folder.resolve("zoo/a.avro"));
    Files.write(folder.resolve("zoo/a.onnx"), new byte[3]);
    Files.write(folder.resolve("zoo/a.avro/b.onnx"), new byte[3]);
    assertThat(prepare(Location.of(folder + "/zoo/**/*.onnx")).entries()).isEqualTo(2);
  }

  @Test
  void an_id_that_a_wrong_line_has_too_is_given_twice() {
    assertThatThrownBy(() -> prepare(entry("a") + "\n{\"id\":\"a\",\"uri\":7}\n"))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining("line 2: id 'a' is taken by line 1");
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
  void without_a_single_entry_it_is_no_catalogue_and_some_of_its_lines_say_why() {
    assertThatThrownBy(() -> prepare("{\"id\":\"..\",\"uri\":\"a\"}\n".repeat(1000)))
        .isInstanceOf(CatalogueException.class)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(4));
  }

  @Test
  void only_so_many_clashes_are_shown() {
    assertThatThrownBy(() -> prepare((entry("a") + "\n").repeat(1000)))
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
            org.assertj.core.groups.Tuple.tuple("deep/a", "deep/a.onnx"),
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
      assertThat(lines.next()).isEqualTo(new CatalogueLines.Line(0, 9, 1, "{\"é\"}", null));
      assertThat(lines.next()).isEqualTo(new CatalogueLines.Line(11, 4, 3, "{2}\r", null));
      assertThat(lines.next()).isEqualTo(new CatalogueLines.Line(16, 3, 4, "{3}", null));
      assertThat(lines.next()).isNull();
    }
  }

  @Test
  void a_model_is_not_published_over_the_source_of_another() {
    assertThatThrownBy(
            () ->
                prepare(
                    """
                    {"id": "a", "uri": "fused/b.onnx"}
                    {"id": "c", "uri": "c.onnx"}
                    {"id": "b", "uri": "fused/a.onnx"}
                    """))
        .isInstanceOf(CatalogueException.class)
        .hasMessageContaining(
            "line 3 ('b') would be published at "
                + folder.resolve("fused/b.onnx")
                + ", which is the source of line 1 ('a')")
        .hasMessageContaining("line 1 ('a') would be published at")
        .hasMessageNotContaining("line 2");
  }

  @Test
  void a_source_below_the_output_is_in_nobodys_way_by_itself() throws Exception {
    // Over its own source it fails alone, when it is its turn.
    assertThat(
            prepared(
                "{\"id\":\"a\",\"uri\":\"fused/a.onnx\"}",
                "{\"id\":\"b\",\"uri\":\"fused/x.onnx\"}"))
        .hasSize(2);
  }

  @Test
  void the_name_of_an_unfinished_file_is_no_name_for_a_model() throws Exception {
    assertThat(
            prepared(
                    "{\"id\":\"a\",\"uri\":\"m\",\"output\":\"d/.a.w.1f.fusewright-tmp\"}",
                    "{\"id\":\"b\",\"uri\":\"m\",\"output\":\"reports\"}",
                    "{\"id\":\"c\",\"uri\":\"m\",\"output\":\"d/a.fusewright-tmp\"}")
                .stream()
                .map(CatalogueEntry::problem)
                .map(String::valueOf))
        .satisfiesExactly(
            first -> assertThat(first).contains("is the name of an unfinished file"),
            second -> assertThat(second).contains("where the run writes its reports"),
            third -> assertThat(third).isEqualTo("null"));
  }
}
