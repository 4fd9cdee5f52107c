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

import dev.fusewright.io.aten.AtenArgument;
import dev.fusewright.io.aten.AtenNode;
import dev.fusewright.io.aten.AtenValue;
import dev.fusewright.io.aten.Parameter;
import dev.fusewright.io.aten.Placed;
import dev.fusewright.io.aten.Program;
import dev.fusewright.io.aten.Span;
import dev.fusewright.io.aten.TensorMeta;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.json.JsonCursor;
import dev.fusewright.io.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code models/NAME.json}: one pass, which keeps what the graph says and skips the rest. */
final class ProgramReader {
  private static final String NAME = "name";
  private static final int LONGEST_ARGUMENT = 1 << 16;

  private final OpenFile file;
  private final JsonCursor cursor;
  private final MetaReader values;
  private final ArgumentReader arguments;

  private final List<Placed<String>> inputs = new ArrayList<>();
  private final List<Placed<String>> inputSpecs = new ArrayList<>();
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Set<String> mutated = new LinkedHashSet<>();
  private final List<String> outputs = new ArrayList<>();
  private final List<Placed<AtenNode>> nodes = new ArrayList<>();
  private final Map<String, Placed<TensorMeta>> tensors = new LinkedHashMap<>();
  private long opset;
  private long major = -1;
  private long majorAt;
  private String torchVersion = "";
  private boolean hasGraph;
  private boolean hasSignature;

  private ProgramReader(FileRegion json, long mostHeap) {
    this.file = json.file();
    this.cursor =
        new JsonCursor(
            json.file(), json.offset(), json.offset() + json.length(), "program", mostHeap);
    this.values = new MetaReader(cursor);
    this.arguments = new ArgumentReader(cursor);
  }

  /**
   * Reads a program.
   *
   * @throws dev.fusewright.io.file.CheckpointException if it is malformed, too large, or of another
   *     version
   */
  static Program read(FileRegion json, long mostHeap) {
    return new ProgramReader(json, mostHeap).read();
  }

  private Program read() {
    cursor.skipSpace();
    cursor.object(
        (member, at) -> {
          switch (member) {
            case "graph_module" -> module();
            case "opset_version" -> {
              JsonValue versions = JsonValue.read(cursor);
              JsonValue aten = values.members(versions).get("aten");
              opset = aten == null ? 1 : Math.max(1, values.whole(aten));
            }
            case "schema_version" -> {
              majorAt = cursor.position();
              JsonValue version = JsonValue.read(cursor);
              major = values.whole(values.member(values.members(version), "major"));
            }
            case "torch_version" -> torchVersion = cursor.peek() == '"' ? cursor.text() : skipped();
            default -> cursor.skip();
          }
        });
    cursor.expectEnd();
    if (major != Pt2Format.SCHEMA) {
      throw new UnsupportedFormatException(
          cursor
              .problem(majorAt)
              .expected("schema version " + Pt2Format.SCHEMA)
              .found(major < 0 ? "none" : "version " + major)
              .hint("Save it again with a torch from 2.7 on that this reader knows"));
    }
    if (!hasGraph || !hasSignature || inputs.size() != inputSpecs.size()) {
      throw cursor.malformed(
          cursor.position(),
          "a graph, and a signature with as many inputs",
          "%d and %d inputs".formatted(inputs.size(), inputSpecs.size()));
    }
    return new Program(
        inputs, inputSpecs, parameters, mutated, outputs, nodes, tensors, opset, torchVersion);
  }

  private String skipped() {
    cursor.skip();
    return "";
  }

  private void module() {
    cursor.object(
        (member, at) -> {
          switch (member) {
            case "graph" -> {
              hasGraph = true;
              graph();
            }
            case "signature" -> {
              hasSignature = true;
              signature();
            }
            default -> cursor.skip();
          }
        });
  }

  private void graph() {
    cursor.object(
        (member, at) -> {
          switch (member) {
            case "inputs" ->
                cursor.list(
                    () -> {
                      JsonValue input = JsonValue.read(cursor);
                      inputs.add(new Placed<>(reference(input), span(input)));
                    });
            case "outputs" ->
                cursor.list(() -> outputs.addAll(arguments.read(JsonValue.read(cursor)).reads()));
            case "nodes" -> cursor.list(this::node);
            case "tensor_values" ->
                cursor.object(
                    (name, start) -> {
                      TensorMeta meta = values.read(JsonValue.read(cursor));
                      Placed<TensorMeta> placed =
                          new Placed<>(meta, new Span(start, cursor.position()));
                      if (tensors.put(name, placed) != null) {
                        throw cursor.malformed(start, "names that occur once", "one twice");
                      }
                    });
            default -> cursor.skip();
          }
        });
  }

  private static Span span(JsonValue value) {
    return new Span(value.start(), value.end());
  }

  /** The name that an input goes by; empty if it has none, as a constant has none. */
  private String reference(JsonValue value) {
    List<String> names = arguments.read(value).reads();
    return names.isEmpty() ? "" : names.get(0);
  }

  private void node() {
    long start = cursor.position();
    String[] texts = {"", ""};
    List<AtenArgument> given = new ArrayList<>();
    List<String> results = new ArrayList<>();
    Span[] spans = new Span[3];
    cursor.object(
        (member, at) -> {
          switch (member) {
            case "target" -> {
              long from = cursor.position();
              texts[0] = cursor.text();
              spans[2] = new Span(from, cursor.position());
            }
            case NAME -> {
              JsonValue name = JsonValue.read(cursor);
              if (name instanceof JsonValue.Text text) {
                texts[1] = text.value();
                spans[1] = span(name);
              }
            }
            case "inputs" -> cursor.list(() -> given.add(argument()));
            case "outputs" ->
                cursor.list(
                    () -> {
                      AtenValue output = arguments.read(JsonValue.read(cursor));
                      if (results.isEmpty() && output instanceof AtenValue.Tensor tensor) {
                        spans[0] = tensor.span();
                      }
                      results.addAll(output.reads());
                    });
            default -> cursor.skip();
          }
        });
    String name = texts[1].isEmpty() && !results.isEmpty() ? results.get(0) : texts[1];
    nodes.add(
        new Placed<>(
            new AtenNode(texts[0], name, given, results, spans[2], spans[0], spans[1]),
            new Span(start, cursor.position())));
  }

  private AtenArgument argument() {
    JsonValue whole = JsonValue.read(cursor);
    JsonValue.Members argument = values.members(whole);
    JsonValue value = values.member(argument, "arg");
    AtenValue read = arguments.read(value);
    String text = read instanceof AtenValue.Tensor ? "" : text(value);
    return new AtenArgument(values.text(argument.get(NAME)), read, text, span(whole));
  }

  /** What stands there; of a long argument, such as a graph, its beginning and its digest. */
  private String text(JsonValue value) {
    long length = value.end() - value.start();
    if (length > LONGEST_ARGUMENT) {
      return "%d bytes at %d".formatted(length, value.start());
    }
    cursor.charge(length);
    byte[] bytes = file.bytes(value.start(), (int) length).array();
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private void signature() {
    cursor.object(
        (member, at) -> {
          switch (member) {
            case "input_specs" ->
                cursor.list(
                    () -> {
                      JsonValue spec = JsonValue.read(cursor);
                      inputSpecs.add(new Placed<>(inputSpec(spec), span(spec)));
                    });
            case "output_specs" ->
                cursor.list(
                    () -> values.members(JsonValue.read(cursor)).members().forEach(this::output));
            default -> cursor.skip();
          }
        });
  }

  private String inputSpec(JsonValue value) {
    JsonValue.Members union = values.members(value);
    if (union.members().size() != 1) {
      throw cursor.malformed(value.start(), "one kind of input", union.members().size() + " kinds");
    }
    Map.Entry<String, JsonValue> only = union.members().entrySet().iterator().next();
    JsonValue.Members spec = values.members(only.getValue());
    Parameter.@Nullable Kind kind =
        switch (only.getKey()) {
          case "parameter" -> Parameter.Kind.PARAMETER;
          case "buffer" -> Parameter.Kind.BUFFER;
          case "tensor_constant" -> Parameter.Kind.CONSTANT;
          default -> null;
        };
    if (kind == null) {
      return "";
    }
    String key =
        switch (kind) {
          case PARAMETER -> "parameter_name";
          case BUFFER -> "buffer_name";
          case CONSTANT -> "tensor_constant_name";
        };
    String name = values.text(values.members(values.member(spec, "arg")).get(NAME));
    String fqn = values.text(values.member(spec, key));
    if (parameters.put(name, new Parameter(name, fqn, kind)) != null) {
      throw cursor.malformed(value.start(), "an input that is specified once", "one twice");
    }
    return name;
  }

  /** Whatever leaves the graph other than as a result is written somewhere: a buffer, an input. */
  private void output(String kind, JsonValue value) {
    if (kind.equals("user_output")) {
      return;
    }
    for (JsonValue member : values.members(value).members().values()) {
      if (member instanceof JsonValue.Text text) {
        mutated.add(text.value());
      }
    }
  }
}
