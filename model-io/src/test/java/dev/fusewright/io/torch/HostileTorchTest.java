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
package dev.fusewright.io.torch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.testing.CpuTimeLimit;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnreadableFileException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.WriteSummary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that want to harm: refused, with the place, before they cost anything. */
@CpuTimeLimit(seconds = 60)
final class HostileTorchTest {
  private static final long[] TWO = {2};
  private static final long[] ONE = {1};

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "os, system",
    "posix, system",
    "nt, system",
    "subprocess, Popen",
    "builtins, eval",
    "__builtin__, exec",
    "builtins, setattr",
    "importlib, import_module",
    "operator, attrgetter",
    "torch, os",
    "torch, os.system",
    "mymodule, Thing.__globals__",
    "shutil, rmtree",
    "ctypes.util, find_library",
    "socket, socket"
  })
  void a_pickle_that_names_a_way_out_is_refused_even_if_it_never_calls_it(
      String module, String name) throws IOException {
    byte[] pickle = new Pickles().op('}').text("a").global(module, name).op('s').bytes();

    CheckpointException refusal = refusal(pickle);

    assertThat(refusal)
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining(module + "." + name);
    assertThat(refusal.problem().byteOffset()).isPresent();
  }

  @Test
  void a_pickle_that_calls_a_command_runs_nothing() throws IOException {
    Path witness = folder.resolve("witness");
    byte[] pickle =
        new Pickles()
            .global("posix", "system")
            .op('(')
            .text("touch " + witness)
            .op('t', 'R')
            .bytes();

    assertThat(refusal(pickle))
        .hasMessageContaining("posix.system")
        .hasMessageContaining("Nothing was run");
    assertThat(witness).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "torch, load",
    "numpy, load",
    "mymodule, anything",
    "code.models, Net",
    "site.models, Net",
    "_operator, or_",
    "__builtin__, long",
    "__builtin__, unicode"
  })
  void a_call_off_the_list_is_read_past_and_left_out_by_name(String module, String name)
      throws IOException {
    Pickles pickle = new Pickles().op('}').text("beside").global(module, name);
    pickle.op('(').text("x").op('t', 'R', 's').text("weight").tensor("0", 2, 0, TWO, ONE).op('s');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      assertThat(checkpoint.states().get(0).state().tensors()).containsOnlyKeys("weight");
      Path copy = folder.resolve("copy.pth");
      assertThat(checkpoint.write(Map.of(), copy).dropped())
          .singleElement()
          .satisfies(left -> assertThat(left.path()).hasToString("beside"))
          .satisfies(left -> assertThat(left.description()).startsWith("value of "));
      assertThat(Files.readString(copy, ISO_8859_1)).doesNotContain(module + "\n" + name);
    }
  }

  @Test
  void a_value_that_a_call_made_is_called_and_extended_without_running_anything()
      throws IOException {
    Pickles pickle = new Pickles().op('}').text("beside").global("mymodule", "factory");
    pickle.op(')', 'R', ')', 'R', '}', 'b').op('(').text("key").number(1).op('u', 's');
    pickle.text("weight").tensor("0", 2, 0, TWO, ONE).op('s');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      assertThat(checkpoint.write(Map.of(), folder.resolve("copy.pth")).dropped())
          .singleElement()
          .hasToString(
              "ExtraEntry[path=beside, description=value of mymodule.factory(), disposition=DROPPED]");
    }
  }

  @ParameterizedTest
  @CsvSource({"mymodule, Outer, Inner", "mymodule, Phase, TRAIN"})
  void an_attribute_of_a_class_is_a_name(String module, String owner, String attribute)
      throws IOException {
    Pickles pickle = new Pickles().op('}').text("beside").global("__builtin__", "getattr");
    pickle.global(module, owner).text(attribute).op(0x86, 'R', 's');
    pickle.text("weight").tensor("0", 2, 0, TWO, ONE).op('s');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      assertThat(checkpoint.states().get(0).state().entries().get("beside"))
          .isInstanceOfSatisfying(
              OpaqueValue.class,
              carried ->
                  assertThat(carried.description())
                      .isEqualTo(module + "." + owner + "." + attribute));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mymodule, Thing, __globals__",
    "builtins, object, __subclasses__",
    "torch, nn, __builtins__"
  })
  void an_attribute_that_leads_to_the_interpreter_is_refused(
      String module, String owner, String attribute) throws IOException {
    Pickles pickle = new Pickles().global("builtins", "getattr").global(module, owner);

    assertThat(refusal(pickle.text(attribute).op(0x86, 'R').bytes()))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining(attribute);
  }

  @Test
  void of_tensors_beside_it_is_said_how_many_they_are_and_that_they_stay() throws IOException {
    Pickles pickle = new Pickles().op('}').text("ema").op(']', '(');
    pickle.tensor("0", 2, 0, TWO, ONE).tensor("0", 2, 0, TWO, ONE).op('e', 's');
    pickle.text("epoch").number(3).op('s').text("state").op('}');
    pickle.text("weight").tensor("0", 2, 0, TWO, ONE).op('s', 's');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      assertThat(checkpoint.extraEntries())
          .extracting(ExtraEntry::description)
          .containsExactly("list of 2 with 2 tensors, which stay as they are", "int 3");
    }
  }

  @Test
  void a_dict_of_arrays_is_no_state_dict_and_what_makes_it_one_is_said() throws IOException {
    Pickles pickle = new Pickles().op('}').text("weight");
    pickle.global("numpy._core.multiarray", "_reconstruct").op(')', 'R', 's');

    assertThat(refusal(pickle.bytes()))
        .hasMessageContaining("found dict of 1 without one")
        .hasMessageContaining("torch.from_numpy");
    assertThat(refusal(new Pickles().op('}').text("weight").number(1).op('s').bytes()))
        .hasMessageContaining("found dict of 1 without one")
        .message()
        .doesNotContain("torch.from_numpy");
  }

  @Test
  void a_tensor_that_only_an_unknown_call_rebuilds_is_never_left_out_of_the_parameters()
      throws IOException {
    Pickles pickle = new Pickles().op('}').text("other").global("mymodule", "rebuild").op('(');
    pickle.tensor("0", 2, 0, TWO, ONE).op('t', 'R', 's');
    pickle.text("weight").tensor("0", 2, 0, TWO, ONE).op('s');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      assertThatExceptionOfType(UnsupportedFormatException.class)
          .isThrownBy(() -> checkpoint.write(Map.of(), folder.resolve("copy.pth")))
          .withMessageContaining("other")
          .withMessageContaining("value of mymodule.rebuild");
    }
  }

  @Test
  void an_object_of_a_subclass_of_dict_is_a_state_dict_and_is_written_as_a_plain_one()
      throws IOException {
    Pickles pickle = new Pickles().global("mymodule", "States").op(')', 'R');
    pickle.text("weight").tensor("0", 2, 0, TWO, ONE).op('s');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      assertThat(checkpoint.states().get(0).state().tensors()).containsOnlyKeys("weight");
      Path copy = folder.resolve("copy.pth");
      assertThat(checkpoint.write(Map.of(), copy).dropped())
          .singleElement()
          .satisfies(left -> assertThat(left.description()).contains("mymodule.States"));
      try (StateCheckpoint written = TorchReader.read(copy)) {
        assertThat(written.states().get(0).state().tensors()).containsOnlyKeys("weight");
        assertThat(written.extraEntries()).isEmpty();
      }
    }
  }

  @Test
  void a_value_that_cannot_be_written_is_looked_at_once_however_often_it_occurs()
      throws IOException {
    Pickles pickle = new Pickles().op('}').text("deep").global("mymodule", "x").op(')', 0x81);
    pickle.repeat(0x85, 390).op('q', 7, 's').text("list").op(']');
    for (int i = 0; i < 300_000; i++) {
      pickle.op('}').number(1).op('h', 7, 's', 'a');
    }
    pickle.op('s').text("weight").tensor("0", 2, 0, TWO, ONE).op('s');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      assertThat(checkpoint.states()).hasSize(1);
    }
  }

  @Test
  void an_object_of_an_unknown_class_is_only_its_state() throws IOException {
    Pickles pickle = new Pickles().op('}');
    pickle
        .text("run")
        .global("evil.module", "Thing")
        .op(')', 0x81)
        .op('}')
        .text("x")
        .number(1)
        .op('s', 'b', 's');
    pickle.text("weight").tensor("0", 2, 0, TWO, ONE).op('s');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      StateDict state = checkpoint.states().get(0).state();
      assertThat(state.tensors()).containsOnlyKeys("weight");
      assertThat(state.entries().get("run"))
          .isInstanceOfSatisfying(
              OpaqueValue.class,
              carried ->
                  assertThat(carried.description()).isEqualTo("object of evil.module.Thing"));
      WriteSummary writing = checkpoint.write(Map.of(), folder.resolve("copy.pth"));
      assertThat(writing.dropped())
          .singleElement()
          .hasToString(
              "ExtraEntry[path=run, description=object of evil.module.Thing, disposition=DROPPED]");
    }
  }

  @Test
  void a_tensor_beyond_its_storage_is_refused() throws IOException {
    assertThat(refusal(state(new Pickles().tensor("0", 2, 0, new long[] {3}, ONE))))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("[3] with strides [1] at element 0");
    assertThat(refusal(state(new Pickles().tensor("0", 2, 1, TWO, ONE))))
        .isInstanceOf(MalformedFileException.class);
    assertThat(refusal(state(new Pickles().tensor("0", 2, 0, TWO, new long[] {2}))))
        .isInstanceOf(MalformedFileException.class);
    assertThat(refusal(state(new Pickles().tensor("0", 2, -1, ONE, ONE))))
        .isInstanceOf(MalformedFileException.class);
    assertThat(refusal(state(new Pickles().tensor("0", 2, 1, TWO, new long[] {-1}))))
        .isInstanceOf(MalformedFileException.class);
  }

  @Test
  void a_seventh_argument_is_a_dictionary_or_nothing() throws IOException {
    Pickles text = new Pickles().text("conj");
    assertThat(refusal(state(new Pickles().tensor("0", 2, 0, TWO, ONE, text))))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("_rebuild_tensor_v2");
    Pickles empty = new Pickles().op('}');
    byte[] pickle = state(new Pickles().tensor("0", 2, 0, TWO, ONE, empty));
    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle, 8))) {
      assertThat(checkpoint.states()).hasSize(1);
    }
  }

  @Test
  void a_dictionary_that_fills_after_its_tensor_was_built_is_no_part_of_it() throws IOException {
    // The state dict itself, empty as yet, is the tensor's metadata: torch 2 drops it.
    Pickles pickle = new Pickles().op('}', 'q', 0).text("weight");
    pickle.tensor("0", 2, 0, TWO, ONE, new Pickles().op('h', 0)).op('s');
    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      assertThat(checkpoint.states()).hasSize(1);
      assertThat(checkpoint.states().get(0).state().tensors()).containsOnlyKeys("weight");
      assertThat(checkpoint.extraEntries()).isEmpty();
    }
  }

  @Test
  void an_absurd_shape_is_refused() throws IOException {
    long huge = Long.MAX_VALUE / 2;
    assertThat(
            refusal(
                state(new Pickles().tensor("0", 2, 0, new long[] {huge, huge}, new long[] {0, 0}))))
        .isInstanceOf(MalformedFileException.class);
    assertThat(
            refusal(state(new Pickles().tensor("0", 2, 0, new long[] {1L << 40}, new long[] {0}))))
        .isInstanceOf(TooLargeException.class)
        .hasMessageContaining("repeats");
    assertThat(refusal(state(new Pickles().tensor("0", 2, 0, new long[65], new long[65]))))
        .isInstanceOf(TooLargeException.class);
    assertThat(refusal(state(new Pickles().tensor("0", 1L << 60, 0, TWO, ONE))))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("8 bytes in the archive");
  }

  @Test
  void a_storage_shorter_than_it_claims_is_refused_with_its_name() throws IOException {
    Path file = archive(state(new Pickles().tensor("0", 2, 0, TWO, ONE)), 7);

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(file))
        .withMessageContaining("storage '0' of 2 elements")
        .withMessageContaining("7 bytes");
  }

  @ParameterizedTest
  @CsvSource({"0x85, 1000000", "0x5d, 1000000", "0x28, 1000000"})
  void deep_nesting_is_refused(String opcode, int times) throws IOException {
    Pickles pickle = new Pickles().op(')').repeat(Integer.decode(opcode), times);
    // Lists are closed from the inside.
    byte[] nested = opcode.equals("0x5d") ? pickle.repeat('a', times - 1).bytes() : pickle.bytes();

    assertThat(refusal(nested)).isInstanceOf(TooLargeException.class);
  }

  @Test
  void a_list_that_contains_itself_does_not_hang_the_reader_or_the_writer() throws IOException {
    Pickles pickle = new Pickles().op('}').text("loop").op(']', 'q', 0, 'h', 0, 'a', 's');
    pickle.text("weight").tensor("0", 2, 0, TWO, ONE).op('s');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      Path copy = folder.resolve("copy.pth");
      checkpoint.write(Map.of(), copy);
      try (StateCheckpoint written = TorchReader.read(copy)) {
        assertThat(written.states().get(0).state().tensors()).containsOnlyKeys("weight");
      }
    }
  }

  @Test
  void tuples_that_double_at_every_level_cost_nothing() throws IOException {
    Pickles pickle = new Pickles().op('}').text("bomb").op(')');
    for (int i = 0; i < 300; i++) {
      pickle.op('q', 1, 'h', 1, 0x86);
    }
    pickle.op('s').text("inner").op('}').text("weight").tensor("0", 2, 0, TWO, ONE).op('s', 's');

    try (StateCheckpoint checkpoint = TorchReader.read(archive(pickle.bytes(), 8))) {
      Path copy = folder.resolve("copy.pth");
      checkpoint.write(Map.of(), copy);
      assertThat(Files.size(copy)).isLessThan(10_000);
    }
  }

  @Test
  void a_module_that_stands_twice_in_each_of_forty_others_is_refused_before_memory_ends()
      throws IOException {
    assertThat(refusal(doubling(40)))
        .isInstanceOf(TooLargeException.class)
        .hasMessageContaining("names of tensors and modules");
  }

  @Test
  void a_module_that_stands_in_a_few_places_has_a_name_in_each() throws IOException {
    try (StateCheckpoint checkpoint = TorchReader.read(archive(doubling(3), 8))) {
      assertThat(checkpoint.states().get(0).state().tensors()).hasSize(8).containsKey("a.b.a.w");
    }
  }

  /** A module with one tensor, in a module that has it twice, and so on. */
  private static byte[] doubling(int times) {
    Pickles pickle = new Pickles();
    module(pickle).text("_parameters").op('}').text("w").tensor("0", 2, 0, TWO, ONE).op('s', 's');
    pickle.text("_modules").op('}', 's', 'b', 'q', 1);
    for (int i = 0; i < times; i++) {
      pickle.op('0');
      module(pickle).text("_parameters").op('}', 's').text("_modules").op('}');
      pickle.text("a").op('h', 1, 's').text("b").op('h', 1, 's', 's', 'b', 'q', 1);
    }
    return pickle.bytes();
  }

  /** An object, and the dict of its attributes, which is still open. */
  private static Pickles module(Pickles pickle) {
    return pickle.global("torch.nn.modules.container", "Sequential").op(')', 0x81, '}');
  }

  @Test
  void a_dict_of_tensors_that_occurs_too_often_is_refused_before_memory_ends() throws IOException {
    Pickles tensors = new Pickles().op('}');
    for (int i = 0; i < 600; i++) {
      tensors.text("w" + i).tensor("0", 2, 0, TWO, ONE).op('s');
    }
    byte[] dict = tensors.op('q', 1).bytes();
    byte[] open = Arrays.copyOf(dict, dict.length - 1);
    assertThat(refusal(listed(open, 1_000)))
        .isInstanceOf(TooLargeException.class)
        .hasMessageContaining("names of tensors and modules");
    try (StateCheckpoint checkpoint = TorchReader.read(archive(listed(open, 2), 8))) {
      assertThat(checkpoint.states()).hasSize(3);
    }
  }

  /** A dict of the values of a pickle that has no end yet: itself, and a list of it. */
  private static byte[] listed(byte[] open, int times) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(new byte[] {(byte) 0x80, 2, '}'});
    all.writeBytes(new byte[] {'X', 1, 0, 0, 0, 'a'});
    all.write(open, 2, open.length - 2);
    all.writeBytes(new byte[] {'s', 'X', 1, 0, 0, 0, 'b', ']', '('});
    for (int i = 0; i < times; i++) {
      all.writeBytes(new byte[] {'h', 1});
    }
    all.writeBytes(new byte[] {'e', 's', '.'});
    return all.toByteArray();
  }

  @Test
  void strings_and_lines_longer_than_the_file_are_refused() throws IOException {
    assertThat(refusal(new Pickles().op('X').little(4, 0xffffffffL).bytes()))
        .hasMessageContaining("4294967295");
    assertThat(refusal(new Pickles().op(0x8d).little(8, Long.MAX_VALUE).bytes()))
        .isInstanceOf(MalformedFileException.class);
    assertThat(refusal(new Pickles().op(0x8b).little(4, 1 << 20).bytes()))
        .isInstanceOf(TooLargeException.class);
    assertThat(refusal(new Pickles().op('c').repeat('x', 100_000).bytes()))
        .isInstanceOf(MalformedFileException.class);
    assertThat(refusal(new Pickles().op('N', 'r').little(4, 0xffffffffL).bytes()))
        .isInstanceOf(TooLargeException.class);
  }

  @Test
  void values_beyond_the_budget_of_heap_are_refused() throws IOException {
    assertThat(refusal(new Pickles().repeat('}', 3_900_000).bytes()))
        .isInstanceOf(TooLargeException.class)
        .hasMessageContaining("MB in memory");
  }

  @Test
  void an_empty_stack_and_a_missing_stop_are_refused() throws IOException {
    assertThat(refusal(new Pickles().op('a').bytes())).isInstanceOf(MalformedFileException.class);
    assertThat(refusal(new Pickles().op('t').bytes())).isInstanceOf(MalformedFileException.class);
    assertThat(refusal(new Pickles().bytes())).isInstanceOf(MalformedFileException.class);
    assertThat(refusal(new byte[] {(byte) 0x80, 2, 'N'})).hasMessageContaining("cut short");
    assertThat(refusal(new byte[0])).isInstanceOf(MalformedFileException.class);
  }

  // ------------------------------------------------------------------ archives

  @ParameterizedTest
  @CsvSource({"../evil", "/etc/passwd", "archive/../../x", "C:/x", "a\\b", "archive/./x"})
  void an_entry_that_climbs_out_of_the_archive_is_refused(String name) throws IOException {
    Path file = folder.resolve("climbing.pth");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out, UTF_8)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(new Pickles().op('N').bytes());
      zip.putNextEntry(new ZipEntry(name));
    }

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(file))
        .withMessageContaining("stay in the archive");
  }

  @Test
  void a_zip_bomb_is_refused_before_it_is_unpacked() throws IOException {
    Path file = folder.resolve("bomb.pth");
    byte[] zeros = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out, UTF_8)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      for (int i = 0; i < 300; i++) {
        zip.write(zeros);
      }
    }

    assertThatExceptionOfType(TooLargeException.class)
        .isThrownBy(() -> TorchReader.read(file))
        .withMessageContaining("250 times");
    try (Stream<Path> scratch = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      assertThat(scratch).noneMatch(path -> path.toString().endsWith(".unpacked"));
    }
  }

  @Test
  void a_deflated_entry_that_lies_about_its_size_is_refused() throws IOException {
    Path file = folder.resolve("lying.pth");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out, UTF_8)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(state(new Pickles().op('N')));
    }
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer archive = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int central = lastIndexOf(archive, 0x02014b50);
    archive.putInt(central + 24, archive.getInt(central + 24) - 1);
    Files.write(file, bytes);

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(file))
        .withMessageContaining("bytes it claims");
  }

  @Test
  void overlapping_entries_are_refused() throws IOException {
    Path file = archive(state(new Pickles().tensor("0", 2, 0, TWO, ONE)), 8);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer archive = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int second = lastIndexOf(archive, 0x02014b50);
    archive.putInt(second + 42, 0);
    Files.write(file, bytes);

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(file))
        .withMessageContaining("overlap");
  }

  @Test
  void a_local_header_that_says_something_else_is_refused() throws IOException {
    Path file = archive(state(new Pickles().tensor("0", 2, 0, TWO, ONE)), 8);
    byte[] bytes = Files.readAllBytes(file);
    bytes[30] = 'X';
    Files.write(file, bytes);

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(file))
        .withMessageContaining("the same name in the local header");
  }

  @Test
  void a_damaged_storage_is_found_when_it_is_read_and_stays_damaged_when_it_is_copied()
      throws IOException {
    Path file = archive(state(new Pickles().tensor("0", 2, 0, TWO, ONE)), 8);
    byte[] bytes = Files.readAllBytes(file);
    int payload = indexOf(bytes, "archive/data/0");
    bytes[(payload + "archive/data/0".length() + 63) / 64 * 64] ^= 1;
    Files.write(file, bytes);

    try (StateCheckpoint checkpoint = TorchReader.read(file)) {
      Tensor tensor = checkpoint.states().get(0).state().tensor("weight").orElseThrow();
      assertThatExceptionOfType(TensorReadException.class)
          .isThrownBy(() -> tensor.read(0, ByteBuffer.allocate(4)))
          .withMessageContaining("CRC-32")
          .withMessageContaining("storage '0'");
      Path copy = folder.resolve("copy.pth");
      checkpoint.write(Map.of(), copy);
      try (StateCheckpoint again = TorchReader.read(copy)) {
        Tensor copied = again.states().get(0).state().tensor("weight").orElseThrow();
        assertThatExceptionOfType(TensorReadException.class)
            .isThrownBy(() -> copied.read(0, ByteBuffer.allocate(4)));
      }
    }
  }

  @Test
  void a_damaged_pickle_is_refused() throws IOException {
    Path file = archive(state(new Pickles().tensor("0", 2, 0, TWO, ONE)), 8);
    byte[] bytes = Files.readAllBytes(file);
    bytes[70] ^= 1;
    Files.write(file, bytes);

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(file))
        .withMessageContaining("CRC-32");
  }

  @Test
  void files_that_are_no_checkpoints_are_refused() throws IOException {
    Path empty = Files.write(folder.resolve("empty"), new byte[0]);
    Path text = Files.writeString(folder.resolve("text"), "Hello");
    Path bare = Files.write(folder.resolve("bare"), new Pickles().op('N').bytes());
    Path scalar = archive(new Pickles().op('N').bytes(), 0);

    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(empty));
    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(text));
    assertThatExceptionOfType(MalformedFileException.class)
        .isThrownBy(() -> TorchReader.read(bare));
    assertThatExceptionOfType(UnsupportedFormatException.class)
        .isThrownBy(() -> TorchReader.read(scalar))
        .withMessageContaining("expected a state dict");
    assertThatExceptionOfType(UnreadableFileException.class)
        .isThrownBy(() -> TorchReader.read(folder));
  }

  @Test
  void millions_of_operations_for_nothing_end_in_a_refusal() throws IOException {
    byte[] pickle = new Pickles().repeat('N', 3_000_000).repeat('0', 3_000_000).bytes();

    assertThat(refusal(pickle)).isInstanceOf(MalformedFileException.class);
  }

  /** A state dict of one tensor, {@code weight}. */
  private static byte[] state(Pickles tensor) {
    byte[] inner = tensor.bytes();
    String middle = new String(Arrays.copyOfRange(inner, 2, inner.length - 1), ISO_8859_1);
    Pickles outer = new Pickles().op('}').text("weight");
    middle.chars().forEach(outer::op);
    return outer.op('s').bytes();
  }

  private Path archive(byte[] pickle, int storageBytes) throws IOException {
    return Pickles.archive(folder.resolve("file.pth"), pickle, Map.of("0", new byte[storageBytes]));
  }

  private CheckpointException refusal(byte[] pickle) throws IOException {
    Path file = archive(pickle, 8);
    Throwable thrown = catchThrowable(() -> TorchReader.read(file));
    assertThat(thrown).isInstanceOf(CheckpointException.class);
    return (CheckpointException) thrown;
  }

  private static int lastIndexOf(ByteBuffer bytes, int signature) {
    for (int at = bytes.limit() - 4; at >= 0; at--) {
      if (bytes.getInt(at) == signature) {
        return at;
      }
    }
    throw new AssertionError("no such signature");
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, ISO_8859_1).indexOf(text);
  }
}
