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
package dev.fusewright.io.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnreadableFileException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.DataFileNames;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.testing.ShardedModels;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ShardedTest {
  private static final String FIRST = "model-00001-of-00003.safetensors";
  private static final String SECOND = "model-00002-of-00003.safetensors";
  private static final String THIRD = "model-00003-of-00003.safetensors";

  @TempDir Path folder;
  private Path index;
  private Path target;

  @BeforeEach
  void writeModel() throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Map<String, Map<String, Tensor>> shards = new LinkedHashMap<>();
    shards.put(FIRST, Map.of("conv.weight", floats(1, 2, 3, 4), "fc.weight", floats(5)));
    shards.put(SECOND, Map.of("bn.weight", floats(6), "bn.bias", floats(7)));
    shards.put(THIRD, Map.of("head.weight", floats(8, 9)));
    index = ShardedModels.write(source.resolve("model.safetensors.index.json"), shards);
    target =
        Files.createDirectory(folder.resolve("target")).resolve("model.safetensors.index.json");
  }

  private static Tensor floats(float... values) {
    return LiteralTensor.ofFloats(Shape.of(values.length), values);
  }

  /** Writes the model with another state dict. */
  private WriteSummary write(UnaryOperator<Map<String, StateEntry>> edit, DataFileNames names)
      throws IOException {
    try (StateCheckpoint checkpoint = Formats.openStates(index)) {
      StateDict state = checkpoint.states().get(0).state();
      StateDict edited = new StateDict(edit.apply(new LinkedHashMap<>(state.entries())), Map.of());
      return checkpoint.write(Map.of(StatePath.ROOT, edited), target, names);
    }
  }

  private WriteSummary write(UnaryOperator<Map<String, StateEntry>> edit) throws IOException {
    return write(edit, DataFileNames.KEPT);
  }

  private static Map<String, StateEntry> with(
      Map<String, StateEntry> entries, String name, float... values) {
    entries.put(name, new StateEntry.Parameter(floats(values)));
    return entries;
  }

  private static Map<String, StateEntry> without(Map<String, StateEntry> entries, String... names) {
    entries.keySet().removeAll(List.of(names));
    return entries;
  }

  private Path source(String name) {
    return index.resolveSibling(name);
  }

  private Path written(String name) {
    return target.resolveSibling(name);
  }

  // ------------------------------------------------------------------- one checkpoint

  @Test
  void the_tensors_of_all_shards_are_one_state_dict_in_the_order_of_the_index() {
    try (StateCheckpoint checkpoint = Formats.openStates(index)) {
      assertThat(checkpoint.states()).hasSize(1);
      StateDict state = checkpoint.states().get(0).state();
      assertThat(state.entries().keySet())
          .containsExactly("bn.bias", "bn.weight", "conv.weight", "fc.weight", "head.weight");
      assertThat(Tensors.doubles(state.tensor("head.weight").orElseThrow(), 2))
          .containsExactly(8, 9);
      assertThat(checkpoint.dataFiles()).containsExactly(SECOND, FIRST, THIRD);
      assertThat(checkpoint.format().id()).isEqualTo("sharded");
    }
  }

  @Test
  void a_shard_alone_is_what_it_is() {
    assertThat(Formats.detect(source(FIRST)).orElseThrow().id()).isEqualTo("safetensors");
  }

  @Test
  void a_changed_tensor_changes_its_shard_and_no_other() throws IOException {
    WriteSummary summary = write(entries -> with(entries, "fc.weight", 50));

    assertThat(summary.dataFiles())
        .containsExactly(written(SECOND), written(FIRST), written(THIRD));
    assertThat(summary.rewritten()).singleElement().returns("fc.weight", it -> it.name());
    assertThat(written(SECOND)).hasSameBinaryContentAs(source(SECOND));
    assertThat(written(THIRD)).hasSameBinaryContentAs(source(THIRD));
    assertThat(Files.mismatch(written(FIRST), source(FIRST))).isNotNegative();
    assertThat(target).hasSameTextualContentAs(index);
  }

  @Test
  void a_tensor_that_goes_leaves_its_shard_and_the_size_is_counted_anew() throws IOException {
    write(entries -> without(entries, "bn.bias"));

    assertThat(Files.readString(target)).contains("\"total_size\": 32").doesNotContain("bn.bias");
    try (StateCheckpoint shard = Formats.openStates(written(SECOND))) {
      assertThat(shard.states().get(0).state().entries()).containsOnlyKeys("bn.weight");
    }
  }

  @Test
  void a_shard_that_becomes_empty_goes_from_the_index() throws IOException {
    WriteSummary summary = write(entries -> without(entries, "bn.bias", "bn.weight"));

    assertThat(summary.dataFiles()).containsExactly(written(FIRST), written(THIRD));
    assertThat(written(SECOND)).doesNotExist();
    assertThat(Files.readString(target)).doesNotContain(SECOND);
    try (StateCheckpoint checkpoint = Formats.openStates(target)) {
      assertThat(checkpoint.dataFiles()).containsExactly(FIRST, THIRD);
    }
  }

  @Test
  void a_new_tensor_goes_to_the_shard_of_its_module_and_a_renamed_one_stays() throws IOException {
    write(
        entries -> {
          Map<String, StateEntry> edited = new LinkedHashMap<>();
          edited.put("conv.0.bias", new StateEntry.Parameter(floats(10)));
          edited.put("head.0.weight", entries.remove("head.weight"));
          edited.putAll(entries);
          edited.put("unheard.of", new StateEntry.Parameter(floats(11)));
          return edited;
        });

    try (StateCheckpoint first = Formats.openStates(written(FIRST));
        StateCheckpoint second = Formats.openStates(written(SECOND));
        StateCheckpoint third = Formats.openStates(written(THIRD))) {
      assertThat(names(first)).contains("conv.0.bias").doesNotContain("unheard.of");
      assertThat(names(second)).contains("unheard.of");
      assertThat(names(third)).containsExactly("head.0.weight");
    }
  }

  private static List<String> names(StateCheckpoint shard) {
    return List.copyOf(shard.states().get(0).state().entries().keySet());
  }

  @Test
  void beside_its_source_what_changes_has_a_new_name_and_what_does_not_keeps_its_own()
      throws IOException {
    WriteSummary summary =
        write(entries -> with(without(entries, "bn.bias"), "fc.weight", 50), DataFileNames.NEW);

    assertThat(summary.dataFiles())
        .containsExactly(
            written("model.safetensors.index.json.1.safetensors"),
            written("model.safetensors.index.json.2.safetensors"),
            written(THIRD));
    Path once = Files.move(target.getParent(), folder.resolve("once"));
    index = once.resolve(target.getFileName());
    Files.createDirectory(target.getParent());

    // And again: no file that the index names is written over.
    assertThat(write(entries -> with(entries, "fc.weight", 60), DataFileNames.NEW).dataFiles())
        .containsExactly(
            written("model.safetensors.index.json.1.safetensors"),
            written("model.safetensors.index.json.3.safetensors"),
            written(THIRD));
  }

  @Test
  void what_the_index_says_is_kept_but_for_what_is_not_true_any_more() throws IOException {
    Files.writeString(
        index,
        Files.readString(index)
            .replaceFirst(
                "\"total_size\": 36",
                "\"total_size\": 7, \"total_parameters\": 9, \"by\": {\"a\":[1, 2.50]}"));
    try (StateCheckpoint checkpoint = Formats.openStates(index)) {
      assertThat(checkpoint.extraEntries())
          .extracting(entry -> entry.path() + " " + entry.description())
          .containsExactly(
              "metadata.total_size 7, where the tensors have 36 bytes",
              "metadata.total_parameters 9",
              "metadata.by {\"a\":[1, 2.50]}",
              "__metadata__.format 'pt'");
    }

    WriteSummary summary = write(entries -> without(entries, "bn.bias"));

    assertThat(Files.readString(target))
        .contains("\"total_size\": 32", "\"by\": {\"a\":[1, 2.50]}")
        .doesNotContain("total_parameters");
    assertThat(summary.dropped())
        .extracting(entry -> entry.path() + " " + entry.disposition())
        .containsExactly("metadata.total_parameters " + ExtraEntry.Disposition.DROPPED);
  }

  @Test
  void a_right_size_is_nothing_beside_the_model_however_it_is_written() throws IOException {
    Files.writeString(index, Files.readString(index).replace("36", "36.0"));

    try (StateCheckpoint checkpoint = Formats.openStates(index)) {
      assertThat(checkpoint.extraEntries())
          .extracting(entry -> entry.path().toString())
          .containsExactly("__metadata__.format");
    }
  }

  @Test
  void versions_that_the_format_of_the_shards_cannot_keep_are_named_as_dropped()
      throws IOException {
    try (StateCheckpoint checkpoint = Formats.openStates(index)) {
      StateDict state = checkpoint.states().get(0).state();
      StateDict versioned = new StateDict(state.entries(), Map.of("conv", 2L));

      assertThat(checkpoint.write(Map.of(StatePath.ROOT, versioned), target).dropped())
          .extracting(entry -> entry.path() + " " + entry.description())
          .containsExactly("_metadata versions of 1 module");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "model.safetensors.index.json, true, false",
    "pytorch_model.bin.index.json, true, false",
    "model.safetensors.index.fp16.json, true, false",
    "model.index.json, false, false",
    ".safetensors.index.json, false, false",
    "model-00001-of-00005.safetensors, false, true",
    "pytorch_model-00001-of-00005.bin, false, true",
    "model-1-of-5.safetensors, false, false",
    "model-00001-of-00005.onnx, false, false"
  })
  void names_tell_an_index_and_a_shard(String name, boolean isList, boolean isPart) {
    assertThat(Formats.isListName(name)).isEqualTo(isList);
    assertThat(Formats.isPart(name)).isEqualTo(isPart);
  }

  @Test
  void a_failed_write_leaves_nothing() throws IOException {
    try (StateCheckpoint checkpoint = Formats.openStates(index)) {
      StateDict state = checkpoint.states().get(0).state();
      Map<String, StateEntry> entries = new LinkedHashMap<>(state.entries());
      Tensor failing =
          new StoredTensor(
              ElementType.FLOAT,
              Shape.of(2),
              (at, bytes) -> {
                throw new TensorReadException("the device fails", null);
              });
      entries.put("head.weight", new StateEntry.Parameter(failing));
      assertThatExceptionOfType(TensorReadException.class)
          .isThrownBy(
              () ->
                  checkpoint.write(
                      Map.of(StatePath.ROOT, new StateDict(entries, Map.of())), target));
    }
    try (Stream<Path> left = Files.list(target.getParent())) {
      assertThat(left).isEmpty();
    }
  }

  // ------------------------------------------------------------------- hostile

  private void assertRefused(Class<? extends CheckpointException> type, String message) {
    assertThatExceptionOfType(type)
        .isThrownBy(() -> Formats.openStates(index).close())
        .withMessageContaining(message);
    for (String shard : List.of(FIRST, SECOND, THIRD)) {
      assertThat(isOpen(source(shard))).as("%s is open", shard).isFalse();
    }
    assertThat(isOpen(index)).isFalse();
  }

  private static boolean isOpen(Path file) {
    try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
      Path real = file.toRealPath();
      return handles.anyMatch(handle -> leadsTo(handle, real));
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean leadsTo(Path handle, Path file) {
    try {
      return Files.readSymbolicLink(handle).equals(file);
    } catch (IOException e) {
      return false; // closed since it was listed
    }
  }

  private void map(Map<String, String> map) throws IOException {
    Files.writeString(index, ShardedModels.text(1, map));
  }

  private static Map<String, String> right() {
    Map<String, String> map = new TreeMap<>();
    map.put("conv.weight", FIRST);
    map.put("fc.weight", FIRST);
    map.put("bn.weight", SECOND);
    map.put("bn.bias", SECOND);
    map.put("head.weight", THIRD);
    return map;
  }

  private void replaced(String tensor, String shard) throws IOException {
    Map<String, String> map = right();
    map.put(tensor, shard);
    map(map);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../source/" + FIRST,
        "/etc/passwd",
        "./" + FIRST,
        "sub/" + FIRST,
        "..\\" + FIRST,
        "..",
        "",
        ".hidden",
        "C:model",
        "a\nb",
        "a\u202eb",
      })
  void the_name_of_a_shard_is_no_path_and_nothing_strange(String name) throws IOException {
    replaced("head.weight", name);

    assertRefused(MalformedFileException.class, "the name of a file in the index's folder");
  }

  @Test
  void a_name_of_letters_and_spaces_is_one() throws IOException {
    Files.move(source(THIRD), source("Die dritte, größte Scherbe"));
    replaced("head.weight", "Die dritte, größte Scherbe");

    Formats.openStates(index).close();
  }

  @Test
  void names_that_differ_by_case_or_form_alone_are_refused() throws IOException {
    replaced("fc.weight", FIRST.toUpperCase(Locale.ROOT));
    assertRefused(MalformedFileException.class, "names of shards that differ by more than case");

    map(Map.of("a", "\u00e9", "b", "e\u0301"));
    assertRefused(MalformedFileException.class, "names of shards that differ by more than case");
  }

  @Test
  void a_tensor_that_its_shard_lacks_is_refused() throws IOException {
    replaced("absent.weight", THIRD);

    assertRefused(MalformedFileException.class, "tensor 'absent.weight'");
  }

  @Test
  void a_tensor_that_the_index_lacks_is_refused() throws IOException {
    Map<String, String> map = right();
    map.remove("fc.weight");
    map(map);

    assertRefused(MalformedFileException.class, "one that is not in the index");
  }

  @Test
  void a_tensor_in_two_shards_is_refused() throws IOException {
    replaced("fc.weight", THIRD);

    assertRefused(MalformedFileException.class, "one that it maps to '" + THIRD + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"weight_map\": {\"a\": \"x\", \"a\": \"x\"}}",
        "{\"weight_map\": {\"a\": \"x\"}, \"weight_map\": {\"b\": \"x\"}}",
        "{\"metadata\": {}, \"metadata\": {}, \"weight_map\": {\"a\": \"x\"}}",
        "{\"metadata\": null, \"metadata\": {}, \"weight_map\": {\"a\": \"x\"}}",
        "{\"metadata\": {}, \"metadata\": 1, \"weight_map\": {\"a\": \"x\"}}",
        "{\"metadata\": {\"k\": 1, \"k\": 1}, \"weight_map\": {\"a\": \"x\"}}"
      })
  void a_name_that_occurs_twice_is_refused(String text) throws IOException {
    Files.writeString(index, text);

    assertRefused(MalformedFileException.class, "names that occur once");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"weight_map\": {}}",
        "{\"weight_map\": []}",
        "{\"weight_map\": {\"a\": 1}}",
        "{\"weight_map\": {\"a\": \"x\"}} {",
        "{\"weight_map\": {\"a\": \"x\"}, \"n\": 01}",
        "{\"weight_map\": {\"a\": \"x\"}, \"n\": tru}",
        "{\"weight_map\": {\"a\": \"x\"}, \"n\": -}",
        "[]"
      })
  void what_is_no_index_is_refused_and_named(String text) throws IOException {
    Files.writeString(index, text);

    assertRefused(MalformedFileException.class, index.toString());
  }

  @Test
  void an_empty_index_is_called_an_empty_file() throws IOException {
    Files.writeString(index, "");

    assertRefused(UnsupportedFormatException.class, "found an empty file");
  }

  @Test
  void a_missing_shard_is_named_before_anything_is_read() throws IOException {
    Files.delete(source(THIRD));

    assertThat(Formats.dataFiles(index)).contains(THIRD);
    assertRefused(UnreadableFileException.class, "shard '" + THIRD + "'");
  }

  @Test
  void a_shard_is_a_file_and_no_index() throws IOException {
    Files.copy(index, source("other.index.json"));
    replaced("more", "other.index.json");
    assertRefused(UnsupportedFormatException.class, "expected a shard: a safetensors file or");

    replaced("more", index.getFileName().toString());
    assertRefused(MalformedFileException.class, "the index itself");

    Files.createDirectory(source("sub"));
    replaced("more", "sub");
    assertRefused(UnreadableFileException.class, "a directory");
  }

  @Test
  void a_link_out_of_the_folder_is_refused_and_one_within_it_followed() throws IOException {
    Path inside = Files.move(source(THIRD), source("inside"));
    Files.createSymbolicLink(source(THIRD), Path.of("inside"));
    Formats.openStates(index).close();

    Files.delete(source(THIRD));
    Files.createSymbolicLink(source(THIRD), Files.move(inside, folder.resolve("outside")));
    assertRefused(MalformedFileException.class, "a symbolic link that leads out of it");
  }

  @Test
  void a_cache_that_keeps_the_index_and_its_shards_by_links_is_read() throws IOException {
    Path blobs = Files.createDirectory(folder.resolve("blobs"));
    Path snapshot = Files.createDirectory(folder.resolve("snapshot"));
    int number = 0;
    for (Path file : List.of(index, source(FIRST), source(SECOND), source(THIRD))) {
      Path blob = Files.move(file, blobs.resolve("blob" + number++));
      Files.createSymbolicLink(snapshot.resolve(file.getFileName()), blob);
    }
    Formats.openStates(snapshot.resolve(index.getFileName())).close();

    // The index itself lies here, its shards do not.
    index = Files.copy(blobs.resolve("blob0"), snapshot.resolve("real.safetensors.index.json"));
    assertRefused(MalformedFileException.class, "a symbolic link that leads out of it");
  }

  @Test
  void a_thousand_shards_are_named_and_no_more() throws IOException {
    Map<String, String> map = new TreeMap<>();
    for (int i = 0; i < ShardedFormat.MAX_SHARDS; i++) {
      map.put("t" + i, "s" + i);
    }
    map(map);
    assertThat(Formats.dataFiles(index)).hasSize(ShardedFormat.MAX_SHARDS);

    map.put("more", "more");
    map(map);
    assertRefused(TooLargeException.class, "at most 1000 shards");
  }

  @Test
  void an_index_of_more_than_a_hundred_megabytes_is_refused_before_it_is_read() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(index.toFile(), "rw")) {
      file.setLength(ShardedFormat.MAX_INDEX + 1);
    }

    assertRefused(TooLargeException.class, "at most 100000000 bytes");
  }

  @Test
  void what_an_index_may_take_of_the_heap_is_bounded() throws IOException {
    StringBuilder text = new StringBuilder("{\"weight_map\": {\"a\": \"x\"");
    for (int i = 0; i < 500_000; i++) {
      text.append(",\"t").append(i).append("\":\"x\"");
    }
    Files.writeString(index, text.append("}}"));
    assertRefused(TooLargeException.class, "no more than 128 MB in memory of the index");

    Files.writeString(
        index,
        "{\"n\": %s%s, \"weight_map\": {\"a\":\"x\"}}"
            .formatted("[".repeat(100_000), "]".repeat(100_000)));
    assertRefused(TooLargeException.class, "at most 64 levels");
  }

  @Test
  void an_index_of_two_hundred_thousand_tensors_is_read() throws IOException {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < 200_000; i++) {
      map.put("model.layers." + i + ".experts.weight", "model-%05d-of-00163".formatted(i % 163));
    }
    map(map);

    assertThat(Formats.dataFiles(index)).hasSize(163);
  }
}
