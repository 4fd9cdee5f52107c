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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an expression of the code stands for. */
sealed interface Value {
  /** A value of the program: a tensor, or whatever an operator gives back. */
  record Ref(String name) implements Value {}

  /**
   * None, a flag, a number or a text.
   *
   * @param value null, a Boolean, Long, Double or String
   * @param place the attribute that it was read from; null if it stands in the code
   * @param certainty whether it is always so
   */
  record Known(@Nullable Object value, @Nullable Place place, Certainty certainty)
      implements Value {
    static Known of(@Nullable Object value) {
      return new Known(value, null, Certainty.ALWAYS);
    }

    static Known example(Object value) {
      return new Known(value, null, Certainty.EXAMPLE);
    }

    boolean isNone() {
      return value == null;
    }
  }

  /** Whether something is always so. */
  enum Certainty {
    ALWAYS,
    /** With the inputs with which the model was traced. */
    EXAMPLE
  }

  /** An attribute of an object. */
  record Place(Pickled.Instance owner, String attribute, String path) {
    /** The name of the attribute, from the archive's own object on. */
    String qualified() {
      return path.isEmpty() ? attribute : path + "." + attribute;
    }
  }

  /** An object of the archive. */
  record Module(Pickled.Instance instance, String path) implements Value {}

  /** A function of the archive. */
  record Function(String qualified) implements Value {}

  /** A number or text that comes from shapes alone; it has a name once somebody reads it. */
  final class Blank implements Value {
    private String name = "";

    String name() {
      return name;
    }

    void name(String given) {
      name = given;
    }
  }

  /** A list, tuple or dict; what is in a list or dict may change. */
  final class Items implements Value {
    private final List<Value> items;
    private final @Nullable List<Object> keys;
    private final Certainty length;
    private final int region;
    private @Nullable Ref whole;

    /**
     * Items.
     *
     * @param region of the control flow in which it was made
     */
    Items(List<Value> items, int region) {
      this(items, null, Certainty.ALWAYS, region);
    }

    private Items(List<Value> items, @Nullable List<Object> keys, Certainty length, int region) {
      this.items = new ArrayList<>(items);
      this.keys = keys;
      this.length = length;
      this.region = region;
    }

    /** A list that may have more or fewer items with other inputs. */
    static Items example(List<Value> items, int region) {
      return new Items(items, null, Certainty.EXAMPLE, region);
    }

    /** Whether there are always so many. */
    Certainty length() {
      return length;
    }

    /** A dict, in the order of its keys: texts and whole numbers. */
    static Items dict(Map<Object, Value> entries, int region) {
      return new Items(
          List.copyOf(entries.values()),
          new ArrayList<>(entries.keySet()),
          Certainty.ALWAYS,
          region);
    }

    /** Whether it is a dict, all of whose keys are known. */
    boolean isDict() {
      return keys != null && whole == null;
    }

    /** Whether it is a list or tuple, all of whose items are known. */
    boolean isList() {
      return keys == null && whole == null;
    }

    /** What a dict has under a key; null if there is no such key. */
    @Nullable Value get(Object key) {
      int at = keys == null ? -1 : keys.indexOf(key);
      return at < 0 ? null : items.get(at);
    }

    /** Gives a dict another value under a key. */
    void put(Object key, Value value) {
      int at = keys == null ? -1 : keys.indexOf(key);
      if (at >= 0) {
        items.set(at, value);
      } else if (keys != null) {
        keys.add(key);
        items.add(value);
      }
    }

    List<Value> items() {
      return items;
    }

    int region() {
      return region;
    }

    /** The value that holds it all, since nobody knows what is in it; null as long as one does. */
    @Nullable Ref whole() {
      return whole;
    }

    void lose(Ref held) {
      whole = held;
    }
  }
}
