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
package dev.fusewright.io.safetensors;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.json.JsonCursor;
import dev.fusewright.io.json.JsonText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes safetensors files, laid out as the reference implementation lays them out: by element
 * type, widest first, then by name. So every tensor is aligned to its elements, and a file of the
 * reference implementation that nobody edited is written as it was, byte for byte.
 */
final class SafetensorsWriter {
  private static final int CHUNK = 1 << 16;

  private SafetensorsWriter() {}

  private record Piece(
      String name,
      SafetensorsType type,
      Shape shape,
      long bytes,
      @Nullable FileRegion region,
      @Nullable Tensor tensor) {}

  /**
   * Writes a state dict.
   *
   * @param metadata the file's {@code __metadata__}, in order
   * @param target created, or replaced; no file that a tensor is read from. It is removed if
   *     writing fails
   * @throws UnsupportedFormatException if the format has no such element type
   */
  static WriteSummary write(StateDict state, Map<String, String> metadata, Path target)
      throws IOException {
    List<Piece> pieces = new ArrayList<>();
    state.entries().forEach((name, entry) -> pieces.add(piece(name, entry, target)));
    pieces.sort(
        Comparator.comparing(Piece::type)
            .reversed()
            .thenComparing(Piece::name, SafetensorsWriter::byBytes));
    byte[] header = header(pieces, metadata, target);
    boolean complete = false;
    try (FileChannel channel =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, length.putLong(header.length).flip());
      writeFully(channel, ByteBuffer.wrap(header));
      long copied = 0;
      List<RewrittenTensor> rewritten = new ArrayList<>();
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
      for (Piece piece : pieces) {
        if (piece.region() != null) {
          piece.region().transferTo(channel);
          copied += piece.bytes();
        } else if (piece.tensor() != null) {
          ElementCensus census = new ElementCensus(piece.tensor().type());
          stream(piece.tensor(), chunk, census, channel);
          rewritten.add(
              RewrittenTensor.of(StatePath.ROOT.toString(), piece.name(), piece.tensor(), census));
        }
      }
      complete = true;
      return new WriteSummary(channel.position(), copied, rewritten, List.of(), dropped(state));
    } catch (TensorReadException e) {
      throw e.getCause() instanceof CheckpointException located ? located : e;
    } finally {
      if (!complete) {
        Files.deleteIfExists(target);
      }
    }
  }

  /** As Rust orders text: by UTF-8 bytes, which is by code points. */
  private static int byBytes(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private static Piece piece(String name, StateEntry entry, Path target) {
    if (entry instanceof OpaqueTensor carried) {
      return new Piece(
          name, carried.type(), carried.shape(), carried.region().length(), carried.region(), null);
    }
    if (!(entry instanceof StateEntry.Parameter parameter)) {
      throw new IllegalArgumentException(name + " was carried from another format");
    }
    Tensor tensor = parameter.tensor();
    SafetensorsType type =
        SafetensorsType.of(tensor.type())
            .orElseThrow(
                () ->
                    new UnsupportedFormatException(
                        Problem.in(target)
                            .inside("tensor '" + JsonCursor.shortened(name) + "'")
                            .expected("an element type of the format")
                            .found(tensor.type().text())));
    FileRegion region =
        tensor instanceof StoredTensor stored
                && stored.source() instanceof FileRegion whole
                && whole.length() == tensor.byteCount()
            ? whole
            : null;
    return new Piece(name, type, tensor.shape(), tensor.byteCount(), region, tensor);
  }

  private static List<ExtraEntry> dropped(StateDict state) {
    if (state.versions().isEmpty()) {
      return List.of();
    }
    String what = "versions of " + Amounts.count(state.versions().size(), "module");
    return List.of(
        new ExtraEntry(StatePath.ROOT.key("_metadata"), what, ExtraEntry.Disposition.DROPPED));
  }

  private static byte[] header(List<Piece> pieces, Map<String, String> metadata, Path target) {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      json.append(JsonText.quoted(SafetensorsFormat.METADATA)).append(":{");
      metadata.forEach(
          (key, value) ->
              json.append(JsonText.quoted(key))
                  .append(':')
                  .append(JsonText.quoted(value))
                  .append(','));
      json.setCharAt(json.length() - 1, '}');
      json.append(',');
    }
    long at = 0;
    for (Piece piece : pieces) {
      json.append(JsonText.quoted(piece.name())).append(":{\"dtype\":\"").append(piece.type());
      json.append("\",\"shape\":").append(piece.shape());
      json.append(",\"data_offsets\":[")
          .append(at)
          .append(',')
          .append(at + piece.bytes())
          .append("]},");
      at += piece.bytes();
    }
    if (json.length() > 1) {
      json.setLength(json.length() - 1);
    }
    json.append('}');
    byte[] encoded = json.toString().getBytes(StandardCharsets.UTF_8);
    int unit = SafetensorsFormat.ALIGNMENT;
    byte[] padded = Arrays.copyOf(encoded, (encoded.length + unit - 1) / unit * unit);
    Arrays.fill(padded, encoded.length, padded.length, (byte) ' ');
    if (padded.length > SafetensorsFormat.MAX_HEADER) {
      throw new TooLargeException(
          Problem.in(target)
              .expected("a header of at most " + SafetensorsFormat.MAX_HEADER + " bytes")
              .found(padded.length + " bytes"));
    }
    return padded;
  }

  private static void stream(
      Tensor tensor, ByteBuffer chunk, ElementCensus census, FileChannel channel)
      throws IOException {
    long size = tensor.byteCount();
    for (long done = 0; done < size; ) {
      int count = (int) Math.min(CHUNK, size - done);
      chunk.clear().limit(count);
      tensor.read(done, chunk);
      census.add(chunk.flip());
      writeFully(channel, chunk);
      done += count;
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
