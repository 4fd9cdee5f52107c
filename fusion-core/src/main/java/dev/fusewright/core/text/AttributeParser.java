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
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.tensor.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The attributes of a node. */
final class AttributeParser {
  private final TokenStream tokens;
  private final TensorParser tensors;
  private final TextParser graphs;

  AttributeParser(TokenStream tokens, TensorParser tensors, TextParser graphs) {
    this.tokens = tokens;
    this.tensors = tensors;
    this.graphs = graphs;
  }

  /** Attributes between angle brackets, in order; none if the next word is another. */
  Map<String, Attribute> list() {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    if (!tokens.takeIf("<")) {
      return attributes;
    }
    do {
      Token name = tokens.peek();
      String key = tokens.name("the name of an attribute");
      if (attributes.put(key, attribute(name)) != null) {
        throw name.error("attribute '" + key + "' is given twice");
      }
    } while (tokens.takeIf(","));
    tokens.expect(">", "after the attributes");
    return attributes;
  }

  /** What is behind the name of an attribute: perhaps its type, then its value. */
  Attribute attribute(Token name) {
    String type = "";
    if (tokens.takeIf(":")) {
      type = tokens.expect(Token.Kind.IDENTIFIER, "the type of an attribute").text();
    }
    tokens.expect("=", "after " + name.shown());
    Token at = tokens.peek();
    if (tensors.takesElided(type)) {
      return new Attribute.Opaque(type);
    }
    Attribute value = tokens.takeIf("[") ? values(at, type) : value();
    return as(type, value, at);
  }

  private Attribute value() {
    if (tokens.takeIf("@")) {
      return new Attribute.Reference(tokens.name("the name of a function's attribute"), "");
    }
    if (tokens.atNumber()) {
      Token number = tokens.peek();
      return number.kind() == Token.Kind.INTEGER
          ? new Attribute.Int(tokens.integer("a number"))
          : new Attribute.Real(real(tokens.take()));
    }
    Token at = tokens.peek();
    if (at.kind() == Token.Kind.STRING && !tokens.peekSecond().isSymbol("(")) {
      return new Attribute.Text(tokens.take().text());
    }
    Optional<ElementType> type = graphs.type();
    if (type.isEmpty()) {
      return new Attribute.Body(graphs.graph());
    }
    var shape = graphs.shape(at);
    if (!tensors.atElements() && !tokens.peek().isSymbol("=")) {
      tokens.name("the elements of a tensor; types as attributes are not supported");
    }
    tokens.takeIf("=");
    return new Attribute.TensorValue(tensors.elements(at, type.get(), shape));
  }

  /** Parsing to float at once: through double it would round twice. */
  private static float real(Token token) {
    return token.kind() == Token.Kind.REAL
            && Character.isDigit(token.text().charAt(token.text().length() - 1))
        ? Float.parseFloat(token.text())
        : (float) TokenStream.number(token);
  }

  private Attribute values(Token open, String type) {
    List<Attribute> values = new ArrayList<>();
    if (!tokens.takeIf("]")) {
      do {
        values.add(value());
      } while (tokens.takeIf(","));
      tokens.expect("]", "after a list of values");
    }
    if (values.isEmpty()) {
      return empty(open, type);
    }
    if (values.stream().allMatch(Attribute.Int.class::isInstance) && !type.equals("floats")) {
      return new Attribute.Ints(
          values.stream().map(value -> ((Attribute.Int) value).value()).toList());
    }
    if (values.stream()
        .allMatch(value -> value instanceof Attribute.Int || value instanceof Attribute.Real)) {
      return new Attribute.Reals(values.stream().map(AttributeParser::asFloat).toList());
    }
    List<String> texts = new ArrayList<>();
    List<Graph> bodies = new ArrayList<>();
    for (Attribute value : values) {
      if (value instanceof Attribute.Text text) {
        texts.add(text.value());
      } else if (value instanceof Attribute.Body body) {
        bodies.add(body.value());
      }
    }
    if (texts.size() == values.size()) {
      return new Attribute.Texts(texts);
    }
    if (bodies.size() == values.size()) {
      return new Attribute.Bodies(bodies);
    }
    throw open.error("a list holds numbers, strings or graphs, all of one kind");
  }

  private static float asFloat(Attribute value) {
    return value instanceof Attribute.Int whole
        ? whole.value()
        : (float) ((Attribute.Real) value).value();
  }

  private static Attribute empty(Token open, String type) {
    return switch (type) {
      case "ints" -> new Attribute.Ints(List.of());
      case "floats" -> new Attribute.Reals(List.of());
      case "strings" -> new Attribute.Texts(List.of());
      case "graphs" -> new Attribute.Bodies(List.of());
      default -> throw open.error("an empty list needs its type: write ': ints = []', for example");
    };
  }

  /** Checks a value against the type that the text states; an integer may stand for a float. */
  private static Attribute as(String type, Attribute value, Token at) {
    if (value instanceof Attribute.Reference reference) {
      return new Attribute.Reference(reference.name(), type);
    }
    if (type.isEmpty() || typeOf(value).equals(type)) {
      return value;
    }
    if (type.equals("float") && value instanceof Attribute.Int whole) {
      return new Attribute.Real(whole.value());
    }
    throw at.error(
        "expected an attribute of type " + type + ", found one of type " + typeOf(value));
  }

  /** The name of an attribute's type in ONNX's syntax. */
  static String typeOf(Attribute value) {
    // Java 17 has no exhaustive switch over a sealed type; a new kind ends in the error below.
    if (value instanceof Attribute.Int) {
      return "int";
    } else if (value instanceof Attribute.Real) {
      return "float";
    } else if (value instanceof Attribute.Text) {
      return "string";
    } else if (value instanceof Attribute.TensorValue) {
      return "tensor";
    } else if (value instanceof Attribute.Body) {
      return "graph";
    } else if (value instanceof Attribute.Ints) {
      return "ints";
    } else if (value instanceof Attribute.Reals) {
      return "floats";
    } else if (value instanceof Attribute.Texts) {
      return "strings";
    } else if (value instanceof Attribute.Bodies) {
      return "graphs";
    } else if (value instanceof Attribute.Opaque opaque) {
      return opaque.kind();
    }
    throw new IllegalArgumentException("no type name for " + value);
  }
}
