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
package dev.fusewright.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.format.RewrittenTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies side by side in the file, whoever wrote it. */
final class PlanStreamTest {
  private static final int ORIGINAL = 20 << 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void a_file_is_its_segments_side_by_side(int seed) throws IOException {
    Random random = new Random(seed);
    byte[] bytes = new byte[ORIGINAL];
    random.nextBytes(bytes);
    Path source = Files.write(folder.resolve("original"), bytes);
    List<Segment> segments = new ArrayList<>();
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (int i = 0; i < 60; i++) {
      int start = start(random, i);
      byte[] piece = Arrays.copyOfRange(bytes, start, Math.min(ORIGINAL, start + size(random, i)));
      segments.add(segment(start, piece, i));
      expected.writeBytes(piece);
    }
    Path target = folder.resolve("target");

    List<RewrittenTensor> rewritten;
    try (FileBytes original = FileBytes.open(source)) {
      rewritten = PlanStream.write(segments, original, target);
    }

    assertThat(Files.mismatch(target, Files.write(folder.resolve("e"), expected.toByteArray())))
        .isEqualTo(-1);
    assertThat(rewritten).extracting(RewrittenTensor::name).isSortedAccordingTo(inOrder(segments));
    assertThat(rewritten).containsExactlyElementsOf(counted(segments));
  }

  @Test
  void a_tensor_that_cannot_be_read_ends_the_writing() throws IOException {
    Tensor bad =
        new StoredTensor(
            ElementType.FLOAT,
            Shape.of(8 << 20),
            (offset, destination) -> {
              if (offset > 16 << 20) {
                throw new TensorReadException("no byte " + offset, null);
              }
              destination.position(destination.limit());
            });

    assertThatThrownBy(
            () ->
                PlanStream.write(
                    List.of(new Segment.Payload(bad, new TensorPlace(ScopePath.MAIN, "w"))),
                    null,
                    folder.resolve("target")))
        .isInstanceOf(TensorReadException.class)
        .hasMessageStartingWith("no byte");
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("fusewright-fold");
  }

  @Test
  void a_plan_without_bytes_is_an_empty_file() throws IOException {
    Path target = Files.writeString(folder.resolve("target"), "what was there");

    assertThat(PlanStream.write(List.of(), null, target)).isEmpty();
    assertThat(target).isEmptyFile();
  }

  private static int start(Random random, int i) {
    return i == 7 ? 0 : random.nextInt(ORIGINAL / 4) * 4;
  }

  /** Sizes about those at which blocks end, and one copy that several threads share. */
  private static int size(Random random, int i) {
    int[] sizes = {4, 12, 4096, Block.RENDERED - 4, Block.RENDERED, Block.RENDERED + 4, 1 << 20};
    return i == 7 ? ORIGINAL : sizes[random.nextInt(sizes.length)];
  }

  private static Segment segment(int start, byte[] piece, int i) {
    return switch (i == 7 ? 0 : i % 3) {
      case 0 -> new Segment.Copy(start, start + (long) piece.length);
      case 1 -> new Segment.Literal(ByteString.copyFrom(piece));
      default ->
          new Segment.Payload(
              new StoredTensor(
                  ElementType.FLOAT,
                  Shape.of(piece.length / 4),
                  (offset, to) -> to.put(piece, (int) offset, to.remaining())),
              new TensorPlace(ScopePath.MAIN, "w" + (100 + i)));
    };
  }

  private static Comparator<String> inOrder(List<Segment> segments) {
    List<String> names =
        segments.stream()
            .filter(Segment.Payload.class::isInstance)
            .map(segment -> ((Segment.Payload) segment).place().name())
            .toList();
    return Comparator.comparingInt(names::indexOf);
  }

  /** What is in the payloads, counted one element after the other. */
  private static List<RewrittenTensor> counted(List<Segment> segments) {
    List<RewrittenTensor> counted = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment instanceof Segment.Payload payload) {
        ByteBuffer bytes = ByteBuffer.allocate((int) payload.size()).order(ByteOrder.LITTLE_ENDIAN);
        payload.tensor().read(0, bytes);
        bytes.flip();
        long[] found = new long[3];
        int elements = bytes.remaining() / 4;
        while (bytes.hasRemaining()) {
          float value = bytes.getFloat();
          if (!Float.isFinite(value)) {
            found[0]++;
          } else if (value == 0) {
            found[2]++;
          } else if (Math.abs(value) < Float.MIN_NORMAL) {
            found[1]++;
          }
        }
        counted.add(
            new RewrittenTensor(
                "", payload.place().name(), elements, found[0], found[1], found[2]));
      }
    }
    return counted;
  }
}
