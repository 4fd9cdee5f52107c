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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One call of an operator, with its arguments by name. */
final class AtenCall {
  private final AtenNode node;
  private final Map<String, Placed<TensorMeta>> values;
  private final UnaryOperator<String> names;
  private final Predicate<String> read;
  private final Map<String, String> turned;

  /**
   * A call.
   *
   * @param names of values in the lowered graph
   * @param read whether anybody reads a value
   * @param turned parameters by the names of values that are their transposes
   */
  AtenCall(
      AtenNode node,
      Map<String, Placed<TensorMeta>> values,
      UnaryOperator<String> names,
      Predicate<String> read,
      Map<String, String> turned) {
    this.node = node;
    this.values = values;
    this.names = names;
    this.read = read;
    this.turned = turned;
  }

  /** Whether anybody reads a value. */
  boolean isRead(String value) {
    return read.test(value);
  }

  AtenNode node() {
    return node;
  }

  /** A tensor that must be given, in the lowered graph. */
  String tensor(String argument) {
    if (node.argument(argument) instanceof AtenValue.Tensor tensor) {
      return names.apply(tensor.name());
    }
    throw unknown(argument);
  }

  /** The parameter whose transpose an argument is; null if it is none. */
  @Nullable String turned(String argument) {
    String parameter =
        node.argument(argument) instanceof AtenValue.Tensor tensor
            ? turned.get(tensor.name())
            : null;
    return parameter == null ? null : names.apply(parameter);
  }

  /** A tensor, or an empty name where it is not given. */
  String tensorOrNone(String argument) {
    return node.argument(argument) == null ? "" : tensor(argument);
  }

  List<String> tensors(String argument) {
    if (node.argument(argument) instanceof AtenValue.Tensors tensors) {
      return tensors.tensors().stream().map(tensor -> names.apply(tensor.name())).toList();
    }
    throw unknown(argument);
  }

  boolean has(String argument) {
    return node.argument(argument) != null;
  }

  /** What is said of a tensor that is given. */
  TensorMeta meta(String argument) {
    if (node.argument(argument) instanceof AtenValue.Tensor tensor) {
      return metaOf(tensor.name());
    }
    throw unknown(argument);
  }

  /** What is said of each of several tensors. */
  List<TensorMeta> metas(String argument) {
    if (node.argument(argument) instanceof AtenValue.Tensors tensors) {
      return tensors.tensors().stream().map(tensor -> metaOf(tensor.name())).toList();
    }
    throw unknown(argument);
  }

  /** What is said of the result. */
  TensorMeta result() {
    return result(0);
  }

  TensorMeta result(int index) {
    return metaOf(node.outputs().get(index));
  }

  private TensorMeta metaOf(String value) {
    Placed<TensorMeta> meta = values.get(value);
    if (meta == null || meta.value().type() == ElementType.UNDEFINED) {
      throw new UnknownFormException("nothing is known of '" + value + "'");
    }
    return meta.value();
  }

  int rank(String argument) {
    return meta(argument).dims().size();
  }

  /** The size of an axis, which must be known. */
  static long size(TensorMeta meta, int axis) {
    if (meta.dims().get(axis) instanceof Dim.Fixed fixed) {
      return fixed.size();
    }
    throw new UnknownFormException("a size that is not known");
  }

  /** An axis of a tensor of some rank, counted from its front. */
  static int axis(long axis, int rank) {
    long counted = axis < 0 ? axis + rank : axis;
    if (counted < 0 || counted >= rank) {
      throw new UnknownFormException("axis " + axis + " of " + rank);
    }
    return (int) counted;
  }

  boolean flag(String argument, Default absent) {
    AtenValue value = node.argument(argument);
    if (value == null) {
      return absent == Default.TRUE;
    }
    if (value instanceof AtenValue.Flag flag) {
      return flag.value();
    }
    throw unknown(argument);
  }

  /** What a flag is where it is not given. */
  enum Default {
    TRUE,
    FALSE
  }

  long whole(String argument, long absent) {
    AtenValue value = node.argument(argument);
    if (value == null) {
      return absent;
    }
    if (value instanceof AtenValue.Whole whole) {
      return whole.value();
    }
    throw unknown(argument);
  }

  double real(String argument, double absent) {
    AtenValue value = node.argument(argument);
    if (value == null) {
      return absent;
    }
    Double number = number(value);
    if (number == null) {
      throw unknown(argument);
    }
    return number;
  }

  /** A number that is given as such; null for anything else. */
  static @Nullable Double number(@Nullable AtenValue value) {
    if (value instanceof AtenValue.Real real) {
      return real.value();
    }
    return value instanceof AtenValue.Whole whole ? (double) whole.value() : null;
  }

  String word(String argument, String absent) {
    AtenValue value = node.argument(argument);
    if (value == null) {
      return absent;
    }
    if (value instanceof AtenValue.Word word) {
      return word.value();
    }
    throw unknown(argument);
  }

  /** Numbers; symbolic ones are null. */
  List<@Nullable Long> sizes(String argument) {
    if (node.argument(argument) instanceof AtenValue.Wholes wholes) {
      List<@Nullable Long> sizes = new ArrayList<>();
      for (AtenValue.Item item : wholes.items()) {
        sizes.add(item.name().isEmpty() ? item.value() : null);
      }
      return sizes;
    }
    throw unknown(argument);
  }

  /** Numbers of which none is symbolic; {@code absent} where they are not given. */
  List<Long> wholes(String argument, List<Long> absent) {
    AtenValue value = node.argument(argument);
    if (value == null) {
      return absent;
    }
    List<Long> wholes = new ArrayList<>();
    if (value instanceof AtenValue.Whole whole) {
      wholes.add(whole.value());
      return wholes;
    }
    for (Long size : sizes(argument)) {
      if (size == null) {
        throw unknown(argument);
      }
      wholes.add(size);
    }
    return wholes;
  }

  /** As many numbers as a window has axes: one stands for all. */
  List<Long> window(String argument, int axes, long absent) {
    List<Long> given = wholes(argument, List.of());
    List<Long> wide =
        given.isEmpty()
            ? Collections.nCopies(axes, absent)
            : given.size() == 1 ? Collections.nCopies(axes, given.get(0)) : given;
    if (wide.size() != axes) {
      throw unknown(argument);
    }
    return wide;
  }

  private UnknownFormException unknown(String argument) {
    return new UnknownFormException(
        "'%s' of %s in a form that is not known".formatted(argument, node.target()));
  }
}
