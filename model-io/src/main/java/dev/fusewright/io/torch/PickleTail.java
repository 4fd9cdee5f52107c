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

import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Instance;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickledFile.IdForm;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * Operations that stand behind those of a pickle and change what it has built: values are recalled
 * from its memo, items set, states added to. The stack is left as it was found.
 *
 * <p>Nothing is named here but {@code collections.OrderedDict}, torch's functions that rebuild
 * tensors, its storage classes, and the classes that callers name.
 */
final class PickleTail {
  private static final Global ORDERED_DICT = new Global("collections", "OrderedDict");
  private static final Global PARAMETER = new Global("torch._utils", "_rebuild_parameter");
  private static final Global TENSOR = new Global("torch._utils", "_rebuild_tensor_v2");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PickleLayout layout;
  private final IdForm idForm;

  PickleTail(PickleLayout layout, IdForm idForm) {
    this.layout = layout;
    this.idForm = idForm;
  }

  /** Whether {@link #recall} can. */
  boolean isRecallable(PickleValue value) {
    return layout.slot(value).isPresent()
        || value instanceof Int
        || (value instanceof Global global && isLine(global.module()) && isLine(global.name()));
  }

  /** A name that a line holds: what stood behind its end would be operations. */
  private static boolean isLine(String name) {
    return name.indexOf('\n') < 0 && name.indexOf('\r') < 0;
  }

  /** The operations, and a STOP. */
  byte[] finished() {
    byte[] operations = out.toByteArray();
    byte[] all = new byte[operations.length + 1];
    System.arraycopy(operations, 0, all, 0, operations.length);
    all[operations.length] = '.';
    return all;
  }

  /** A value that the pickle has built; names and numbers are written again where it must be. */
  PickleTail recall(PickleValue value) {
    OptionalInt slot = layout.slot(value);
    if (slot.isPresent() && slot.getAsInt() < 256) {
      return op('h').octet(slot.getAsInt());
    } else if (slot.isPresent()) {
      return op('j').four(slot.getAsInt());
    } else if (value instanceof Global global) {
      return global(global);
    } else if (value instanceof Int number) {
      return number(number.value());
    }
    throw new IllegalStateException(Descriptions.of(value) + " is not in the memo");
  }

  PickleTail op(char... operations) {
    for (char operation : operations) {
      out.write(operation);
    }
    return this;
  }

  private PickleTail octet(int value) {
    out.write(value);
    return this;
  }

  private PickleTail four(int value) {
    out.writeBytes(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  PickleTail text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    op('X').four(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  PickleTail number(long value) {
    if (value == (int) value) {
      return op('J').four((int) value);
    }
    op('\u008a').octet(Long.BYTES);
    out.writeBytes(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    return this;
  }

  PickleTail bool(boolean value) {
    return op(value ? '\u0088' : '\u0089');
  }

  PickleTail global(Global global) {
    if (!isLine(global.module()) || !isLine(global.name())) {
      throw new IllegalStateException("a name of several lines");
    }
    out.writeBytes(
        "c%s\n%s\n".formatted(global.module(), global.name()).getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** A new, empty OrderedDict. */
  PickleTail orderedDict() {
    return global(ORDERED_DICT).op(')', 'R');
  }

  private PickleTail numbers(long[] values) {
    op('(');
    for (long value : values) {
      number(value);
    }
    return op('t');
  }

  /** A Parameter of a new storage, contiguous. */
  PickleTail parameter(TorchTensor tensor, String key, boolean isTrained) {
    TorchStorage storage = tensor.storage();
    global(PARAMETER).op('(').global(TENSOR).op('(');
    op('(').text("storage").global(new Global("torch", storage.type().storageClass()));
    text(key).text(storage.location()).number(storage.elements());
    switch (idForm) {
      case PLAIN -> op('t', 'Q');
      case WITH_VIEW -> op('N', 't', 'Q');
    }
    number(tensor.offset()).numbers(tensor.sizes()).numbers(tensor.strides());
    bool(/* value= */ false).orderedDict().op('t', 'R');
    return bool(isTrained).orderedDict().op('t', 'R');
  }

  /** Begins to change a dict: items are set by {@link #set}. */
  PickleTail inside(PickleValue dict) {
    return recall(dict);
  }

  /** Sets the key and value that stand on top of the stack. */
  PickleTail set() {
    return op('s');
  }

  /** Ends what {@link #inside} began. */
  PickleTail outside() {
    return op('0');
  }

  /** Begins to add to the state of an object. */
  PickleTail addingTo(Instance object) {
    return recall(object).op('}');
  }

  /** Ends what {@link #addingTo} began. */
  PickleTail added() {
    return op('b', '0');
  }
}
