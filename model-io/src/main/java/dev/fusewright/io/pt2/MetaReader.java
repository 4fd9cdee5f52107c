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
package dev.fusewright.io.pt2;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.io.aten.TensorMeta;
import dev.fusewright.io.json.JsonCursor;
import dev.fusewright.io.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what the archive says of tensors. */
final class MetaReader {
  private static final int STRIDED = 7;
  private static final int MOST_AXES = 64;

  private final JsonCursor cursor;

  MetaReader(JsonCursor cursor) {
    this.cursor = cursor;
  }

  /** The element type of a number of {@code torch._export.serde.schema.ScalarType}. */
  static ElementType type(long number) {
    return switch ((int) Math.min(number, Integer.MAX_VALUE)) {
      case 1 -> ElementType.UINT8;
      case 2 -> ElementType.INT8;
      case 3 -> ElementType.INT16;
      case 4 -> ElementType.INT32;
      case 5 -> ElementType.INT64;
      case 6 -> ElementType.FLOAT16;
      case 7 -> ElementType.FLOAT;
      case 8 -> ElementType.DOUBLE;
      case 10 -> ElementType.COMPLEX64;
      case 11 -> ElementType.COMPLEX128;
      case 12 -> ElementType.BOOL;
      case 13 -> ElementType.BFLOAT16;
      case 28 -> ElementType.UINT16;
      case 34 -> ElementType.UINT32;
      case 35 -> ElementType.UINT64;
      default -> ElementType.UNDEFINED;
    };
  }

  TensorMeta read(JsonValue value) {
    JsonValue.Members meta = members(value);
    List<Dim> dims = new ArrayList<>();
    for (JsonValue size : items(member(meta, "sizes"))) {
      dims.add(dim(members(size)));
    }
    if (dims.size() > MOST_AXES) {
      throw cursor.malformed(
          meta.start(), "at most " + MOST_AXES + " axes", String.valueOf(dims.size()));
    }
    List<Long> strides = new ArrayList<>();
    boolean isStatic = true;
    for (JsonValue stride : items(member(meta, "strides"))) {
      Dim dim = dim(members(stride));
      isStatic &= dim instanceof Dim.Fixed;
      strides.add(dim instanceof Dim.Fixed fixed ? fixed.size() : 0L);
    }
    JsonValue offset = meta.get("storage_offset");
    long first =
        offset == null ? 0 : dim(members(offset)) instanceof Dim.Fixed fixed ? fixed.size() : -1;
    return new TensorMeta(
        type(whole(member(meta, "dtype"))),
        dims,
        isStatic && strides.size() == dims.size() ? strides : List.of(),
        first,
        meta.get("layout") == null || whole(member(meta, "layout")) == STRIDED);
  }

  /** {@code {"as_int": 8}}, or an expression. */
  private Dim dim(JsonValue.Members size) {
    JsonValue number = size.get("as_int");
    if (number != null) {
      long whole = whole(number);
      if (whole < 0) {
        throw cursor.malformed(number.start(), "a size that is not negative", "" + whole);
      }
      return Dim.of(whole);
    }
    if (size.get("as_expr") instanceof JsonValue.Members expression
        && expression.get("expr_str") instanceof JsonValue.Text text
        && text.value().matches("[A-Za-z_][A-Za-z0-9_]*")) {
      return new Dim.Symbolic(text.value());
    }
    return new Dim.Unknown();
  }

  JsonValue.Members members(@Nullable JsonValue value) {
    if (value instanceof JsonValue.Members members) {
      return members;
    }
    throw cursor.malformed(at(value), "an object", "something else");
  }

  List<JsonValue> items(JsonValue value) {
    if (value instanceof JsonValue.Items items) {
      return items.items();
    }
    throw cursor.malformed(value.start(), "a list", "something else");
  }

  JsonValue member(JsonValue.Members object, String name) {
    JsonValue value = object.get(name);
    if (value == null) {
      throw cursor.malformed(object.start(), "a member '" + name + "'", "none");
    }
    return value;
  }

  String text(@Nullable JsonValue value) {
    if (value instanceof JsonValue.Text text) {
      return text.value();
    }
    throw cursor.malformed(at(value), "a text", "something else");
  }

  long whole(JsonValue value) {
    if (value instanceof JsonValue.Word word) {
      try {
        return Long.parseLong(word.value());
      } catch (NumberFormatException e) {
        throw cursor.malformed(value.start(), "a whole number", word.value());
      }
    }
    throw cursor.malformed(value.start(), "a whole number", "something else");
  }

  private long at(@Nullable JsonValue value) {
    return value == null ? cursor.position() : value.start();
  }
}
