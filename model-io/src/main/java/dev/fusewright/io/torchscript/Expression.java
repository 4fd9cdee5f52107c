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
package dev.fusewright.io.torchscript;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression of the code, and its place in the file. */
sealed interface Expression {
  /** Of the first character. */
  int start();

  /** Behind the last character. */
  int end();

  /** A name. */
  record Name(String id, int start, int end) implements Expression {}

  /**
   * None, a flag, a number or a text.
   *
   * @param value null, a Boolean, Long, Double or String
   */
  record Literal(@Nullable Object value, int start, int end) implements Expression {}

  /** What a value has under a name. */
  record Attribute(Expression base, String name, int start, int end) implements Expression {}

  /** An argument that is given by its name. */
  record Keyword(String name, Expression value) {}

  /** A call. */
  record Call(
      Expression function, List<Expression> arguments, List<Keyword> keywords, int start, int end)
      implements Expression {
    public Call {
      arguments = List.copyOf(arguments);
      keywords = List.copyOf(keywords);
    }
  }

  /** A list or a tuple. */
  record Sequence(Kind kind, List<Expression> items, int start, int end) implements Expression {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** Which of both. */
  enum Kind {
    LIST,
    TUPLE
  }

  /** An item of a value. */
  record Subscript(Expression base, Expression index, int start, int end) implements Expression {}

  /** A number with the other sign. */
  record Negative(Expression operand, int start, int end) implements Expression {}

  /** A dict, of which only is known what it reads. */
  record Dictionary(List<Expression> items, int start, int end) implements Expression {
    public Dictionary {
      items = List.copyOf(items);
    }
  }

  /** Names with dots between them, such as {@code torch.nn}; empty if it is anything else. */
  default String dotted() {
    if (this instanceof Name name) {
      return name.id();
    }
    if (this instanceof Attribute attribute) {
      String base = attribute.base().dotted();
      return base.isEmpty() ? "" : base + "." + attribute.name();
    }
    return "";
  }

  /** What it consists of. */
  default List<Expression> parts() {
    if (this instanceof Attribute attribute) {
      return List.of(attribute.base());
    } else if (this instanceof Call call) {
      List<Expression> parts = new ArrayList<>(call.arguments());
      parts.add(call.function());
      call.keywords().forEach(keyword -> parts.add(keyword.value()));
      return parts;
    } else if (this instanceof Sequence sequence) {
      return sequence.items();
    } else if (this instanceof Subscript subscript) {
      return List.of(subscript.base(), subscript.index());
    } else if (this instanceof Negative negative) {
      return List.of(negative.operand());
    } else if (this instanceof Dictionary dictionary) {
      return dictionary.items();
    }
    return List.of();
  }
}
