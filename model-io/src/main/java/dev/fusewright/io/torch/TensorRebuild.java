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

import dev.fusewright.io.archive.StoredViews;
import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.torch.PickleValue.Call;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickleValue.None;
import dev.fusewright.io.torch.PickleValue.StorageRef;
import dev.fusewright.io.torch.PickleValue.TensorRef;
import dev.fusewright.io.torch.PickleValue.Tuple;
import dev.fusewright.io.torch.TorchTensor.Meaning;
import java.util.Arrays;
import java.util.List;

/**
 * The calls that rebuild tensors, checked: every element of every tensor lies within its storage.
 */
final class TensorRebuild {
  private TensorRebuild() {}

  /** {@code _rebuild_tensor(storage, offset, size, stride)}, of torch before 0.4. */
  static TensorRef plain(Global function, Tuple arguments, Problem here) {
    require(arguments, 4, 4, function, here);
    StorageRef storage = storage(arguments, function, here);
    return tensor(
        storage.storage(), storage.storage().type(), Meaning.PLAIN, function, arguments, here);
  }

  /**
   * {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])}.
   */
  static TensorRef second(Global function, Tuple arguments, Problem here) {
    require(arguments, 6, 7, function, here);
    StorageRef storage = storage(arguments, function, here);
    Meaning meaning = meaning(arguments, 6, function, here);
    return tensor(
        storage.storage(),
        storage.storage().type(),
        meaning,
        function,
        withoutEmpty(arguments, 6, meaning),
        here);
  }

  /**
   * {@code _rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype[,
   * metadata])}.
   */
  static PickleValue third(Global function, Tuple arguments, Problem here) {
    require(arguments, 7, 8, function, here);
    StorageRef storage = storage(arguments, function, here);
    if (!(arguments.items().get(6) instanceof Global dtype) || !dtype.module().equals("torch")) {
      throw PickleCalls.wrongArguments(function, here);
    }
    TorchType type = TorchType.ofDtype(dtype.name()).orElse(null);
    if (type == null) {
      // Of a later torch: nobody here knows how many bytes an element has.
      return new Call(function, arguments);
    }
    Meaning meaning = meaning(arguments, 7, function, here);
    return tensor(
        storage.storage(), type, meaning, function, withoutEmpty(arguments, 7, meaning), here);
  }

  /** {@code _rebuild_qtensor(storage, offset, size, stride, quantizer, requires_grad, hooks)}. */
  static TensorRef quantized(Global function, Tuple arguments, Problem here) {
    require(arguments, 7, 7, function, here);
    StorageRef storage = storage(arguments, function, here);
    return tensor(
        storage.storage(), storage.storage().type(), Meaning.ENCODED, function, arguments, here);
  }

  private static void require(Tuple arguments, int least, int most, Global function, Problem here) {
    int count = arguments.items().size();
    if (count < least || count > most) {
      throw PickleCalls.wrongArguments(function, here);
    }
  }

  private static StorageRef storage(Tuple arguments, Global function, Problem here) {
    if (arguments.items().get(0) instanceof StorageRef storage) {
      return storage;
    }
    throw PickleCalls.wrongArguments(function, here);
  }

  /** Conjugated and negated tensors carry their sign beside their storage, in a dictionary. */
  private static Meaning meaning(Tuple arguments, int metadata, Global function, Problem here) {
    if (arguments.items().size() <= metadata) {
      return Meaning.PLAIN;
    }
    PickleValue value = arguments.items().get(metadata);
    if (value instanceof Dict dict) {
      return dict.size() == 0 ? Meaning.PLAIN : Meaning.ENCODED;
    }
    if (value instanceof None) {
      return Meaning.PLAIN;
    }
    // Torch 1 takes no such argument, and torch 2 only a dictionary.
    throw PickleCalls.wrongArguments(function, here);
  }

  /**
   * Without metadata that are empty when the tensor is built, as torch takes them: what is put into
   * that dictionary afterwards is no part of the tensor, and torch 1 knows no such argument.
   */
  private static Tuple withoutEmpty(Tuple arguments, int metadata, Meaning meaning) {
    return meaning == Meaning.PLAIN && arguments.items().size() > metadata
        ? new Tuple(arguments.items().subList(0, metadata))
        : arguments;
  }

  private static TensorRef tensor(
      TorchStorage storage,
      TorchType type,
      Meaning meaning,
      Global function,
      Tuple arguments,
      Problem here) {
    List<PickleValue> given = arguments.items();
    long[] sizes = longs(given.get(2), function, here);
    long[] strides = longs(given.get(3), function, here);
    if (!(given.get(1) instanceof Int offset) || sizes.length != strides.length) {
      throw PickleCalls.wrongArguments(function, here);
    }
    if (sizes.length > TorchFormat.MAX_RANK) {
      throw new TooLargeException(
          here.expected("a tensor of at most " + TorchFormat.MAX_RANK + " axes")
              .found(sizes.length + " axes"));
    }
    long capacity = storage.byteCount() / type.bytes();
    checkWithin(capacity, offset.value(), sizes, strides, storage, here);
    return new TensorRef(
        new TorchTensor(
            storage, type, offset.value(), sizes, strides, meaning, new Call(function, arguments)));
  }

  /** Whether the first and the last element, and with them all, lie in the storage. */
  private static void checkWithin(
      long capacity,
      long offset,
      long[] sizes,
      long[] strides,
      TorchStorage storage,
      Problem here) {
    String shape =
        Arrays.toString(sizes)
            + " with strides "
            + Arrays.toString(strides)
            + " at element "
            + offset;
    try {
      long elements = 1;
      long last = offset;
      for (int axis = 0; axis < sizes.length; axis++) {
        if (sizes[axis] < 0 || strides[axis] < 0) {
          throw new MalformedFileException(
              here.expected("no negative size or stride").found(shape));
        }
        elements = Math.multiplyExact(elements, sizes[axis]);
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, sizes[axis] - 1), strides[axis]));
      }
      if (offset < 0 || (elements > 0 && last >= capacity)) {
        throw new MalformedFileException(
            here.expected(
                    "a tensor within the %d elements of storage '%s'"
                        .formatted(capacity, storage.key()))
                .found(shape));
      }
      if (elements > capacity && elements - capacity > StoredViews.MOST_EXPANDED) {
        throw new TooLargeException(
            here.expected("a tensor that repeats its storage's elements less").found(shape));
      }
    } catch (ArithmeticException e) {
      throw new MalformedFileException(here.expected("a size below 2^63").found(shape), e);
    }
  }

  private static long[] longs(PickleValue value, Global function, Problem here) {
    PickleValue inner =
        value instanceof Call call && call.arguments().items().size() == 1
            ? call.arguments().items().get(0)
            : value;
    if (!(inner instanceof Tuple tuple)) {
      throw PickleCalls.wrongArguments(function, here);
    }
    long[] longs = new long[tuple.items().size()];
    for (int i = 0; i < longs.length; i++) {
      if (!(tuple.items().get(i) instanceof Int number)) {
        throw PickleCalls.wrongArguments(function, here);
      }
      longs[i] = number.value();
    }
    return longs;
  }
}
