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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.fusewright.core.diff.Changes;
import dev.fusewright.core.diff.ModelDiff;
import dev.fusewright.core.diff.ParameterDiff;
import dev.fusewright.core.tensor.TensorDifference;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.text.Printable;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A difference of two models in words and as JSON.
 *
 * @param structure what differs beside parameters, by kind; empty where a file has no graph
 * @param parameters what differs among parameters
 * @param opaque names of what a file carries that is no tensor
 */
record DiffText(
    Map<String, Changes> structure, ParameterDiff parameters, Collection<String> opaque) {
  private static final Changes NONE = new Changes(List.of(), List.of(), List.of());
  private static final List<String> STRUCTURE = List.of("opsets", "inputs", "outputs", "nodes");

  /** Of two graphs. */
  static DiffText of(ModelDiff diff) {
    Map<String, Changes> structure = new LinkedHashMap<>();
    structure.put("opsets", diff.operatorSets());
    structure.put("inputs", diff.inputs());
    structure.put("outputs", diff.outputs());
    structure.put("nodes", diff.nodes());
    return new DiffText(structure, diff.parameters(), List.of());
  }

  /** Of two files of which at least one has no graph. */
  static DiffText of(ParameterDiff parameters, Collection<String> opaque) {
    return new DiffText(Map.of(), parameters, opaque);
  }

  private boolean isEmpty() {
    return parameters.isEmpty() && structure.values().stream().allMatch(Changes::isEmpty);
  }

  /** A line for each kind of thing that differs, and one for each thing. */
  String lines() {
    List<String> lines = new ArrayList<>();
    if (isEmpty()) {
      lines.add(same());
    }
    if (!parameters.uncompared().isEmpty()) {
      lines.add(
          "compared by type and shape alone, since values are texts, or left out by a text form: "
              + Amounts.count(parameters.uncompared().size(), "parameter"));
    }
    if (!opaque.isEmpty()) {
      lines.add("not compared, since they are no plain tensors: " + String.join(", ", opaque));
    }
    structure.forEach(
        (kind, changes) -> {
          List<String> changed = changes.changed().stream().map(name -> "  ~ " + name).toList();
          add(lines, kind, changes, changed);
        });
    add(
        lines,
        "parameters",
        parameters.changes(),
        parameters.changed().stream()
            .map(tensor -> "  ~ %s: %s".formatted(tensor.name(), tensor.how()))
            .toList());
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(Printable.line(line)).append(System.lineSeparator()));
    return text.toString();
  }

  private String same() {
    if (structure.isEmpty()) {
      return "the same parameters: " + parameters.summary();
    }
    return parameters.uncompared().isEmpty()
        ? "the same structure and parameters"
        : "the same structure";
  }

  private static void add(List<String> lines, String kind, Changes changes, List<String> changed) {
    if (changes.isEmpty()) {
      return;
    }
    lines.add(
        "%s: %d removed, %d added, %d changed"
            .formatted(
                kind, changes.removed().size(), changes.added().size(), changes.changed().size()));
    changes.removed().forEach(name -> lines.add("  - " + name));
    changes.added().forEach(name -> lines.add("  + " + name));
    lines.addAll(changed);
  }

  /** The names by kind, and of each parameter that changed how. */
  String json() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
      out.writeStartObject();
      out.writeBooleanField("same", isEmpty());
      for (String kind : STRUCTURE) {
        changes(out, kind, structure.getOrDefault(kind, NONE));
      }
      changes(out, "parameters", parameters.changes());
      names(
          out,
          "uncompared",
          Stream.concat(parameters.uncompared().stream(), opaque.stream()).toList());
      out.writeArrayFieldStart("differences");
      for (ParameterDiff.Changed tensor : parameters.changed()) {
        difference(out, tensor);
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text + System.lineSeparator();
  }

  private static void difference(JsonGenerator out, ParameterDiff.Changed tensor)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("name", tensor.name());
    form(out, "before", tensor.before());
    form(out, "after", tensor.after());
    TensorDifference difference = tensor.difference();
    if (difference != null) {
      out.writeNumberField("elements", difference.elements());
      out.writeNumberField("differing", difference.differing());
      if (Double.isFinite(difference.worst())) {
        out.writeNumberField("largest", difference.worst());
      } else {
        out.writeNullField("largest");
      }
    }
    out.writeEndObject();
  }

  private static void form(JsonGenerator out, String field, ParameterDiff.Form form)
      throws IOException {
    out.writeObjectFieldStart(field);
    out.writeStringField("type", form.type().text());
    out.writeArrayFieldStart("shape");
    for (long extent : form.shape().dims()) {
      out.writeNumber(extent);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void changes(JsonGenerator out, String field, Changes changes) throws IOException {
    out.writeObjectFieldStart(field);
    names(out, "removed", changes.removed());
    names(out, "added", changes.added());
    names(out, "changed", changes.changed());
    out.writeEndObject();
  }

  private static void names(JsonGenerator out, String field, List<String> names)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (String name : names) {
      out.writeString(name);
    }
    out.writeEndArray();
  }
}
