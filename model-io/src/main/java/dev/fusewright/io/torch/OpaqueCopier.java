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
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.torch.PickleValue.Call;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Inert;
import dev.fusewright.io.torch.PickleValue.Instance;
import dev.fusewright.io.torch.PickleValue.ListValue;
import dev.fusewright.io.torch.PickleValue.SetValue;
import dev.fusewright.io.torch.PickleValue.TensorRef;
import dev.fusewright.io.torch.PickleValue.Text;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a checkpoint holds over into a new one: state dicts replaced, plain values kept, the
 * rest left out by name.
 *
 * <p>What would have to run code to be loaded (an object, a call off torch's own list, a dict of
 * another class) is never written. It is left out with the smallest dict entry that holds it.
 */
final class OpaqueCopier {
  private static final Set<String> QUANTIZATION_SCHEMES =
      Set.of(
          "per_tensor_affine",
          "per_tensor_symmetric",
          "per_channel_affine",
          "per_channel_symmetric",
          "per_channel_affine_float_qparams");

  private final IdentityHashMap<PickleValue, PickleValue> replacements;
  private final IdentityHashMap<PickleValue, PickleValue> done = new IdentityHashMap<>();
  private final Set<PickleValue> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<ExtraEntry> dropped = new ArrayList<>();

  /** What cannot be written, by what for: a value that occurs a million times is looked at once. */
  private final IdentityHashMap<PickleValue, PickleValue> refused = new IdentityHashMap<>();

  private PickleValue obstacle = PickleValue.None.NONE;

  /**
   * A journey.
   *
   * @param replacements by identity: what holds a state dict, and the dict to write for it
   */
  OpaqueCopier(IdentityHashMap<PickleValue, PickleValue> replacements) {
    this.replacements = replacements;
  }

  /** What was left out so far. */
  List<ExtraEntry> dropped() {
    return dropped;
  }

  /** The value to write for {@code value}; null if it cannot be written. */
  @Nullable PickleValue carry(PickleValue value, StatePath path) {
    PickleValue replacement = replacements.get(value);
    if (replacement != null) {
      if (value instanceof Inert made) {
        drop(
            path,
            made.items() == null
                ? Descriptions.of(value) + ", of which the state dict is written"
                : classOf(made));
      } else if (value instanceof Dict dict && dict.kind() == Dict.Kind.OTHER) {
        drop(path, "the defaultdict or Counter that is written as an OrderedDict");
      }
      return replacement;
    }
    PickleValue known = done.get(value);
    if (known != null) {
      return known;
    }
    PickleValue failed = refused.get(value);
    if (failed != null) {
      obstacle = failed;
      return null;
    }
    if (!isContainer(value)) {
      return isWritable(value) ? value : refuse(value, value);
    }
    if (open.size() > TorchFormat.MAX_DEPTH || !open.add(value)) {
      obstacle = value;
      return null;
    }
    PickleValue carried = carryContainer(value, path);
    open.remove(value);
    if (carried == null) {
      return refuse(value, obstacle);
    }
    done.put(value, carried);
    return carried;
  }

  private @Nullable PickleValue refuse(PickleValue value, PickleValue cause) {
    refused.put(value, cause);
    obstacle = cause;
    return null;
  }

  private static String classOf(Inert made) {
    return "the class %s of a dict that is written as an OrderedDict"
        .formatted(Descriptions.shortened(made.type().qualified()));
  }

  private static boolean isContainer(PickleValue value) {
    return value instanceof Dict
        || value instanceof ListValue
        || value instanceof Tuple
        || value instanceof SetValue
        || value instanceof Call
        || value instanceof TensorRef;
  }

  private static boolean isWritable(PickleValue value) {
    if (value instanceof Global global) {
      return global.module().equals("torch")
          && (TorchType.ofDtype(global.name()).isPresent()
              || QUANTIZATION_SCHEMES.contains(global.name()));
    }
    return !(value instanceof Instance);
  }

  private @Nullable PickleValue carryContainer(PickleValue value, StatePath path) {
    obstacle = value;
    if (value instanceof Dict dict) {
      return dict.kind() == Dict.Kind.OTHER ? null : carryDict(dict, path);
    } else if (value instanceof ListValue list) {
      return carryList(list, path);
    } else if (value instanceof Tuple tuple) {
      return carryTuple(tuple, path);
    } else if (value instanceof SetValue set) {
      boolean isWritable = set.kind() == SetValue.Kind.SET;
      return isWritable && carryAll(set.items().items(), path) != null ? set : null;
    } else if (value instanceof Call call) {
      return carryCall(call, path);
    } else if (value instanceof TensorRef tensor) {
      Call call = carryCall(tensor.tensor().call(), path);
      if (call == null) {
        return null;
      }
      return call == tensor.tensor().call()
          ? tensor
          : new TensorRef(tensor.tensor().wrappedBy(call));
    }
    throw new AssertionError(value.getClass());
  }

  private @Nullable ListValue carryList(ListValue list, StatePath path) {
    List<PickleValue> items = carryAll(list.items(), path);
    if (items == null || isSame(items, list.items())) {
      return items == null ? null : list;
    }
    ListValue copy = new ListValue();
    items.forEach(copy::add);
    return copy;
  }

  private @Nullable Tuple carryTuple(Tuple tuple, StatePath path) {
    List<PickleValue> items = carryAll(tuple.items(), path);
    if (items == null) {
      return null;
    }
    return isSame(items, tuple.items()) ? tuple : new Tuple(items);
  }

  private @Nullable Call carryCall(Call call, StatePath path) {
    Tuple arguments =
        PickleCalls.isRepeatable(call.function()) ? carryTuple(call.arguments(), path) : null;
    if (arguments == null) {
      return null;
    }
    return arguments == call.arguments() ? call : new Call(call.function(), arguments);
  }

  private static boolean isSame(List<PickleValue> copies, List<PickleValue> originals) {
    for (int i = 0; i < copies.size(); i++) {
      if (copies.get(i) != originals.get(i)) {
        return false;
      }
    }
    return true;
  }

  private @Nullable List<PickleValue> carryAll(List<PickleValue> items, StatePath path) {
    List<PickleValue> copies = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      PickleValue copy = carry(items.get(i), path.index(i));
      if (copy == null) {
        return null;
      }
      copies.add(copy);
    }
    return copies;
  }

  private Dict carryDict(Dict dict, StatePath path) {
    Dict copy = new Dict(dict.kind());
    boolean changed = false;
    for (Dict.Item item : dict.items()) {
      StatePath inner = path.key(keyText(item.key()));
      PickleValue key = carry(item.key(), inner);
      PickleValue value = key == null ? null : carry(item.value(), inner);
      if (key == null || value == null) {
        PickleValue cause = obstacle;
        drop(
            inner,
            cause == item.value()
                ? Descriptions.of(cause)
                : "%s, for the %s in it"
                    .formatted(Descriptions.of(item.value()), Descriptions.of(cause)));
        changed = true;
      } else {
        copy.put(key, value);
        changed |= value != item.value();
      }
    }
    PickleValue attributes = dict.attributes();
    if (attributes != null) {
      PickleValue carried = carry(attributes, path);
      if (carried != null && dict.kind() == Dict.Kind.ORDERED) {
        copy.attributes(carried);
      }
      changed |= carried != attributes;
    }
    return changed ? copy : dict;
  }

  static String keyText(PickleValue key) {
    if (key instanceof Text text) {
      return Descriptions.shortened(text.value());
    }
    return key instanceof PickleValue.Int number
        ? String.valueOf(number.value())
        : Descriptions.of(key);
  }

  private void drop(StatePath path, String description) {
    dropped.add(new ExtraEntry(path, description, ExtraEntry.Disposition.DROPPED));
  }
}
