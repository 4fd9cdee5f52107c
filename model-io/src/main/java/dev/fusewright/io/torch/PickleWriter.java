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

import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.torch.PickleValue.BigInt;
import dev.fusewright.io.torch.PickleValue.Bool;
import dev.fusewright.io.torch.PickleValue.Bytes;
import dev.fusewright.io.torch.PickleValue.Call;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Instance;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickleValue.ListValue;
import dev.fusewright.io.torch.PickleValue.None;
import dev.fusewright.io.torch.PickleValue.Real;
import dev.fusewright.io.torch.PickleValue.SetValue;
import dev.fusewright.io.torch.PickleValue.StorageRef;
import dev.fusewright.io.torch.PickleValue.TensorRef;
import dev.fusewright.io.torch.PickleValue.Text;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes values as a pickle of protocol 2, with the opcodes that torch's loader of weights knows
 * since 1.13.
 *
 * <p>What the reader shared stays shared: every container is memoized by identity. Storages are
 * numbered in the order in which they are first met, so that equal values give equal bytes.
 */
final class PickleWriter {
  private static final int BATCH = 1000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final IdentityHashMap<PickleValue, Integer> containers = new IdentityHashMap<>();
  private final Map<Object, Integer> names = new HashMap<>();
  private final Map<TorchStorage, String> storages = new LinkedHashMap<>();
  private int memoized;

  /** The pickle of a value. */
  byte[] write(PickleValue root) {
    out.write(0x80);
    out.write(TorchFormat.PICKLE_PROTOCOL);
    emit(root);
    out.write('.');
    return out.toByteArray();
  }

  /** The storages that the value refers to, under their new keys, in order. */
  Map<TorchStorage, String> storages() {
    return storages;
  }

  private void emit(PickleValue value) {
    Integer known = containers.get(value);
    if (known != null) {
      recall(known);
    } else if (value instanceof None) {
      out.write('N');
    } else if (value instanceof Bool) {
      out.write(value == Bool.TRUE ? 0x88 : 0x89);
    } else if (value instanceof Int number) {
      emitInteger(number.value());
    } else if (value instanceof BigInt number) {
      emitLong(number.value().toByteArray());
    } else if (value instanceof Real number) {
      out.write('G');
      out.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(number.value()).array());
    } else if (value instanceof Text text) {
      emitText(text.value());
    } else if (value instanceof Global global) {
      emitGlobal(global);
    } else if (value instanceof Bytes bytes) {
      emitBytes(bytes);
    } else if (value instanceof Tuple tuple) {
      emitTuple(tuple);
    } else if (value instanceof ListValue list) {
      out.write(']');
      memoize(list);
      emitItems(list.items());
    } else if (value instanceof SetValue set) {
      emitGlobal(new Global("__builtin__", "set"));
      ListValue items = new ListValue();
      set.items().items().forEach(items::add);
      emitTuple(new Tuple(List.of(items)));
      out.write('R');
      memoize(set);
    } else if (value instanceof Dict dict) {
      emitDict(dict);
    } else if (value instanceof Call call) {
      emitCall(call);
    } else if (value instanceof TensorRef tensor) {
      // The reference is a record: its call is what the pickle shares.
      emit(tensor.tensor().call());
    } else if (value instanceof StorageRef storage) {
      emitStorage(storage.storage());
    } else if (value instanceof Instance instance) {
      throw new IllegalStateException(
          "an object of " + instance.type().qualified() + " is not written");
    }
  }

  private void emitInteger(long value) {
    if (value >= 0 && value < 1 << 8) {
      out.write('K');
      out.write((int) value);
    } else if (value >= 0 && value < 1 << 16) {
      out.write('M');
      little(2, value);
    } else if (value == (int) value) {
      out.write('J');
      little(4, value);
    } else {
      emitLong(BigInteger.valueOf(value).toByteArray());
    }
  }

  /** Big-endian two's complement in, little-endian out. */
  private void emitLong(byte[] big) {
    if (big.length < 1 << 8) {
      out.write(0x8a);
      out.write(big.length);
    } else {
      out.write(0x8b);
      little(4, big.length);
    }
    for (int i = big.length - 1; i >= 0; i--) {
      out.write(big[i]);
    }
  }

  private void emitText(String text) {
    Integer known = names.get(text);
    if (known != null) {
      recall(known);
      return;
    }
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    little(4, encoded.length);
    out.writeBytes(encoded);
    names.put(text, memoized);
    remember();
  }

  private void emitGlobal(Global global) {
    Integer known = names.get(global);
    if (known != null) {
      recall(known);
      return;
    }
    out.write('c');
    out.writeBytes(
        (global.module() + "\n" + global.name() + "\n").getBytes(StandardCharsets.UTF_8));
    names.put(global, memoized);
    remember();
  }

  /** Protocol 2 has no bytes: Python writes them as text of Latin-1 and a call that encodes it. */
  private void emitBytes(Bytes bytes) {
    emitGlobal(new Global("_codecs", "encode"));
    emitText(new String(bytes.value(), StandardCharsets.ISO_8859_1));
    emitText("latin1");
    out.write(0x86);
    out.write('R');
    memoize(bytes);
  }

  private void emitTuple(Tuple tuple) {
    int size = tuple.items().size();
    if (size == 0) {
      out.write(')');
      return;
    }
    if (size > 3) {
      out.write('(');
    }
    tuple.items().forEach(this::emit);
    out.write(size > 3 ? 't' : 0x84 + size);
    memoize(tuple);
  }

  private void emitItems(List<PickleValue> items) {
    for (int from = 0; from < items.size(); from += BATCH) {
      out.write('(');
      items.subList(from, Math.min(items.size(), from + BATCH)).forEach(this::emit);
      out.write('e');
    }
  }

  private void emitDict(Dict dict) {
    switch (dict.kind()) {
      case PLAIN -> out.write('}');
      case ORDERED -> {
        emitGlobal(new Global("collections", "OrderedDict"));
        out.write(')');
        out.write('R');
      }
      case OTHER -> throw new IllegalStateException("this kind of dict is not written");
    }
    memoize(dict);
    emitPairs(dict.items());
    PickleValue attributes = dict.attributes();
    if (attributes != null) {
      emit(attributes);
      out.write('b');
    }
  }

  private void emitPairs(Collection<Dict.Item> items) {
    List<Dict.Item> all = new ArrayList<>(items);
    for (int from = 0; from < all.size(); from += BATCH) {
      out.write('(');
      for (Dict.Item item : all.subList(from, Math.min(all.size(), from + BATCH))) {
        emit(item.key());
        emit(item.value());
      }
      out.write('u');
    }
  }

  private void emitCall(Call call) {
    emitGlobal(call.function());
    emitTuple(call.arguments());
    out.write('R');
    memoize(call);
  }

  private void emitStorage(TorchStorage storage) {
    String key = storages.computeIfAbsent(storage, fresh -> String.valueOf(storages.size()));
    TorchType type = storage.type();
    out.write('(');
    emitText("storage");
    emitGlobal(
        new Global(type == TorchType.UNTYPED ? "torch.storage" : "torch", type.storageClass()));
    emitText(key);
    emitText(storage.location());
    emitInteger(storage.elements());
    out.write('t');
    out.write('Q');
  }

  private void memoize(PickleValue value) {
    containers.put(value, memoized);
    remember();
  }

  private void remember() {
    if (memoized < 1 << 8) {
      out.write('q');
      out.write(memoized);
    } else {
      out.write('r');
      little(4, memoized);
    }
    memoized++;
  }

  private void recall(int index) {
    if (index < 1 << 8) {
      out.write('h');
      out.write(index);
    } else {
      out.write('j');
      little(4, index);
    }
  }

  private void little(int bytes, long value) {
    byte[] eight =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    out.write(eight, 0, bytes);
  }
}
