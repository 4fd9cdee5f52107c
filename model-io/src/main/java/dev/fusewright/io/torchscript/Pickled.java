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

/**
 * A value of a pickle, as it was written: the same object where the pickle recalls one. It can be
 * written again byte for byte.
 */
abstract sealed class Pickled {
  private boolean isMemoized;

  /** Whether the pickle keeps it, so that it can be recalled. */
  boolean isMemoized() {
    return isMemoized;
  }

  void memoize() {
    isMemoized = true;
  }

  /** How the items of a container were put into it. */
  enum Filling {
    /** With no operation, since there are none. */
    NONE,
    /** Each by itself. */
    SINGLY,
    /** All behind a mark. */
    MARKED,
    /** One to three of them without a mark. */
    COUNTED
  }

  /** No value, a flag or a number. */
  static final class Scalar extends Pickled {
    private final @Nullable Object value;
    private final byte[] operation;

    /**
     * A scalar.
     *
     * @param value null, a Boolean, Long or Double
     * @param operation its bytes
     */
    Scalar(@Nullable Object value, byte[] operation) {
      this.value = value;
      this.operation = operation.clone();
    }

    @Nullable Object value() {
      return value;
    }

    byte[] operation() {
      return operation.clone();
    }
  }

  /** A text. */
  static final class Text extends Pickled {
    private final String value;

    Text(String value) {
      this.value = value;
    }

    String value() {
      return value;
    }
  }

  /** The name of a class or function. */
  static final class Global extends Pickled {
    private final String module;
    private final String name;

    Global(String module, String name) {
      this.module = module;
      this.name = name;
    }

    String module() {
      return module;
    }

    String qualified() {
      return module + "." + name;
    }
  }

  /** A tuple. */
  static final class Tuple extends Pickled {
    private final List<Pickled> items;
    private final Filling filling;

    Tuple(List<Pickled> items, Filling filling) {
      this.items = List.copyOf(items);
      this.filling = filling;
    }

    List<Pickled> items() {
      return items;
    }

    Filling filling() {
      return filling;
    }
  }

  /** A list. */
  static final class Sequence extends Pickled {
    private final List<Pickled> items = new ArrayList<>();
    private Filling filling = Filling.NONE;

    List<Pickled> items() {
      return items;
    }

    Filling filling() {
      return filling;
    }

    void fill(List<Pickled> more, Filling how) {
      items.addAll(more);
      filling = how;
    }
  }

  /** A key and its value. */
  record Entry(Pickled key, Pickled value) {
    /** The key, if it is a text; else empty. */
    String name() {
      return key instanceof Text text ? text.value() : "";
    }
  }

  /** A dict. */
  static final class Mapping extends Pickled {
    private final List<Entry> entries = new ArrayList<>();
    private Filling filling = Filling.NONE;

    List<Entry> entries() {
      return entries;
    }

    Filling filling() {
      return filling;
    }

    void fill(List<Pickled> keysAndValues, Filling how) {
      for (int i = 0; i + 1 < keysAndValues.size(); i += 2) {
        entries.add(new Entry(keysAndValues.get(i), keysAndValues.get(i + 1)));
      }
      filling = how;
    }
  }

  /** An object of a class, such as a module. */
  static final class Instance extends Pickled {
    private final Pickled type;
    private final Pickled arguments;
    private @Nullable Pickled state;

    Instance(Pickled type, Pickled arguments) {
      this.type = type;
      this.arguments = arguments;
    }

    Pickled type() {
      return type;
    }

    Pickled arguments() {
      return arguments;
    }

    @Nullable Pickled state() {
      return state;
    }

    void build(Pickled given) {
      state = given;
    }

    /** The class's name; empty if it has none. */
    String className() {
      return type instanceof Global global ? global.qualified() : "";
    }

    /** The attributes; none if the state is no dict. */
    List<Entry> attributes() {
      return state instanceof Mapping mapping ? mapping.entries() : List.of();
    }

    /** An attribute; null if there is none. */
    @Nullable Pickled attribute(String name) {
      for (Entry entry : attributes()) {
        if (entry.name().equals(name)) {
          return entry.value();
        }
      }
      return null;
    }
  }

  /** The result of a call. */
  static final class Reduced extends Pickled {
    private final Pickled function;
    private final Pickled arguments;

    Reduced(Pickled function, Pickled arguments) {
      this.function = function;
      this.arguments = arguments;
    }

    Pickled function() {
      return function;
    }

    Pickled arguments() {
      return arguments;
    }

    /** Whether it is a call of a function of this name. */
    boolean calls(String name) {
      return function instanceof Global global && global.qualified().equals(name);
    }
  }

  /** What stands outside of the pickle. */
  static final class Persistent extends Pickled {
    private final Pickled id;

    Persistent(Pickled id) {
      this.id = id;
    }

    Pickled id() {
      return id;
    }
  }
}
