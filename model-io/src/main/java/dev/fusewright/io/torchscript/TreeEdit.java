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

import dev.fusewright.io.aten.TorchType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Values of a pickle that stand in the place of others. */
final class TreeEdit {
  private final IdentityHashMap<Pickled, Pickled> replaced = new IdentityHashMap<>();

  /** By identity: what stands for a value. */
  IdentityHashMap<Pickled, Pickled> replaced() {
    return replaced;
  }

  void replace(Pickled old, Pickled other) {
    replaced.put(old, other);
  }

  /** The tree as it would be read again. */
  Pickled rebuilt(Pickled root) {
    return rebuilt(root, new IdentityHashMap<>());
  }

  private Pickled rebuilt(Pickled given, Map<Pickled, Pickled> done) {
    Pickled value = replaced.getOrDefault(given, given);
    Pickled known = done.get(value);
    if (known != null) {
      return known;
    }
    Pickled made = value;
    if (value instanceof Pickled.Tuple tuple) {
      List<Pickled> items = new ArrayList<>();
      tuple.items().forEach(item -> items.add(rebuilt(item, done)));
      made = new Pickled.Tuple(items, tuple.filling());
    } else if (value instanceof Pickled.Sequence list) {
      Pickled.Sequence copy = new Pickled.Sequence();
      List<Pickled> items = new ArrayList<>();
      list.items().forEach(item -> items.add(rebuilt(item, done)));
      copy.fill(items, list.filling());
      made = copy;
    } else if (value instanceof Pickled.Mapping map) {
      Pickled.Mapping copy = new Pickled.Mapping();
      List<Pickled> items = new ArrayList<>();
      for (Pickled.Entry entry : map.entries()) {
        items.add(rebuilt(entry.key(), done));
        items.add(rebuilt(entry.value(), done));
      }
      copy.fill(items, map.filling());
      made = copy;
    } else if (value instanceof Pickled.Instance object) {
      Pickled.Instance copy =
          new Pickled.Instance(rebuilt(object.type(), done), rebuilt(object.arguments(), done));
      Pickled state = object.state();
      if (state != null) {
        copy.build(rebuilt(state, done));
      }
      made = copy;
    } else if (value instanceof Pickled.Reduced call) {
      made = new Pickled.Reduced(rebuilt(call.function(), done), rebuilt(call.arguments(), done));
    } else if (value instanceof Pickled.Persistent outside) {
      made = new Pickled.Persistent(rebuilt(outside.id(), done));
    }
    if (value.isMemoized()) {
      made.memoize();
    }
    done.put(value, made);
    return made;
  }

  // ------------------------------------------------------------ new values

  static Pickled.Text text(String value) {
    return memoized(new Pickled.Text(value));
  }

  static <T extends Pickled> T memoized(T value) {
    value.memoize();
    return value;
  }

  static Pickled.Scalar number(long value) {
    ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    if (value >= 0 && value <= 0xff) {
      bytes.put((byte) 'K').put((byte) value);
    } else if (value >= 0 && value <= 0xffff) {
      bytes.put((byte) 'M').putShort((short) value);
    } else if (value == (int) value) {
      bytes.put((byte) 'J').putInt((int) value);
    } else {
      bytes.put((byte) 0x8a).put((byte) Long.BYTES).putLong(value);
    }
    byte[] operation = new byte[bytes.position()];
    bytes.flip().get(operation);
    return new Pickled.Scalar(value, operation);
  }

  private static Pickled.Tuple tuple(List<Pickled> items) {
    return new Pickled.Tuple(
        items, items.isEmpty() ? Pickled.Filling.NONE : Pickled.Filling.MARKED);
  }

  private static Pickled.Tuple numbers(List<Long> values) {
    return tuple(values.stream().<Pickled>map(TreeEdit::number).toList());
  }

  /** A tensor that fills a storage of its own, of the kind of another. */
  static Pickled.Reduced tensor(ScriptTensor like, TorchType type, String key, List<Long> sizes) {
    long count = 1;
    List<Long> strides = new ArrayList<>();
    for (int axis = sizes.size() - 1; axis >= 0; axis--) {
      strides.add(0, count);
      count *= sizes.get(axis);
    }
    List<Pickled> old = ((Pickled.Tuple) like.node().arguments()).items();
    Pickled.Tuple id = (Pickled.Tuple) ((Pickled.Persistent) old.get(0)).id();
    Pickled storage =
        memoized(
            new Pickled.Persistent(
                tuple(
                    List.of(
                        text("storage"),
                        memoized(new Pickled.Global("torch", type.storageClass())),
                        text(key),
                        id.items().get(3),
                        number(count)))));
    Pickled hooks =
        new Pickled.Reduced(
            memoized(new Pickled.Global("collections", "OrderedDict")),
            new Pickled.Tuple(List.of(), Pickled.Filling.NONE));
    boolean requiresGrad = like.requiresGrad();
    return memoized(
        new Pickled.Reduced(
            like.node().function(),
            tuple(
                List.of(
                    storage,
                    number(0),
                    numbers(sizes),
                    numbers(strides),
                    new Pickled.Scalar(
                        requiresGrad, new byte[] {(byte) (requiresGrad ? 0x88 : 0x89)}),
                    hooks))));
  }
}
