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

import dev.fusewright.io.aten.AtenValue;
import dev.fusewright.io.aten.Span;
import dev.fusewright.io.json.JsonCursor;
import dev.fusewright.io.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads arguments of nodes. Whatever is not known keeps the names of all that it may read. */
final class ArgumentReader {
  private static final String NAME = "name";

  private final MetaReader values;

  ArgumentReader(JsonCursor cursor) {
    this.values = new MetaReader(cursor);
  }

  /** {@code {"as_tensor": {"name": "x"}}} and its like. */
  AtenValue read(JsonValue value) {
    JsonValue.Members union = values.members(value);
    if (union.members().size() == 1) {
      Map.Entry<String, JsonValue> only = union.members().entrySet().iterator().next();
      AtenValue known = known(only.getKey(), only.getValue());
      if (known != null) {
        return known;
      }
    }
    Set<String> names = new LinkedHashSet<>();
    collect(value, names);
    return new AtenValue.Other(names);
  }

  private @Nullable AtenValue known(String kind, JsonValue value) {
    return switch (kind) {
      case "as_none" -> new AtenValue.None();
      case "as_tensor" -> tensor(value);
      case "as_tensors" ->
          new AtenValue.Tensors(values.items(value).stream().map(this::tensor).toList());
      case "as_bool" ->
          value instanceof JsonValue.Word word
              ? new AtenValue.Flag(word.value().equals("true"))
              : null;
      case "as_int", "as_scalar_type", "as_memory_format", "as_layout" ->
          new AtenValue.Whole(values.whole(value));
      case "as_float" -> real(value);
      case "as_string" -> new AtenValue.Word(values.text(value));
      case "as_ints" -> {
        List<AtenValue.Item> items = new ArrayList<>();
        values.items(value).forEach(item -> items.add(new AtenValue.Item(values.whole(item), "")));
        yield new AtenValue.Wholes(items);
      }
      case "as_sym_ints" -> {
        List<AtenValue.Item> items = new ArrayList<>();
        for (JsonValue item : values.items(value)) {
          items.add(symbol(values.members(item)));
        }
        yield new AtenValue.Wholes(items);
      }
      case "as_sym_int" -> {
        AtenValue.Item item = symbol(values.members(value));
        yield item.name().isEmpty()
            ? new AtenValue.Whole(item.value())
            : new AtenValue.Symbol(item.name());
      }
      default -> null;
    };
  }

  /** {@code {"as_int": 3}} or {@code {"as_name": "sym_size_int"}}. */
  private AtenValue.Item symbol(JsonValue.Members item) {
    JsonValue name = item.get("as_name");
    return name != null
        ? new AtenValue.Item(0, values.text(name))
        : new AtenValue.Item(values.whole(values.member(item, "as_int")), "");
  }

  private AtenValue.Tensor tensor(JsonValue value) {
    JsonValue name = values.member(values.members(value), NAME);
    return new AtenValue.Tensor(values.text(name), new Span(name.start(), name.end()));
  }

  private static @Nullable AtenValue real(JsonValue value) {
    String text =
        value instanceof JsonValue.Word word
            ? word.value()
            : value instanceof JsonValue.Text text2 ? text2.value() : "";
    try {
      return new AtenValue.Real(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The names of all values that may be read anywhere in it: rather too many than too few. */
  private static void collect(JsonValue value, Set<String> names) {
    if (value instanceof JsonValue.Members members) {
      for (Map.Entry<String, JsonValue> member : members.members().entrySet()) {
        boolean isName = member.getKey().equals(NAME) || member.getKey().equals("as_name");
        if (isName && member.getValue() instanceof JsonValue.Text text) {
          names.add(text.value());
        }
        collect(member.getValue(), names);
      }
    } else if (value instanceof JsonValue.Items items) {
      items.items().forEach(item -> collect(item, names));
    }
  }
}
