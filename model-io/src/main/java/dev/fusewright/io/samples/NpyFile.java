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
package dev.fusewright.io.samples;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The format of {@code numpy.save}: magic, version, length of the header, a Python dictionary as
 * the header, the elements. See numpy's own {@code numpy/lib/format.py}.
 */
final class NpyFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int VERSION_AT = 6;
  private static final int LENGTH_AT = 8;
  private static final Pattern DESCRIPTION = Pattern.compile("'descr':\\s*'([<>|=])(\\w+)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([\\d\\s,]*)\\)");
  private static final Map<String, ElementType> TYPES =
      Map.ofEntries(
          Map.entry("f2", ElementType.FLOAT16),
          Map.entry("f4", ElementType.FLOAT),
          Map.entry("f8", ElementType.DOUBLE),
          Map.entry("b1", ElementType.BOOL),
          Map.entry("i1", ElementType.INT8),
          Map.entry("i2", ElementType.INT16),
          Map.entry("i4", ElementType.INT32),
          Map.entry("i8", ElementType.INT64),
          Map.entry("u1", ElementType.UINT8),
          Map.entry("u2", ElementType.UINT16),
          Map.entry("u4", ElementType.UINT32),
          Map.entry("u8", ElementType.UINT64));

  private NpyFile() {}

  static boolean isOne(byte[] bytes) {
    return bytes.length > LENGTH_AT
        && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  static Tensor read(Path file, byte[] bytes) {
    int lengthBytes = bytes[VERSION_AT] == 1 ? Short.BYTES : Integer.BYTES;
    int start = LENGTH_AT + lengthBytes;
    if (bytes.length < start) {
      throw malformed(file, bytes.length, "the length of a header", "the end of the file");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long length =
        lengthBytes == Short.BYTES
            ? Short.toUnsignedInt(buffer.getShort(LENGTH_AT))
            : Integer.toUnsignedLong(buffer.getInt(LENGTH_AT));
    if (start + length > bytes.length) {
      throw malformed(file, LENGTH_AT, "a header within the file", "one of " + length + " bytes");
    }
    String header = new String(bytes, start, (int) length, StandardCharsets.ISO_8859_1);
    Matcher description = found(DESCRIPTION, header, file, start);
    ElementType type = TYPES.get(description.group(2));
    if (type == null || description.group(1).equals(">")) {
      throw new UnsupportedFormatException(
          Problem.in(file)
              .at(start)
              .expected("little-endian numbers")
              .found("elements of the type '" + description.group(1) + description.group(2) + "'")
              .hint("save array.astype(...) of a plain type"));
    }
    if (found(ORDER, header, file, start).group(1).equals("True")) {
      throw new UnsupportedFormatException(
          Problem.in(file)
              .at(start)
              .expected("rows one after another")
              .found("columns one after another (Fortran order)")
              .hint("save numpy.ascontiguousarray(array)"));
    }
    List<Long> dims =
        Arrays.stream(found(SHAPE, header, file, start).group(1).split(","))
            .map(String::strip)
            .filter(dim -> !dim.isEmpty())
            .map(dim -> size(dim, file, start))
            .toList();
    return tensor(file, type, dims, bytes, start + (int) length);
  }

  private static Tensor tensor(
      Path file, ElementType type, List<Long> dims, byte[] bytes, int start) {
    double expected = type.bits() / 8.0;
    for (long dim : dims) {
      expected *= dim;
    }
    if (expected != bytes.length - start) {
      throw malformed(
          file,
          start,
          "%.0f bytes for %s%s".formatted(expected, type, dims),
          (bytes.length - start) + " bytes");
    }
    return LiteralTensor.ofBytes(
        type, shape(file, dims, start), Arrays.copyOfRange(bytes, start, bytes.length));
  }

  private static Shape shape(Path file, List<Long> dims, int start) {
    try {
      return new Shape(dims);
    } catch (IllegalArgumentException e) {
      // Sizes whose product passes 2^63 before a zero makes it nothing.
      throw malformed(file, start, "a shape", String.valueOf(e.getMessage()));
    }
  }

  private static long size(String dim, Path file, int start) {
    try {
      return Long.parseLong(dim);
    } catch (NumberFormatException e) {
      throw malformed(file, start, "a size", dim);
    }
  }

  private static Matcher found(Pattern pattern, String header, Path file, int start) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw malformed(
          file, start, "a header of a plain array, with " + pattern, "'" + shortened(header) + "'");
    }
    return matcher;
  }

  private static String shortened(String header) {
    String text = header.strip();
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }

  private static MalformedFileException malformed(
      Path file, long at, String expected, String found) {
    return new MalformedFileException(Problem.in(file).at(at).expected(expected).found(found));
  }
}
