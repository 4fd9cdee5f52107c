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
package dev.fusewright.io.aten;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The value of an operator's argument. */
public sealed interface AtenValue {
  /** The name of a tensor, and where it stands with its quotation marks. */
  record Tensor(String name, Span span) implements AtenValue {}

  /** Several tensors. */
  record Tensors(List<Tensor> tensors) implements AtenValue {
    public Tensors {
      tensors = List.copyOf(tensors);
    }
  }

  /** No value. */
  record None() implements AtenValue {}

  record Flag(boolean value) implements AtenValue {}

  record Whole(long value) implements AtenValue {}

  record Real(double value) implements AtenValue {}

  record Word(String value) implements AtenValue {}

  /** Numbers, of which some may be names of symbolic ones. */
  record Wholes(List<Item> items) implements AtenValue {
    public Wholes {
      items = List.copyOf(items);
    }
  }

  /**
   * One of several numbers.
   *
   * @param name of a symbolic one; empty for a plain number
   */
  record Item(long value, String name) {}

  /** The name of a symbolic number. */
  record Symbol(String name) implements AtenValue {}

  /**
   * Anything else.
   *
   * @param names of all values that may be read in it
   */
  record Other(Set<String> names) implements AtenValue {
    public Other {
      names = Set.copyOf(names);
    }
  }

  /** The same with other names of values. */
  default AtenValue renamed(UnaryOperator<String> names) {
    if (this instanceof Tensor tensor) {
      return new Tensor(names.apply(tensor.name()), tensor.span());
    } else if (this instanceof Tensors tensors) {
      return new Tensors(
          tensors.tensors().stream()
              .map(tensor -> new Tensor(names.apply(tensor.name()), tensor.span()))
              .toList());
    } else if (this instanceof Symbol symbol) {
      return new Symbol(names.apply(symbol.name()));
    } else if (this instanceof Wholes wholes) {
      return new Wholes(
          wholes.items().stream()
              .map(
                  item ->
                      item.name().isEmpty()
                          ? item
                          : new Item(item.value(), names.apply(item.name())))
              .toList());
    } else if (this instanceof Other other) {
      return new Other(other.names().stream().map(names).collect(Collectors.toSet()));
    }
    return this;
  }

  /** The names of all values that are read in it. */
  default List<String> reads() {
    if (this instanceof Tensor tensor) {
      return List.of(tensor.name());
    } else if (this instanceof Tensors tensors) {
      return tensors.tensors().stream().map(Tensor::name).toList();
    } else if (this instanceof Symbol symbol) {
      return List.of(symbol.name());
    } else if (this instanceof Wholes wholes) {
      return wholes.items().stream().map(Item::name).filter(name -> !name.isEmpty()).toList();
    } else if (this instanceof Other other) {
      return other.names().stream().sorted().toList();
    }
    return List.of();
  }
}
