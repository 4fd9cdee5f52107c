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
package dev.fusewright.io.torch;

import dev.fusewright.io.torch.PickleValue.Bytes;
import dev.fusewright.io.torch.PickleValue.Call;
import dev.fusewright.io.torch.PickleValue.Inert;
import dev.fusewright.io.torch.PickleValue.Text;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * A number of NumPy's as its pickles hold it: {@code scalar(dtype, bytes)}. NumPy is not asked;
 * only float32 and float64 are read.
 */
final class NumpyScalar {
  private static final Set<String> SCALAR =
      Set.of("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar");

  private NumpyScalar() {}

  /** The value; empty for anything else. */
  static OptionalDouble of(PickleValue value) {
    if (!(value instanceof Call call) || !SCALAR.contains(call.function().qualified())) {
      return OptionalDouble.empty();
    }
    List<PickleValue> given = call.arguments().items();
    if (given.size() != 2
        || !(given.get(0) instanceof Inert type)
        || !type.type().qualified().equals("numpy.dtype")) {
      return OptionalDouble.empty();
    }
    Optional<ByteOrder> order = order(type);
    Optional<byte[]> bytes = bytes(given.get(1));
    return order.isEmpty() || bytes.isEmpty()
        ? OptionalDouble.empty()
        : number(name(type), ByteBuffer.wrap(bytes.get()).order(order.get()));
  }

  private static OptionalDouble number(String type, ByteBuffer bytes) {
    return switch (type) {
      case "f4" ->
          bytes.remaining() == Float.BYTES
              ? OptionalDouble.of(bytes.getFloat())
              : OptionalDouble.empty();
      case "f8" ->
          bytes.remaining() == Double.BYTES
              ? OptionalDouble.of(bytes.getDouble())
              : OptionalDouble.empty();
      default -> OptionalDouble.empty();
    };
  }

  /** The first argument of {@code dtype("f8", False, True)}. */
  private static String name(Inert type) {
    return type instanceof Call call
            && !call.arguments().items().isEmpty()
            && call.arguments().items().get(0) instanceof Text name
        ? name.value()
        : "";
  }

  /** The second item of the state, {@code (3, "<", None, None, None, -1, -1, 0)}. */
  private static Optional<ByteOrder> order(Inert type) {
    if (!(type.state() instanceof Tuple state)
        || state.items().size() < 2
        || !(state.items().get(1) instanceof Text order)) {
      return Optional.empty();
    }
    return switch (order.value()) {
      case "<" -> Optional.of(ByteOrder.LITTLE_ENDIAN);
      case ">" -> Optional.of(ByteOrder.BIG_ENDIAN);
      default -> Optional.empty();
    };
  }

  /** Before protocol 3, bytes are {@code _codecs.encode(text, "latin1")}. */
  private static Optional<byte[]> bytes(PickleValue value) {
    if (value instanceof Bytes bytes) {
      return Optional.of(bytes.value());
    }
    return value instanceof Call call
            && call.function().qualified().equals("_codecs.encode")
            && call.arguments().items().size() == 2
            && call.arguments().items().get(0) instanceof Text text
            && call.arguments().items().get(1) instanceof Text codec
            && codec.value().equals("latin1")
        ? Optional.of(text.value().getBytes(StandardCharsets.ISO_8859_1))
        : Optional.empty();
  }
}
