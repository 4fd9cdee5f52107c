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

import static dev.fusewright.io.onnx.proto.TensorProto.DATA_LOCATION_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.DATA_TYPE_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.DIMS_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.DOUBLE_DATA_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.EXTERNAL_DATA_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.FLOAT_DATA_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.INT32_DATA_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.INT64_DATA_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.NAME_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.RAW_DATA_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.SEGMENT_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.STRING_DATA_FIELD_NUMBER;
import static dev.fusewright.io.onnx.proto.TensorProto.UINT64_DATA_FIELD_NUMBER;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads TensorProtos: the header is parsed, the payload is only located, and their sizes are held
 * against each other.
 */
final class TensorReader {
  private final WireCursor cursor;
  private final ScanBudget budget;
  private final Externals externals;

  TensorReader(WireCursor cursor, ScanBudget budget, Externals externals) {
    this.cursor = cursor;
    this.budget = budget;
    this.externals = externals;
  }

  /** Whether field {@code number} of a TensorProto holds its elements. */
  static boolean isPayload(int number) {
    return switch (number) {
      case FLOAT_DATA_FIELD_NUMBER,
          INT32_DATA_FIELD_NUMBER,
          STRING_DATA_FIELD_NUMBER,
          INT64_DATA_FIELD_NUMBER,
          RAW_DATA_FIELD_NUMBER,
          DOUBLE_DATA_FIELD_NUMBER,
          UINT64_DATA_FIELD_NUMBER ->
          true;
      default -> false;
    };
  }

  /** The payload fields of one TensorProto. */
  private static final class Payload {
    final Map<Integer, Runs> lists = new HashMap<>();
    long rawStart = -1;
    long rawEnd = -1;
    long strings;
  }

  /**
   * Reads the TensorProto that lies in {@code [start, end)}, and leaves the cursor at its end.
   *
   * @param what names it in messages until its own name is known
   */
  TensorHeader read(long start, long end, String what) {
    Gathered header = new Gathered(cursor, start);
    Payload payload = new Payload();
    cursor.seek(start);
    while (cursor.next(end)) {
      switch (cursor.field()) {
        case RAW_DATA_FIELD_NUMBER -> {
          if (cursor.isDelimited()) {
            payload.rawStart = cursor.payload();
            payload.rawEnd = cursor.payloadEnd();
          }
        }
        case STRING_DATA_FIELD_NUMBER -> payload.strings += cursor.isDelimited() ? 1 : 0;
        case FLOAT_DATA_FIELD_NUMBER -> addRun(payload, cursor.isFixed(Float.BYTES));
        case DOUBLE_DATA_FIELD_NUMBER -> addRun(payload, cursor.isFixed(Double.BYTES));
        case INT32_DATA_FIELD_NUMBER, INT64_DATA_FIELD_NUMBER, UINT64_DATA_FIELD_NUMBER ->
            addRun(payload, cursor.isVarint());
        case DIMS_FIELD_NUMBER,
            DATA_TYPE_FIELD_NUMBER,
            SEGMENT_FIELD_NUMBER,
            NAME_FIELD_NUMBER,
            EXTERNAL_DATA_FIELD_NUMBER,
            DATA_LOCATION_FIELD_NUMBER ->
            header.addField();
        default -> {}
      }
    }
    budget.charge(ScanBudget.MESSAGE, header.length(), start);
    TensorProto proto = header.parse(TensorProto.parser());
    Problem problem =
        Problem.in(cursor.file().path())
            .at(start)
            .inside(proto.getName().isEmpty() ? what : what + " '" + proto.getName() + "'");
    return build(proto, payload, problem);
  }

  private void addRun(Payload payload, boolean unpacked) {
    if (!unpacked && !cursor.isDelimited()) {
      return;
    }
    if (payload.lists.computeIfAbsent(cursor.field(), number -> new Runs()).add(cursor)) {
      budget.charge(ScanBudget.RANGE, 0, cursor.tagStart());
    }
  }

  private TensorHeader build(TensorProto proto, Payload payload, Problem problem) {
    if (!proto.getNameBytes().isValidUtf8()) {
      throw new MalformedFileException(problem.expected("a name in UTF-8").found("other bytes"));
    }
    if (proto.hasSegment()) {
      throw new UnsupportedFormatException(
          problem
              .expected("a whole tensor")
              .found("a segment of one")
              .hint("Save the tensor in one piece"));
    }
    ElementType type = ElementType.ofNumber(proto.getDataType()).orElse(ElementType.UNDEFINED);
    Shape shape = shape(proto, problem);
    if (type.bits() == 0) {
      if (type == ElementType.STRING && payload.strings != shape.elementCount()) {
        throw new MalformedFileException(
            problem
                .expected(shape.elementCount() + " strings " + shape)
                .found(payload.strings + " strings"));
      }
      return new TensorHeader(proto.getName(), unreadable(type, shape, problem), null);
    }
    long bytes;
    try {
      bytes = type.bytes(shape.elementCount());
    } catch (ArithmeticException e) {
      throw new MalformedFileException(
          problem.expected("a tensor that can exist").found(type.text() + shape), e);
    }
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      ExternalRegion region = external(proto, bytes, problem);
      budget.charge(ScanBudget.RANGE, region.location().length(), problem.offset());
      TensorSource source = externals.source(region, problem);
      return new TensorHeader(proto.getName(), new StoredTensor(type, shape, source), region);
    }
    return new TensorHeader(
        proto.getName(),
        new StoredTensor(type, shape, inline(payload, type, shape, bytes, problem)),
        null);
  }

  private static Shape shape(TensorProto proto, Problem problem) {
    try {
      return new Shape(proto.getDimsList());
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(
          problem.expected("a shape").found(String.valueOf(e.getMessage())), e);
    }
  }

  private static StoredTensor unreadable(ElementType type, Shape shape, Problem problem) {
    return new StoredTensor(
        type,
        shape,
        (offset, destination) -> {
          throw new TensorReadException(
              problem.expected("numbers").found(type.text()).toString(), null);
        });
  }

  private TensorSource inline(
      Payload payload, ElementType type, Shape shape, long bytes, Problem problem) {
    if (payload.rawStart >= 0) {
      Runs raw = Runs.of(payload.rawStart, payload.rawEnd);
      require(
          bytes,
          payload.rawEnd - payload.rawStart,
          "raw_data",
          type,
          shape,
          problem.at(payload.rawStart));
      return FixedSource.of(cursor.file(), raw, 1);
    }
    int field = listField(type);
    Runs runs = payload.lists.getOrDefault(field, Runs.NONE);
    Problem there = runs.count() == 0 ? problem : problem.at(runs.start(0));
    if (field == FLOAT_DATA_FIELD_NUMBER || field == DOUBLE_DATA_FIELD_NUMBER) {
      FixedSource source =
          FixedSource.of(
              cursor.file(), runs, field == FLOAT_DATA_FIELD_NUMBER ? Float.BYTES : Double.BYTES);
      require(bytes, source.byteCount(), listName(field), type, shape, there);
      return source;
    }
    int width = Math.max(1, type.bits() / 8);
    VarintSource source = VarintSource.of(cursor.file(), runs, width);
    if (source.count() != bytes / width) {
      throw new MalformedFileException(
          there
              .expected(
                  "%d numbers in %s (%s%s)"
                      .formatted(bytes / width, listName(field), type.text(), shape))
              .found(Long.toString(source.count())));
    }
    return source;
  }

  private static void require(
      long expected, long found, String field, ElementType type, Shape shape, Problem problem) {
    if (expected != found) {
      throw new MalformedFileException(
          problem
              .expected("%d bytes in %s (%s%s)".formatted(expected, field, type.text(), shape))
              .found(Long.toString(found)));
    }
  }

  /** Which list holds elements of a type that are not in {@code raw_data}. */
  private static int listField(ElementType type) {
    return switch (type) {
      case FLOAT, COMPLEX64 -> FLOAT_DATA_FIELD_NUMBER;
      case DOUBLE, COMPLEX128 -> DOUBLE_DATA_FIELD_NUMBER;
      case INT64 -> INT64_DATA_FIELD_NUMBER;
      case UINT32, UINT64 -> UINT64_DATA_FIELD_NUMBER;
      case UNDEFINED, STRING -> STRING_DATA_FIELD_NUMBER;
      case UINT8,
          INT8,
          UINT16,
          INT16,
          INT32,
          BOOL,
          FLOAT16,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          UINT4,
          INT4,
          FLOAT4E2M1,
          FLOAT8E8M0,
          UINT2,
          INT2 ->
          INT32_DATA_FIELD_NUMBER;
    };
  }

  private static String listName(int field) {
    return TensorProto.getDescriptor().findFieldByNumber(field).getName();
  }

  private ExternalRegion external(TensorProto proto, long bytes, Problem problem) {
    Map<String, String> entries = new HashMap<>();
    for (StringStringEntryProto entry : proto.getExternalDataList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    String location = entries.getOrDefault("location", "");
    location = ExternalFiles.inside(location, problem);
    long offset = number(entries, "offset", 0, problem);
    long length = number(entries, "length", bytes, problem);
    if (length != bytes) {
      throw new MalformedFileException(
          problem
              .expected(bytes + " bytes of external data, as its type and shape say")
              .found("length " + length));
    }
    return new ExternalRegion(location, offset, length, entries.containsKey("checksum"));
  }

  private static long number(
      Map<String, String> entries, String key, long absent, Problem problem) {
    String text = entries.get(key);
    if (text == null) {
      return absent;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same refusal as a negative number.
    }
    throw new MalformedFileException(
        problem
            .expected("a number of bytes as the " + key + " of external data")
            .found("'" + text + "'"));
  }
}
