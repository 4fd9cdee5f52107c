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

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a pickle again, in the operations in which it was read; some of its values changed. */
final class PickleEmitter {
  /** Containers within containers. */
  static final int DEEPEST = 400;

  /** A pickle that is nested too deeply to be written again. */
  static final class TooDeepException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooDeepException() {
      super(
          "nested deeper than " + DEEPEST,
          null,
          /* enableSuppression= */ false,
          /* writableStackTrace= */ false);
    }
  }

  private final Map<Pickled, Pickled> replaced;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, Integer> names = new HashMap<>();
  private final IdentityHashMap<Pickled, Integer> memo = new IdentityHashMap<>();
  private int memoized;
  private int depth;

  private PickleEmitter(Map<Pickled, Pickled> replaced) {
    this.replaced = replaced;
  }

  /**
   * The bytes of a pickle.
   *
   * @param replaced by identity: what stands for a value that was read
   * @throws TooDeepException if its values are nested too deeply
   */
  static byte[] emit(Pickled root, IdentityHashMap<Pickled, Pickled> replaced) {
    PickleEmitter emitter = new PickleEmitter(replaced);
    emitter.out.write(0x80);
    emitter.out.write(2);
    emitter.write(root);
    emitter.out.write('.');
    return emitter.out.toByteArray();
  }

  private void write(Pickled given) {
    Pickled value = replaced.getOrDefault(given, given);
    Integer known = value.isMemoized() ? known(value) : null;
    if (known != null) {
      indexed('h', 'j', known);
      return;
    }
    if (++depth > DEEPEST) {
      throw new TooDeepException();
    }
    if (value instanceof Pickled.Scalar scalar) {
      out.writeBytes(scalar.operation());
    } else if (value instanceof Pickled.Text text) {
      byte[] bytes = text.value().getBytes(StandardCharsets.UTF_8);
      out.write('X');
      little(bytes.length);
      out.writeBytes(bytes);
    } else if (value instanceof Pickled.Global global) {
      out.write('c');
      String name = global.qualified().substring(global.module().length() + 1);
      out.writeBytes((global.module() + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    } else if (value instanceof Pickled.Tuple tuple) {
      write(tuple);
    } else if (value instanceof Pickled.Sequence list) {
      out.write(']');
      keep(value);
      fill(list.filling(), list.items(), 'a', 'e');
    } else if (value instanceof Pickled.Mapping map) {
      out.write('}');
      keep(value);
      fill(map.filling(), keysAndValues(map), 's', 'u');
    } else if (value instanceof Pickled.Instance object) {
      write(object.type());
      write(object.arguments());
      out.write(0x81);
      Pickled state = object.state();
      if (state != null) {
        write(state);
        out.write('b');
      }
    } else if (value instanceof Pickled.Reduced call) {
      write(call.function());
      write(call.arguments());
      out.write('R');
    } else if (value instanceof Pickled.Persistent outside) {
      write(outside.id());
      out.write('Q');
    }
    depth--;
    if (!(value instanceof Pickled.Sequence || value instanceof Pickled.Mapping)) {
      keep(value);
    }
  }

  private void write(Pickled.Tuple tuple) {
    switch (tuple.filling()) {
      case NONE -> out.write(')');
      case MARKED, SINGLY -> {
        out.write('(');
        tuple.items().forEach(this::write);
        out.write('t');
      }
      case COUNTED -> {
        tuple.items().forEach(this::write);
        out.write(0x84 + tuple.items().size());
      }
    }
  }

  private static List<Pickled> keysAndValues(Pickled.Mapping map) {
    List<Pickled> items = new ArrayList<>();
    for (Pickled.Entry entry : map.entries()) {
      items.add(entry.key());
      items.add(entry.value());
    }
    return items;
  }

  private void fill(Pickled.Filling filling, List<Pickled> items, int one, int many) {
    switch (filling) {
      case NONE -> {}
      case SINGLY, COUNTED -> {
        items.forEach(this::write);
        out.write(one);
      }
      case MARKED -> {
        out.write('(');
        items.forEach(this::write);
        out.write(many);
      }
    }
  }

  // ------------------------------------------------------------ memo

  private static String key(Pickled value) {
    return value instanceof Pickled.Text text
        ? "text " + text.value()
        : value instanceof Pickled.Global global ? "global " + global.qualified() : "";
  }

  /** Names and texts are recalled by what they say, other values by what they are. */
  private @Nullable Integer known(Pickled value) {
    String key = key(value);
    return key.isEmpty() ? memo.get(value) : names.get(key);
  }

  private void keep(Pickled value) {
    if (!value.isMemoized()) {
      return;
    }
    String key = key(value);
    if (key.isEmpty()) {
      memo.put(value, memoized);
    } else {
      names.put(key, memoized);
    }
    indexed('q', 'r', memoized++);
  }

  private void indexed(int small, int large, int index) {
    if (index < 256) {
      out.write(small);
      out.write(index);
    } else {
      out.write(large);
      little(index);
    }
  }

  private void little(int value) {
    ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.writeBytes(buffer.putInt(value).array());
  }
}
