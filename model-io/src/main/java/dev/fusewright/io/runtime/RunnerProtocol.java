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
package dev.fusewright.io.runtime;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Encoding of the protocol that the package's manual describes. */
final class RunnerProtocol {
  static final int OPEN = 1;
  static final int RUN = 2;
  static final int CLOSE = 3;
  static final int OK = 1;
  static final int FAILED = 0;

  /** The file descriptor that answers are written to. */
  static final String ANSWERS = "/dev/fd/3";

  private static final int CHUNK = 1 << 16;

  /** Bytes of the longest text that is taken: a message, a name. */
  private static final int LONGEST_TEXT = 1 << 24;

  /** Axes of the tensor of the highest rank that is taken. */
  private static final int HIGHEST_RANK = 1 << 10;

  private RunnerProtocol() {}

  /** Type and shape of a tensor whose bytes follow. */
  record Header(ElementType type, Shape shape) {
    long byteCount() {
      return type.bytes(shape.elementCount());
    }
  }

  static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static String readText(DataInputStream in) throws IOException {
    byte[] bytes = new byte[readCount(in, LONGEST_TEXT, "bytes of a text")];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static void writeName(DataOutputStream out, Enum<?> constant) throws IOException {
    writeText(out, constant.name());
  }

  static <E extends Enum<E>> E readName(DataInputStream in, Class<E> type) throws IOException {
    String name = readText(in);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) {
        return constant;
      }
    }
    throw new MalformedAnswerException(
        "expected the name of a %s, found %d letters of another"
            .formatted(type.getSimpleName(), name.length()));
  }

  static int readCount(DataInputStream in, int most, String what) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > most) {
      throw new MalformedAnswerException(
          "expected 0 to %d %s, found %d".formatted(most, what, count));
    }
    return count;
  }

  static void writeHeader(DataOutputStream out, Header header) throws IOException {
    writeName(out, header.type());
    out.writeInt(header.shape().rank());
    for (long dim : header.shape().dims()) {
      out.writeLong(dim);
    }
  }

  static Header readHeader(DataInputStream in) throws IOException {
    ElementType type = readName(in, ElementType.class);
    long[] dims = new long[readCount(in, HIGHEST_RANK, "axes")];
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = in.readLong();
      if (dims[axis] < 0) {
        throw new MalformedAnswerException("expected sizes, found " + dims[axis]);
      }
    }
    return new Header(type, Shape.of(dims));
  }

  static void writeTensor(DataOutputStream out, Tensor tensor) throws IOException {
    writeHeader(out, new Header(tensor.type(), tensor.shape()));
    byte[] chunk = new byte[CHUNK];
    long count = tensor.byteCount();
    for (long offset = 0; offset < count; offset += CHUNK) {
      int length = (int) Math.min(CHUNK, count - offset);
      tensor.read(offset, ByteBuffer.wrap(chunk, 0, length));
      out.write(chunk, 0, length);
    }
  }

  /**
   * A tensor whose bytes are on the heap.
   *
   * @param most bytes that it may have, whatever the child says
   */
  static Tensor readTensor(DataInputStream in, long most) throws IOException {
    Header header = readHeader(in);
    byte[] bytes = new byte[byteCount(header, Math.min(most, Integer.MAX_VALUE - 8L))];
    in.readFully(bytes);
    return new StoredTensor(
        header.type(),
        header.shape(),
        (offset, destination) ->
            destination.put(bytes, Math.toIntExact(offset), destination.remaining()));
  }

  private static int byteCount(Header header, long most) throws MalformedAnswerException {
    long count;
    try {
      count = header.byteCount();
    } catch (ArithmeticException | IllegalArgumentException e) {
      count = Long.MAX_VALUE;
    }
    if (count > most) {
      throw new MalformedAnswerException(
          "expected a tensor of at most %d bytes, found %s%s"
              .formatted(most, header.type().text(), header.shape()));
    }
    return (int) count;
  }

  static void writeSignature(DataOutputStream out, List<ValueInfo> values) throws IOException {
    out.writeInt(values.size());
    for (ValueInfo value : values) {
      writeText(out, value.name());
      writeName(out, value.type());
      List<Dim> dims = value.dims();
      out.writeInt(dims == null ? -1 : dims.size());
      for (Dim dim : dims == null ? List.<Dim>of() : dims) {
        out.writeLong(dim instanceof Dim.Fixed fixed ? fixed.size() : -1);
        if (!(dim instanceof Dim.Fixed)) {
          writeText(out, dim instanceof Dim.Symbolic symbolic ? symbolic.name() : "");
        }
      }
    }
  }

  static List<ValueInfo> readSignature(DataInputStream in) throws IOException {
    List<ValueInfo> values = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      String name = readText(in);
      ElementType type = readName(in, ElementType.class);
      values.add(new ValueInfo(name, type, readDims(in)));
    }
    return values;
  }

  private static @Nullable List<Dim> readDims(DataInputStream in) throws IOException {
    int rank = in.readInt();
    if (rank < 0) {
      return null;
    }
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      long size = in.readLong();
      String symbol = size < 0 ? readText(in) : "";
      dims.add(symbol.isEmpty() ? Dim.of(size) : new Dim.Symbolic(symbol));
    }
    return dims;
  }
}
