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
import java.util.List;

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
    return layout.isRecallable(value)
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
    if (layout.isRecallable(value)) {
      int slot = layout.slotOf(value);
      return slot < 256 ? op('h').octet(slot) : op('j').four(slot);
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

  PickleTail real(double value) {
    op('G');
    out.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(value).array());
    return this;
  }

  /** Whether {@link #plain} can write a value: a number, text, None, or a tuple or list of them. */
  static boolean isPlain(PickleValue value) {
    if (value instanceof PickleValue.Tuple tuple) {
      return tuple.items().stream().allMatch(PickleTail::isPlain);
    } else if (value instanceof PickleValue.ListValue list) {
      return list.items().stream().allMatch(PickleTail::isPlain);
    }
    return value instanceof Int
        || value instanceof PickleValue.Real
        || value instanceof PickleValue.Text
        || value instanceof PickleValue.Bool
        || value instanceof PickleValue.None;
  }

  /** A value of its own that equals one of the pickle's. */
  PickleTail plain(PickleValue value) {
    if (value instanceof PickleValue.Tuple tuple) {
      op('(');
      tuple.items().forEach(this::plain);
      return op('t');
    } else if (value instanceof PickleValue.ListValue list) {
      op('(');
      list.items().forEach(this::plain);
      return op('l');
    } else if (value instanceof Int number) {
      return number(number.value());
    } else if (value instanceof PickleValue.Real number) {
      return real(number.value());
    } else if (value instanceof PickleValue.Text text) {
      return text(text.value());
    } else if (value instanceof PickleValue.Bool bool) {
      return bool(bool == PickleValue.Bool.TRUE);
    } else if (value == PickleValue.None.NONE) {
      return op('N');
    }
    throw new IllegalStateException(Descriptions.of(value) + " is no plain value");
  }

  /** Keeps what stands on top of the stack in a memo slot that the pickle does not have. */
  PickleTail keep(int slot) {
    return op('r').four(slot);
  }

  /** What {@link #keep} kept. */
  PickleTail kept(int slot) {
    return op('j').four(slot);
  }

  /**
   * Begins a new module, whose state is to be closed by a BUILD; what its class adds to it, its own
   * {@code __setstate__} fills in.
   */
  PickleTail module(Global type, boolean isTraining) {
    global(type).op(')', '\u0081', '}');
    text("training").bool(isTraining).set();
    for (String attribute :
        List.of(
            "_parameters",
            "_buffers",
            "_backward_hooks",
            "_state_dict_hooks",
            "_load_state_dict_pre_hooks")) {
      text(attribute).orderedDict().set();
    }
    return this;
  }

  /** An item of the state of a module: hooks as they are. */
  PickleTail hooks(PickledModule.Hooks kind, List<PickleValue.Dict.Item> hooks) {
    text(kind.attribute()).orderedDict();
    hooks.forEach(hook -> recall(hook.key()).recall(hook.value()).set());
    return set();
  }

  /** A Parameter of a new storage, contiguous. */
  PickleTail parameter(TorchTensor tensor, String key, boolean isTrained) {
    global(PARAMETER).op('(').tensor(tensor, key);
    return bool(isTrained).orderedDict().op('t', 'R');
  }

  /** A tensor of a new storage, contiguous. */
  PickleTail tensor(TorchTensor tensor, String key) {
    TorchStorage storage = tensor.storage();
    global(TENSOR).op('(');
    op('(').text("storage").global(new Global("torch", storage.type().storageClass()));
    text(key).text(storage.location()).number(storage.elements());
    switch (idForm) {
      case PLAIN -> op('t', 'Q');
      case WITH_VIEW -> op('N', 't', 'Q');
    }
    number(tensor.offset()).numbers(tensor.sizes()).numbers(tensor.strides());
    return bool(/* value= */ false).orderedDict().op('t', 'R');
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
