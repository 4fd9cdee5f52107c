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

import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The elements of a tensor: in braces, or from a generator. */
final class TensorParser {
  /** More than any tensor that a person looks at; sizes of texts must not overflow. */
  private static final long MAX_ELEMENTS = 1L << 40;

  private static final String ELLIPSIS = "…";

  private final TokenStream tokens;
  private final Elision elision;
  private final String resource;
  private final List<String> elided = new ArrayList<>();

  TensorParser(TokenStream tokens, Elision elision, String resource) {
    this.tokens = tokens;
    this.elision = elision;
    this.resource = resource;
  }

  /** The places at which values were left out so far. */
  List<String> elided() {
    return elided;
  }

  /** Whether the next word begins the elements of a tensor. */
  boolean atElements() {
    return tokens.peek().isSymbol("{")
        || (tokens.peekSecond().isSymbol("(")
            && (tokens.peek().isWord("random") || tokens.peek().isWord("fill")));
  }

  Tensor elements(Token typeAt, ElementType type, Shape shape) {
    if (isTooLarge(shape)) {
      throw typeAt.error("%s%s is too large for a text".formatted(type.text(), shape));
    }
    if (tokens.peek().isSymbol("{") && tokens.peekSecond().isSymbol(ELLIPSIS)) {
      return elided(type, shape);
    }
    if (!ElementCodec.supports(type)) {
      throw typeAt.error("tensors of type " + type.text() + " have no text form here");
    }
    if (tokens.peek().isSymbol("{")) {
      return literal(typeAt, type, shape);
    }
    if (tokens.peek().isWord("random")) {
      return random(type, shape);
    }
    if (tokens.peek().isWord("fill")) {
      tokens.take();
      tokens.expect("(", "after 'fill'");
      double value = tokens.real("the value to fill with");
      tokens.expect(")", "after the value to fill with");
      return new FilledTensor(type, shape, value);
    }
    throw tokens.unexpected("'{', 'random' or 'fill'");
  }

  private static boolean isTooLarge(Shape shape) {
    long count = 1;
    for (long size : shape.dims()) {
      if (size != 0 && count > MAX_ELEMENTS / size) {
        return true;
      }
      count *= size;
    }
    return false;
  }

  /** Takes the place of an attribute of which the text has only the kind. */
  boolean takesElided(String kind) {
    Token place = tokens.peek();
    if (elision == Elision.REFUSED || !tokens.takeIf(ELLIPSIS)) {
      return false;
    }
    elided.add("%d:%d (%s)".formatted(place.line(), place.column(), kind));
    return true;
  }

  /** <code>{… 432 values}</code>: the size is that of the shape, whatever the text says. */
  private Tensor elided(ElementType type, Shape shape) {
    tokens.take();
    Token ellipsis = tokens.take();
    if (elision == Elision.REFUSED) {
      throw ellipsis.error("this text is the short form: its tensors cannot be read back");
    }
    tokens.integer("the number of values that are left out");
    tokens.name("'values'");
    tokens.expect("}", "after what is left out");
    String place = "%d:%d (%s%s)".formatted(ellipsis.line(), ellipsis.column(), type.text(), shape);
    elided.add(place);
    return new StoredTensor(type, shape, new ElidedValues(type, resource + ", " + place));
  }

  private Tensor random(ElementType type, Shape shape) {
    tokens.take();
    tokens.expect("(", "after 'random'");
    long seed = tokens.integer("a seed");
    double low = -1;
    double high = 1;
    if (tokens.takeIf(",")) {
      low = tokens.real("the lower bound");
      tokens.expect(",", "between the bounds");
      high = tokens.real("the upper bound");
    }
    tokens.expect(")", "after the arguments of 'random'");
    return new StoredTensor(type, shape, new SeededValues(type, seed, low, high));
  }

  private Tensor literal(Token typeAt, ElementType type, Shape shape) {
    Token open = tokens.take();
    List<Token> elements = new ArrayList<>();
    if (!tokens.takeIf("}")) {
      do {
        if (!tokens.atNumber()) {
          throw tokens.unexpected("a number");
        }
        elements.add(tokens.take());
      } while (tokens.takeIf(","));
      tokens.expect("}", "after the elements of a tensor");
    }
    if (elements.size() != shape.elementCount()) {
      throw open.error(
          "%s%s needs %s, found %d"
              .formatted(
                  type.text(),
                  shape,
                  Amounts.count(shape.elementCount(), "element"),
                  elements.size()));
    }
    return switch (type) {
      case FLOAT, DOUBLE -> reals(type, shape, elements);
      case FLOAT16, BFLOAT16 -> smallReals(type, shape, elements);
      case INT64, INT32, INT16, INT8, UINT64, UINT32, UINT16, UINT8, BOOL ->
          integers(type, shape, elements);
      case UNDEFINED,
          STRING,
          COMPLEX64,
          COMPLEX128,
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
          throw typeAt.error("tensors of type " + type.text() + " have no text form here");
    };
  }

  private static Tensor reals(ElementType type, Shape shape, List<Token> elements) {
    return LiteralTensor.ofDoubles(
        type, shape, elements.stream().mapToDouble(TokenStream::number).toArray());
  }

  private static Tensor smallReals(ElementType type, Shape shape, List<Token> elements) {
    for (Token element : elements) {
      if (element.kind() == Token.Kind.INTEGER) {
        throw element.error(
            "write '%s.0': in ONNX's syntax an integer in a %s tensor is a bit pattern"
                .formatted(element.text(), type.text()));
      }
    }
    return reals(type, shape, elements);
  }

  private static Tensor integers(ElementType type, Shape shape, List<Token> elements) {
    long[] values = new long[elements.size()];
    for (int i = 0; i < values.length; i++) {
      Token element = elements.get(i);
      try {
        values[i] = Long.parseLong(element.text());
      } catch (NumberFormatException e) {
        throw element.error(element.shown() + " is no " + type.text());
      }
      if (type != ElementType.INT64
          && ElementCodec.of(type).round((double) values[i]) != values[i]) {
        throw element.error(element.shown() + " does not fit into " + type.text());
      }
    }
    return type == ElementType.INT64
        ? LiteralTensor.ofLongs(shape, values)
        : LiteralTensor.ofDoubles(
            type, shape, java.util.Arrays.stream(values).asDoubleStream().toArray());
  }
}
