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

import dev.fusewright.core.text.Amounts;
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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** Values in a few words, for reports and errors; never longer than a line. */
final class Descriptions {
  /** What rebuilds a tensor that has a shape and nothing else. */
  static final String META = "torch._utils._rebuild_meta_tensor_no_storage";

  private static final Set<String> ARRAYS = Set.of("_reconstruct", "_frombuffer");

  private static final int LONGEST = 60;
  private static final int MOST_COUNTED = 100_000;

  private Descriptions() {}

  /** What is carried over beside the state dicts: of a container also how many tensors it has. */
  static String beside(PickleValue value) {
    boolean isContainer =
        value instanceof ListValue
            || value instanceof Tuple
            || (value instanceof Dict dict && dict.get("param_groups") == null);
    int tensors = isContainer ? tensors(value) : 0;
    return tensors == 0
        ? of(value)
        : "%s with %s, which %s"
            .formatted(
                of(value),
                Amounts.count(tensors, "tensor"),
                tensors == 1 ? "stays as it is" : "stay as they are");
  }

  /** How many tensors are in containers within containers. */
  private static int tensors(PickleValue value) {
    Deque<PickleValue> left = new ArrayDeque<>(List.of(value));
    int tensors = 0;
    for (int steps = 0; !left.isEmpty() && steps < MOST_COUNTED; steps++) {
      PickleValue next = left.pop();
      if (next instanceof TensorRef) {
        tensors++;
      } else if (next instanceof ListValue list) {
        left.addAll(list.items());
      } else if (next instanceof Tuple tuple) {
        left.addAll(tuple.items());
      } else if (next instanceof Dict dict) {
        dict.items().forEach(item -> left.add(item.value()));
      }
    }
    return tensors;
  }

  /** Whether a value is a call that makes an array of NumPy's. */
  static boolean isArray(PickleValue value) {
    return value instanceof Call call
        && call.function().module().startsWith("numpy")
        && ARRAYS.contains(call.function().name());
  }

  static String of(PickleValue value) {
    if (value instanceof TensorRef tensor) {
      return "tensor " + tensor.tensor();
    } else if (value instanceof Text text) {
      return "'" + shortened(text.value()) + "'";
    } else if (value instanceof Int number) {
      return "int " + number.value();
    } else if (value instanceof BigInt) {
      return "a long int";
    } else if (value instanceof Real number) {
      return "float " + number.value();
    } else if (value instanceof Bool) {
      return value == Bool.TRUE ? "True" : "False";
    } else if (value instanceof None) {
      return "None";
    } else if (value instanceof Dict dict) {
      return dict.get("param_groups") == null
          ? (dict.kind() == Dict.Kind.OTHER ? "defaultdict or Counter of " : "dict of ")
              + dict.size()
          : "an optimizer of the unfused model";
    } else if (value instanceof ListValue list) {
      return "list of " + list.items().size();
    } else if (value instanceof Tuple tuple) {
      return "tuple of " + tuple.items().size();
    } else if (value instanceof SetValue set) {
      return (set.kind() == SetValue.Kind.FROZEN ? "frozenset of " : "set of ")
          + set.items().items().size();
    } else if (value instanceof Bytes bytes) {
      return Amounts.count(bytes.value().length, "byte");
    } else if (value instanceof Global global) {
      return shortened(global.qualified());
    } else if (value instanceof Instance instance) {
      return "object of " + shortened(instance.type().qualified());
    } else if (value instanceof Call call) {
      return isArray(call)
          ? "a NumPy array"
          : call.function().qualified().equals(META)
              ? "a tensor of the meta device, without values"
              : "value of " + shortened(call.function().qualified());
    } else if (value instanceof StorageRef storage) {
      return "storage '" + shortened(storage.storage().key()) + "'";
    }
    throw new AssertionError(value.getClass());
  }

  /** Text of a hostile file, cut and without control characters. */
  static String shortened(String text) {
    String visible = text.replaceAll("\\p{Cntrl}", "?");
    return visible.length() <= LONGEST ? visible : visible.substring(0, LONGEST) + "…";
  }
}
