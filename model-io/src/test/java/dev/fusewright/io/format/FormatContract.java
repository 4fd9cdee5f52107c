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
package dev.fusewright.io.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.testing.CpuTime;
import dev.fusewright.core.text.GraphText;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.FileEnds;
import dev.fusewright.io.testing.Digests;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every format promises. A format is tested by a subclass in its package that is called like
 * it, with {@code Test} behind, and says what its files look like.
 */
public abstract class FormatContract {
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final int TRUNCATIONS = 300;
  private static final int FLIPS = 600;

  /** Tensors beyond this are not what a mutated sample holds, only what it says. */
  private static final long MOST_BYTES = 1 << 20;

  @TempDir protected Path folder;

  private final Format format;
  private List<Path> samples = List.of();

  /** The contract of the format of the list that is called so. */
  protected FormatContract(String id) {
    this.format = Formats.named(id);
  }

  /**
   * Writes small files of the format into an empty folder, each with a float32 tensor first and at
   * least one more, in an order that its writer keeps, by other means than that writer; one of each
   * kind that its reader tells apart, with and without data files.
   */
  protected abstract List<Path> samples(Path empty) throws IOException;

  @BeforeEach
  final void writeSamples() throws IOException {
    samples = samples(Files.createDirectory(folder.resolve("samples")));
    assertThat(samples).isNotEmpty();
  }

  @Test
  final void a_file_is_told_by_its_bytes_alone_and_by_no_other_format() throws IOException {
    for (Path sample : samples) {
      Path nameless = Files.copy(sample, folder.resolve("nameless-" + sample.getFileName() + "-"));

      assertThat(Formats.detect(nameless)).contains(format);
      assertThat(Formats.all().stream().filter(known -> known.matches(FileEnds.of(nameless))))
          .as("formats that take %s for theirs", sample)
          .containsExactly(format);
    }
  }

  @Test
  final void a_file_of_no_known_bytes_is_told_by_its_extension() throws IOException {
    Path unknown = Files.writeString(folder.resolve("unknown"), "neither this nor that");
    for (String extension : format.extensions()) {
      assertThat(Formats.of(unknown, "MODEL." + extension)).isSameAs(format);
    }
  }

  @Test
  final void what_is_written_reads_back_equal() throws IOException {
    for (Path sample : samples) {
      Path copy = target("copy", sample);
      try (Checkpoint original = format.open(sample)) {
        WriteSummary summary = copy(original, copy);

        assertThat(summary.bytes()).isEqualTo(Files.size(copy));
        assertThat(summary.rewritten()).isEmpty();
        if (original instanceof StateCheckpoint states) {
          assertThat(summary.dropped())
              .as("%s said beforehand what cannot be written again", sample)
              .isEqualTo(entries(states, ExtraEntry.Disposition.DROPPED));
        }
        try (Checkpoint written = format.open(copy)) {
          assertThat(content(written)).as("%s", sample).isEqualTo(content(original));
          assertThat(written.bytes()).isEqualTo(Files.size(copy));
        }
      }
    }
  }

  @Test
  final void what_we_wrote_is_written_again_byte_for_byte() throws IOException {
    for (Path sample : samples) {
      Path once = target("once", sample);
      Path twice = target("twice", sample);
      try (Checkpoint original = format.open(sample)) {
        copy(original, once);
      }
      try (Checkpoint written = format.open(once)) {
        copy(written, twice);
      }
      assertSameFiles(once, twice);
    }
  }

  @Test
  final void an_edited_tensor_changes_and_every_other_keeps_its_bytes() throws IOException {
    for (Path sample : samples) {
      Path target = target("edited", sample);
      try (Checkpoint original = format.open(sample)) {
        Map<String, Tensor> before = tensors(original);
        String name = before.keySet().iterator().next();
        Tensor other = negated(before.get(name));
        WriteSummary summary = edit(original, other, target);

        assertThat(summary.rewritten()).singleElement().returns(0L, RewrittenTensor::nonFinite);
        assertThat(name).endsWith(summary.rewritten().get(0).name());
        assertThat(summary.copied())
            .isGreaterThanOrEqualTo(
                before.values().stream().skip(1).mapToLong(Tensor::byteCount).sum());
        try (Checkpoint written = format.open(target)) {
          Map<String, String> expected = content(original);
          assertThat(expected).containsKey(name);
          expected.put(name, text(other));
          assertThat(content(written)).as("%s", sample).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  final void a_tensor_that_is_not_finite_any_more_is_named() throws IOException {
    for (Path sample : samples) {
      try (Checkpoint original = format.open(sample)) {
        Tensor first = tensors(original).values().iterator().next();
        float[] infinite = new float[(int) first.shape().elementCount()];
        infinite[0] = Float.NEGATIVE_INFINITY;
        infinite[1] = Float.MIN_VALUE;
        WriteSummary summary =
            edit(
                original,
                LiteralTensor.ofFloats(first.shape(), infinite),
                target("infinite", sample));

        assertThat(summary.nonFinite())
            .singleElement()
            .returns(1L, RewrittenTensor::nonFinite)
            .returns(1L, RewrittenTensor::subnormal)
            .returns(infinite.length - 2L, RewrittenTensor::zero);
      }
    }
  }

  @Test
  final void the_same_edit_has_the_same_bytes() throws IOException {
    for (Path sample : samples) {
      Path first = target("first", sample);
      Path second = target("second", sample);
      for (Path target : List.of(first, second)) {
        try (Checkpoint original = format.open(sample)) {
          edit(original, negated(tensors(original).values().iterator().next()), target);
        }
      }
      assertSameFiles(first, second);
    }
  }

  @Test
  final void a_file_is_never_written_over_itself() throws IOException {
    for (Path sample : samples) {
      byte[] before = Files.readAllBytes(sample);
      try (Checkpoint original = format.open(sample)) {
        assertThatIllegalArgumentException().isThrownBy(() -> copy(original, sample));
      }
      assertThat(sample).hasBinaryContent(before);
    }
  }

  @Test
  final void a_new_model_is_written_and_read_back() throws IOException {
    if (format instanceof GraphFormat graphs && graphs.writesNewModels()) {
      String text =
          """
          <ir_version: 8, opset_import: ["" : 17]>
          g (float[1,2] x) => (float[1,2] y)
             <float[1,2] w = {1, -2}>
          {
             y = Add (x, w)
          }
          """;
      ModelGraph model = GraphText.parse(text);
      Path target = folder.resolve("new");
      assertThat(graphs.write(model, target).bytes()).isEqualTo(Files.size(target));
      try (GraphCheckpoint written = graphs.open(target)) {
        assertThat(GraphText.print(written.graph())).isEqualTo(GraphText.print(model));
      }
    }
  }

  @Test
  final void data_files_are_named_before_they_are_there_and_missed_when_they_are_not()
      throws IOException {
    for (Path sample : samples) {
      List<String> names;
      try (Checkpoint checkpoint = format.open(sample)) {
        names = checkpoint.dataFiles();
      }
      Path alone = Files.createDirectory(folder.resolve("alone-" + sample.getFileName()));
      Path moved = Files.copy(sample, alone.resolve("moved"));

      assertThat(format.dataFiles(moved)).isEqualTo(names);
      if (!names.isEmpty()) {
        assertThatExceptionOfType(CheckpointException.class)
            .isThrownBy(() -> format.open(moved))
            .withMessageContaining(names.get(0));
      }
    }
  }

  @Test
  final void a_truncated_file_is_read_or_refused() throws IOException {
    for (Path sample : samples) {
      byte[] whole = Files.readAllBytes(sample);
      int step = Math.max(1, whole.length / TRUNCATIONS);
      int refused = 0;
      for (int length = 0; length < whole.length; length += step) {
        refused += refused(sample, Arrays.copyOf(whole, length)) ? 1 : 0;
      }
      assertThat(refused).as("%s: shortened files that were refused", sample).isPositive();
    }
  }

  @Test
  final void a_file_with_flipped_bits_is_read_or_refused() throws IOException {
    Random random = new Random(7);
    for (Path sample : samples) {
      byte[] whole = Files.readAllBytes(sample);
      for (int i = 0; i < FLIPS; i++) {
        byte[] flipped = whole.clone();
        for (int flip = random.nextInt(3); flip >= 0; flip--) {
          flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        }
        refused(sample, flipped);
      }
    }
  }

  @Test
  final void what_is_of_another_format_is_refused_with_its_name() throws IOException {
    for (Path foreign : foreigners()) {
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> format.open(foreign))
          .withMessageContaining(foreign.toString());
      assertThat(handles(foreign)).as("open handles of %s", foreign).isZero();
    }
  }

  @Test
  final void a_closed_file_is_free_and_its_tensors_say_so() throws IOException {
    for (Path sample : samples) {
      Checkpoint checkpoint = format.open(sample);
      Tensor tensor = tensors(checkpoint).values().iterator().next();
      assertThat(handles(sample)).isPositive();
      checkpoint.close();

      assertThat(handles(sample)).isZero();
      for (String data : checkpoint.dataFiles()) {
        assertThat(handles(sample.resolveSibling(data))).isZero();
      }
      assertThatExceptionOfType(RuntimeException.class)
          .isThrownBy(() -> text(tensor))
          .isInstanceOfAny(TensorReadException.class, CheckpointException.class)
          .withMessageContaining(folder.toString());
    }
  }

  // ------------------------------------------------------------ reading and writing either kind

  /** Each tensor by its place and name, in the order of the file. */
  private static Map<String, Tensor> tensors(Checkpoint checkpoint) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    if (checkpoint instanceof GraphCheckpoint model) {
      for (Initializer initializer : model.graph().graph().initializers()) {
        tensors.put(initializer.name(), initializer.tensor());
      }
    } else {
      for (NestedState nested : ((StateCheckpoint) checkpoint).states()) {
        nested
            .state()
            .tensors()
            .forEach((name, tensor) -> tensors.put(nested.path().key(name).toString(), tensor));
      }
    }
    return tensors;
  }

  /** All of a checkpoint that a copy of it must hold, as text: tensors by their digests. */
  private static Map<String, String> content(Checkpoint checkpoint) {
    Map<String, String> content = new LinkedHashMap<>();
    tensors(checkpoint).forEach((name, tensor) -> content.put(name, text(tensor)));
    if (checkpoint instanceof GraphCheckpoint model) {
      content.put("graph", GraphText.printShort(withoutTensors(model.graph().graph())));
      content.put("facts", model.facts().toString());
    } else {
      StateCheckpoint states = (StateCheckpoint) checkpoint;
      states.states().forEach(nested -> content.put(nested.path() + "", versions(nested)));
      content.put("beside", entries(states, ExtraEntry.Disposition.CARRIED).toString());
    }
    return content;
  }

  private static List<ExtraEntry> entries(
      StateCheckpoint states, ExtraEntry.Disposition disposition) {
    return states.extraEntries().stream()
        .filter(entry -> entry.disposition() == disposition)
        .toList();
  }

  private static String versions(NestedState nested) {
    return nested.state().entries().keySet() + " " + nested.state().versions();
  }

  private static Graph withoutTensors(Graph graph) {
    return new Graph(graph.name(), graph.nodes(), List.of(), graph.inputs(), graph.outputs());
  }

  private static String text(Tensor tensor) {
    String kind = tensor.type().text() + tensor.shape();
    return tensor.byteCount() > MOST_BYTES ? kind : kind + " " + Digests.sha256(tensor);
  }

  private static WriteSummary copy(Checkpoint checkpoint, Path target) throws IOException {
    return checkpoint instanceof GraphCheckpoint model
        ? model.write(model.graph(), Map.of(), target)
        : ((StateCheckpoint) checkpoint).write(Map.of(), target);
  }

  /** Writes the checkpoint with another first tensor. */
  private static WriteSummary edit(Checkpoint checkpoint, Tensor first, Path target)
      throws IOException {
    if (checkpoint instanceof GraphCheckpoint model) {
      Graph graph = model.graph().graph();
      List<Initializer> initializers = new ArrayList<>(graph.initializers());
      initializers.set(0, new Initializer(initializers.get(0).name(), first));
      Graph edited =
          new Graph(graph.name(), graph.nodes(), initializers, graph.inputs(), graph.outputs());
      return model.write(model.graph().withGraph(edited), Map.of(), target);
    }
    StateCheckpoint states = (StateCheckpoint) checkpoint;
    NestedState nested = states.states().get(0);
    Map<String, StateEntry> entries = new LinkedHashMap<>(nested.state().entries());
    entries.put(
        nested.state().tensors().keySet().iterator().next(), new StateEntry.Parameter(first));
    StateDict edited = new StateDict(entries, nested.state().versions());
    return states.write(Map.of(nested.path(), edited), target);
  }

  /** The tensor with the sign of every element flipped. */
  private static Tensor negated(Tensor tensor) {
    ByteBuffer bytes = ByteBuffer.allocate((int) tensor.byteCount()).order(ByteOrder.LITTLE_ENDIAN);
    tensor.read(0, bytes);
    for (int at = 0; at < bytes.capacity(); at += Float.BYTES) {
      bytes.putFloat(at, -bytes.getFloat(at));
    }
    return LiteralTensor.ofBytes(tensor.type(), tensor.shape(), bytes.array());
  }

  // ------------------------------------------------------------ files

  /** A folder of its own: data files lie beside what is written, under names of the sample. */
  private Path target(String name, Path sample) throws IOException {
    return Files.createDirectories(folder.resolve(name)).resolve(sample.getFileName());
  }

  private static void assertSameFiles(Path first, Path second) throws IOException {
    assertThat(second).hasSameBinaryContentAs(first);
    for (String data : Formats.dataFiles(first)) {
      assertThat(second.resolveSibling(data)).hasSameBinaryContentAs(first.resolveSibling(data));
    }
  }

  /**
   * Whether these bytes, in the place of the sample, are refused; anything else but reading fails.
   */
  private boolean refused(Path sample, byte[] bytes) throws IOException {
    Path file = Files.write(sample.resolveSibling("mutated"), bytes);
    Duration start = CpuTime.ofThisThread();
    boolean refused = false;
    try {
      format.matches(FileEnds.of(file));
      format.dataFiles(file);
      try (Checkpoint checkpoint = format.open(file)) {
        content(checkpoint);
        copy(checkpoint, target("mutated", sample));
      }
    } catch (CheckpointException | TensorReadException e) {
      assertThat(e.getMessage()).contains(folder.toString());
      refused = true;
    } catch (RuntimeException | Error e) {
      throw new AssertionError("%d bytes of %s".formatted(bytes.length, sample), e);
    }
    assertThat(CpuTime.ofThisThread().minus(start)).isLessThan(LONGEST);
    assertThat(handles(file)).as("open handles of a file that is closed").isZero();
    return refused;
  }

  /** Files that no format is asked to read but by mistake, and one of each other format. */
  private List<Path> foreigners() throws IOException {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    contents.put("empty", new byte[0]);
    contents.put("text", "not a model at all\n".repeat(20).getBytes(UTF_8));
    contents.put("zeros", new byte[1 << 16]);
    contents.put("png", new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    contents.put("safetensors", "\2\0\0\0\0\0\0\0{}".getBytes(UTF_8));
    contents.put("zip", "PK\3\4".getBytes(UTF_8));
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, byte[]> content : contents.entrySet()) {
      files.add(Files.write(folder.resolve("foreign-" + content.getKey()), content.getValue()));
    }
    files.add(folder.resolve("foreign-onnx"));
    Formats.onnx()
        .write(
            GraphText.parse(
                "<ir_version: 8, opset_import: [\"\" : 17]> g (x) => (y) { y = Abs (x) }"),
            files.get(files.size() - 1));
    files.removeIf(file -> Formats.detect(file).filter(format::equals).isPresent());
    return files;
  }

  /** How often this process has a file open; as Linux tells. */
  private static long handles(Path file) throws IOException {
    Path real = file.toRealPath();
    try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
      return handles.filter(handle -> leadsTo(handle, real)).count();
    }
  }

  private static boolean leadsTo(Path handle, Path file) {
    try {
      return Files.readSymbolicLink(handle).equals(file);
    } catch (IOException e) {
      return false; // closed since it was listed
    }
  }
}
