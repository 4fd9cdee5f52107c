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

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pickle builds: plain values. None of them does anything.
 *
 * <p>Containers are compared by identity: pickles share them, and may make them contain themselves.
 */
sealed interface PickleValue {
  /** How deep this value's containers were nested when it was built; a scalar has depth 0. */
  default int depth() {
    return 0;
  }

  /** Python's None. */
  enum None implements PickleValue {
    NONE
  }

  /** Python's True and False. */
  enum Bool implements PickleValue {
    TRUE,
    FALSE;

    static Bool of(boolean value) {
      return value ? TRUE : FALSE;
    }
  }

  /** An integer of 64 bits. */
  record Int(long value) implements PickleValue {}

  /** An integer beyond 64 bits. */
  record BigInt(BigInteger value) implements PickleValue {}

  /** A float. */
  record Real(double value) implements PickleValue {}

  /** A str. */
  record Text(String value) implements PickleValue {}

  /** A class or function by name; never looked up. */
  record Global(String module, String name) implements PickleValue {
    String qualified() {
      return module + "." + name;
    }
  }

  /** A bytes object. */
  final class Bytes implements PickleValue {
    private final byte[] value;

    Bytes(byte[] value) {
      this.value = value;
    }

    byte[] value() {
      return value;
    }
  }

  /** A tuple. */
  final class Tuple implements PickleValue {
    static final Tuple EMPTY = new Tuple(List.of());

    private final List<PickleValue> items;
    private final int depth;

    Tuple(List<PickleValue> items) {
      this.items = items;
      this.depth = 1 + deepest(items);
    }

    List<PickleValue> items() {
      return items;
    }

    @Override
    public int depth() {
      return depth;
    }
  }

  /** A list. */
  final class ListValue implements PickleValue {
    private List<PickleValue> items = List.of();
    private int depth = 1;

    List<PickleValue> items() {
      return items;
    }

    void add(PickleValue item) {
      if (items.isEmpty()) {
        items = new ArrayList<>(4);
      }
      items.add(item);
      depth = Math.max(depth, 1 + item.depth());
    }

    @Override
    public int depth() {
      return depth;
    }
  }

  /** A set or frozenset. */
  final class SetValue implements PickleValue {
    /** Which of the two. */
    enum Kind {
      SET,
      /** Read, not written again: torch's own loader of weights knows none. */
      FROZEN
    }

    private final Kind kind;
    private final ListValue items = new ListValue();

    SetValue(Kind kind) {
      this.kind = kind;
    }

    Kind kind() {
      return kind;
    }

    ListValue items() {
      return items;
    }

    @Override
    public int depth() {
      return items.depth();
    }
  }

  /** A dict, or one of its relatives. */
  final class Dict implements PickleValue {
    /** Which class of dict. */
    enum Kind {
      PLAIN,
      ORDERED,
      /** {@code defaultdict} and {@code Counter}: read as a dict, not written again. */
      OTHER
    }

    /** One item. */
    record Item(PickleValue key, PickleValue value) {}

    private final Kind kind;
    private Map<Object, Item> items = Map.of();
    private @Nullable PickleValue attributes;
    private int depth = 1;

    Dict(Kind kind) {
      this.kind = kind;
    }

    Kind kind() {
      return kind;
    }

    Collection<Item> items() {
      return items.values();
    }

    int size() {
      return items.size();
    }

    @Nullable PickleValue get(String key) {
      Item item = items.get(key);
      return item == null ? null : item.value();
    }

    void put(PickleValue key, PickleValue value) {
      if (items.isEmpty()) {
        items = new LinkedHashMap<>();
      }
      items.put(index(key), new Item(key, value));
      depth = Math.max(depth, 1 + Math.max(key.depth(), value.depth()));
    }

    /** The instance's {@code __dict__}, where an OrderedDict keeps {@code _metadata}. */
    @Nullable PickleValue attributes() {
      return attributes;
    }

    void attributes(PickleValue state) {
      attributes = state;
      depth = Math.max(depth, 1 + state.depth());
    }

    @Override
    public int depth() {
      return depth;
    }

    /**
     * Comparable keys by value, so that colliding hashes cost a tree and not a list; everything
     * else by identity, so that no hash walks a structure.
     */
    private static Object index(PickleValue key) {
      if (key instanceof Text text) {
        return text.value();
      }
      if (key instanceof Int number) {
        return number.value();
      }
      return key instanceof BigInt number ? number.value() : key;
    }
  }

  /** What would have to run code to be made, and is not: its state and its items, if it has any. */
  abstract sealed class Inert implements PickleValue permits Instance, Call {
    private @Nullable Dict items;
    private @Nullable PickleValue state;
    private int depth;

    private Inert(PickleValue arguments) {
      this.depth = 1 + arguments.depth();
    }

    /** The class or function that would make it. */
    abstract Global type();

    @Nullable PickleValue state() {
      return state;
    }

    void state(PickleValue newState) {
      state = newState;
      deepen(newState);
    }

    /** What is put into it by key, as into an object of a subclass of dict; null if nothing is. */
    @Nullable Dict items() {
      return items;
    }

    void put(PickleValue key, PickleValue value) {
      if (items == null) {
        items = new Dict(Dict.Kind.OTHER);
      }
      items.put(key, value);
      deepen(key);
      deepen(value);
    }

    private void deepen(PickleValue part) {
      depth = Math.max(depth, 1 + part.depth());
    }

    @Override
    public int depth() {
      return depth;
    }
  }

  /** An object of a class that is not looked up: its state, and nothing else. */
  final class Instance extends Inert {
    private final Global type;
    private final PickleValue arguments;

    Instance(Global type, PickleValue arguments) {
      super(arguments);
      this.type = type;
      this.arguments = arguments;
    }

    @Override
    Global type() {
      return type;
    }

    PickleValue arguments() {
      return arguments;
    }
  }

  /** A call that is not made, such as {@code torch.device('cpu')}. */
  final class Call extends Inert {
    private final Global function;
    private final Tuple arguments;

    Call(Global function, Tuple arguments) {
      super(arguments);
      this.function = function;
      this.arguments = arguments;
    }

    @Override
    Global type() {
      return function;
    }

    Global function() {
      return function;
    }

    Tuple arguments() {
      return arguments;
    }
  }

  /** A storage, by its persistent id. */
  record StorageRef(TorchStorage storage) implements PickleValue {}

  /** A tensor, by the call that rebuilds it. */
  record TensorRef(TorchTensor tensor) implements PickleValue {}

  private static int deepest(List<PickleValue> items) {
    int deepest = 0;
    for (PickleValue item : items) {
      deepest = Math.max(deepest, item.depth());
    }
    return deepest;
  }
}
