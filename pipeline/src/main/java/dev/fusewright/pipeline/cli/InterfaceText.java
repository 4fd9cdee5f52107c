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
package dev.fusewright.pipeline.cli;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.text.Printable;
import dev.fusewright.pipeline.model.ModelInterface;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Inputs and outputs of a model, with type and shape, in words and for JSON. */
final class InterfaceText {
  private static final int SHOWN = 8;

  private InterfaceText() {}

  /** A line for each of the first, and one that counts the others. */
  static String lines(ModelInterface model) {
    return lines("input", model.inputs()) + lines("output", model.outputs());
  }

  private static String lines(String kind, List<ValueInfo> values) {
    StringBuilder text = new StringBuilder();
    for (ValueInfo value : values.subList(0, Math.min(SHOWN, values.size()))) {
      text.append("  %-8s %s%n".formatted(kind, Printable.line(value.name() + "  " + form(value))));
    }
    if (values.size() > SHOWN) {
      text.append("  %-8s and %,d more%n".formatted(kind, values.size() - SHOWN));
    }
    return text.toString();
  }

  private static String form(ValueInfo value) {
    if (value.type() == ElementType.UNDEFINED) {
      return "of a type that is not said";
    }
    List<Dim> dims = value.dims();
    return value.type().text()
        + (dims == null
            ? " of unknown rank"
            : dims.stream().map(InterfaceText::extent).collect(Collectors.joining(",", "[", "]")));
  }

  private static String extent(Dim dim) {
    return String.valueOf(json(dim));
  }

  private static Object json(Dim dim) {
    return dim instanceof Dim.Fixed known ? known.size() : dim.toString();
  }

  /** Fields of JSON: lists of name, type and shape, in which an open extent is a text. */
  static Map<String, Object> json(ModelInterface model) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("inputs", model.inputs().stream().map(InterfaceText::json).toList());
    fields.put("outputs", model.outputs().stream().map(InterfaceText::json).toList());
    return fields;
  }

  private static Map<String, Object> json(ValueInfo value) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", value.name());
    if (value.type() != ElementType.UNDEFINED) {
      json.put("type", value.type().text());
    }
    List<Dim> dims = value.dims();
    if (dims != null) {
      json.put("shape", dims.stream().map(InterfaceText::json).toList());
    }
    return json;
  }
}
