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
package dev.fusewright.core.text;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Models, graphs, functions and nodes; a method reads what its name says. */
final class TextParser {
  private static final long DEFAULT_IR_VERSION = 8;
  private static final Map<String, Long> DEFAULT_OPSETS = Map.of("", 13L);

  /** Graphs in graphs; each takes some frames of the stack. */
  private static final int MAX_DEPTH = 100;

  private final TokenStream tokens;
  private final TensorParser tensors;
  private final AttributeParser attributes;
  private int nodes;
  private int depth;
  private Map<String, String> metadata = Map.of();

  TextParser(String text, Elision elision, String resource) {
    tokens = new TokenStream(text);
    tensors = new TensorParser(tokens, elision, resource);
    attributes = new AttributeParser(tokens, tensors, this);
  }

  /** Header of a model or a function, between angle brackets. */
  private record Header(
      Map<String, String> texts,
      Map<String, Long> numbers,
      Map<String, Long> opsets,
      Map<String, String> metadata) {
    static final Header ABSENT = new Header(Map.of(), Map.of(), DEFAULT_OPSETS, Map.of());

    long irVersion() {
      return numbers.getOrDefault("ir_version", DEFAULT_IR_VERSION);
    }

    String text(String key) {
      return texts.getOrDefault(key, "");
    }
  }

  /** Where values are left out. */
  List<String> elided() {
    return tensors.elided();
  }

  /** What the header of the model says beside its versions. */
  Map<String, String> metadata() {
    return metadata;
  }

  ModelGraph model() {
    Header header = header();
    metadata = header.metadata();
    Graph graph = graph();
    List<Function> functions = new ArrayList<>();
    while (tokens.peek().kind() != Token.Kind.END) {
      functions.add(function());
    }
    return new ModelGraph(header.irVersion(), header.opsets(), graph, functions);
  }

  private Header header() {
    if (!tokens.takeIf("<")) {
      return Header.ABSENT;
    }
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, Long> numbers = new LinkedHashMap<>();
    Map<String, Long> opsets = DEFAULT_OPSETS;
    Map<String, String> properties = new LinkedHashMap<>();
    do {
      Token key = tokens.expect(Token.Kind.IDENTIFIER, "a property such as ir_version");
      tokens.expect(":", "after " + key.shown());
      switch (key.text()) {
        case "opset_import" -> opsets = opsets();
        case "metadata_props" -> properties(properties);
        case "ir_version", "model_version" -> numbers.put(key.text(), tokens.integer("a number"));
        case "producer_name", "producer_version", "domain", "doc_string", "overload" ->
            texts.put(key.text(), tokens.expect(Token.Kind.STRING, "a string").text());
        default -> throw key.error(key.shown() + " is no property of a model or function");
      }
    } while (tokens.takeIf(","));
    tokens.expect(">", "after the properties");
    return new Header(texts, numbers, opsets, properties);
  }

  private Map<String, Long> opsets() {
    Map<String, Long> opsets = new LinkedHashMap<>();
    tokens.expect("[", "before the operator sets");
    if (tokens.takeIf("]")) {
      return opsets;
    }
    do {
      String domain = tokens.expect(Token.Kind.STRING, "the domain of an operator set").text();
      tokens.expect(":", "after the domain of an operator set");
      opsets.put(domain.equals("ai.onnx") ? "" : domain, tokens.integer("a version"));
    } while (tokens.takeIf(","));
    tokens.expect("]", "after the operator sets");
    return opsets;
  }

  private void properties(Map<String, String> properties) {
    tokens.expect("[", "before the metadata");
    if (tokens.takeIf("]")) {
      return;
    }
    do {
      String key = tokens.expect(Token.Kind.STRING, "a key").text();
      tokens.expect(":", "after the key");
      properties.put(key, tokens.expect(Token.Kind.STRING, "a value").text());
    } while (tokens.takeIf(","));
    tokens.expect("]", "after the metadata");
  }

  Graph graph() {
    Token at = tokens.peek();
    if (++depth > MAX_DEPTH) {
      throw at.error("graphs are nested deeper than " + MAX_DEPTH);
    }
    String name = tokens.name("the name of a graph");
    List<Initializer> initializers = new ArrayList<>();
    List<ValueInfo> inputs = new ArrayList<>();
    values("(", ")", inputs, initializers);
    tokens.expect("=>", "after the inputs of graph '" + name + "'");
    List<ValueInfo> outputs = new ArrayList<>();
    List<Initializer> none = new ArrayList<>();
    Token open = tokens.peek();
    values("(", ")", outputs, none);
    if (!none.isEmpty()) {
      throw open.error("output '" + none.get(0).name() + "' cannot have elements");
    }
    List<ValueInfo> inner = new ArrayList<>();
    if (tokens.peek().isSymbol("<")) {
      List<ValueInfo> declared = new ArrayList<>();
      int before = initializers.size();
      values("<", ">", declared, initializers);
      List<String> constants =
          initializers.subList(before, initializers.size()).stream()
              .map(Initializer::name)
              .toList();
      declared.stream().filter(value -> !constants.contains(value.name())).forEach(inner::add);
    }
    List<Node> nodes = nodes();
    depth--;
    return new Graph(name, nodes, initializers, inputs, outputs, inner, List.of(), List.of());
  }

  private Function function() {
    Header header = header();
    String name = tokens.name("the name of a function");
    List<String> parameters = new ArrayList<>();
    Map<String, Attribute> defaults = new LinkedHashMap<>();
    if (tokens.takeIf("<")) {
      do {
        Token at = tokens.peek();
        String parameter = tokens.name("the name of an attribute");
        if (parameters.contains(parameter) || defaults.containsKey(parameter)) {
          throw at.error("attribute '" + parameter + "' is given twice");
        }
        if (tokens.peek().isSymbol("=") || tokens.peek().isSymbol(":")) {
          defaults.put(parameter, attributes.attribute(at));
        } else {
          parameters.add(parameter);
        }
      } while (tokens.takeIf(","));
      tokens.expect(">", "after the attributes of function '" + name + "'");
    }
    List<ValueInfo> typed = new ArrayList<>();
    List<ValueInfo> inputs = functionValues(typed);
    tokens.expect("=>", "after the inputs of function '" + name + "'");
    List<ValueInfo> outputs = functionValues(typed);
    if (tokens.peek().isSymbol("<")) {
      Token open = tokens.peek();
      List<Initializer> initializers = new ArrayList<>();
      values("<", ">", typed, initializers);
      if (!initializers.isEmpty()) {
        throw open.error("function '" + name + "' cannot hold initializers");
      }
    }
    Graph body = new Graph(name, nodes(), List.of(), inputs, outputs, typed, List.of(), List.of());
    return new Function(
        new OpKind(header.text("domain"), name),
        header.text("overload"),
        parameters,
        defaults,
        header.opsets(),
        body);
  }

  /**
   * A function's values have no types of their own: where the text gives one, it goes to {@code
   * typed}.
   */
  private List<ValueInfo> functionValues(List<ValueInfo> typed) {
    List<ValueInfo> values = new ArrayList<>();
    values("(", ")", values, new ArrayList<>());
    values.stream().filter(value -> value.type() != ElementType.UNDEFINED).forEach(typed::add);
    return values.stream().map(value -> ValueInfo.untyped(value.name())).toList();
  }

  /** Values with or without types and elements; one with elements is in both lists. */
  private void values(
      String open, String close, List<ValueInfo> values, List<Initializer> initializers) {
    tokens.expect(open, "before a list of values");
    if (tokens.takeIf(close)) {
      return;
    }
    do {
      Token at = tokens.peek();
      ValueInfo value = value();
      values.add(value);
      if (tokens.takeIf("=")) {
        initializers.add(
            new Initializer(value.name(), tensors.elements(at, value.type(), shape(at, value))));
      }
    } while (tokens.takeIf(","));
    tokens.expect(close, "after a list of values");
  }

  private ValueInfo value() {
    Optional<ElementType> type = type();
    if (type.isEmpty()) {
      return ValueInfo.untyped(tokens.name("the type or name of a value"));
    }
    // As in ONNX, no brackets mean a scalar, and empty brackets an unknown rank.
    List<Dim> dims = List.of();
    if (tokens.takeIf("[")) {
      dims = tokens.takeIf("]") ? null : dims();
    }
    return new ValueInfo(tokens.name("the name of a value"), type.get(), dims);
  }

  /** Takes the next word if it is an element type. */
  Optional<ElementType> type() {
    Token token = tokens.peek();
    Optional<ElementType> type =
        token.kind() == Token.Kind.IDENTIFIER
            ? ElementType.ofText(token.text()).filter(found -> found != ElementType.UNDEFINED)
            : Optional.empty();
    if (type.isPresent()) {
      tokens.take();
    }
    return type;
  }

  private List<Dim> dims() {
    List<Dim> dims = new ArrayList<>();
    do {
      if (tokens.takeIf("?")) {
        dims.add(new Dim.Unknown());
      } else if (tokens.peek().kind() == Token.Kind.INTEGER) {
        dims.add(Dim.of(size()));
      } else {
        dims.add(new Dim.Symbolic(tokens.name("a size, a name or '?'")));
      }
    } while (tokens.takeIf(","));
    tokens.expect("]", "after the sizes of the axes");
    return dims;
  }

  private long size() {
    Token at = tokens.peek();
    long size = tokens.integer("a size");
    if (size < 0) {
      throw at.error("a size of %d".formatted(size));
    }
    return size;
  }

  /** The sizes of a tensor in brackets; a scalar without. */
  Shape shape(Token at) {
    List<Dim> dims = tokens.takeIf("[") ? dims() : List.of();
    return shape(at, new ValueInfo("", ElementType.UNDEFINED, dims));
  }

  private static Shape shape(Token at, ValueInfo value) {
    List<Dim> dims = value.dims();
    if (dims == null) {
      throw at.error("the elements of '" + value.name() + "' need a type with a known rank");
    }
    List<Long> sizes = new ArrayList<>();
    for (Dim dim : dims) {
      if (!(dim instanceof Dim.Fixed fixed)) {
        throw at.error(
            "the elements of '" + value.name() + "' need known sizes, found '" + dim + "'");
      }
      sizes.add(fixed.size());
    }
    try {
      return new Shape(sizes);
    } catch (IllegalArgumentException e) {
      throw at.error(String.valueOf(e.getMessage()));
    }
  }

  private List<Node> nodes() {
    tokens.expect("{", "before the nodes");
    List<Node> read = new ArrayList<>();
    while (!tokens.takeIf("}")) {
      read.add(node());
    }
    return read;
  }

  private Node node() {
    int id = nodes++;
    String name = "";
    if (tokens.takeIf("[")) {
      name = tokens.peek().isSymbol("]") ? "" : tokens.name("the name of a node");
      tokens.expect("]", "after the name of a node");
    }
    List<String> outputs = names("=");
    tokens.expect("=", "after the outputs of a node");
    OpKind op = operator();
    Map<String, Attribute> given = attributes.list();
    tokens.expect("(", "before the inputs of " + op);
    List<String> inputs = names(")");
    tokens.expect(")", "after the inputs of " + op);
    if (given.isEmpty()) {
      given = attributes.list();
    }
    return new Node(id, name, op, inputs, outputs, given);
  }

  private OpKind operator() {
    List<String> parts = new ArrayList<>();
    do {
      parts.add(tokens.name("an operator"));
    } while (tokens.takeIf("."));
    int last = parts.size() - 1;
    return new OpKind(String.join(".", parts.subList(0, last)), parts.get(last));
  }

  /** Names between commas up to {@code end}; nothing between two commas is an absent value. */
  private List<String> names(String end) {
    List<String> names = new ArrayList<>();
    while (!tokens.peek().isSymbol(end)) {
      if (tokens.takeIf(",")) {
        names.add("");
        continue;
      }
      names.add(tokens.name("the name of a value"));
      if (!tokens.takeIf(",")) {
        break;
      }
    }
    return names;
  }
}
