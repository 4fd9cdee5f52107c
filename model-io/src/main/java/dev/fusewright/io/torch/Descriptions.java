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

/** Values in a few words, for reports and errors; never longer than a line. */
final class Descriptions {
  /** What rebuilds a tensor that has a shape and nothing else. */
  static final String META = "torch._utils._rebuild_meta_tensor_no_storage";

  private static final int LONGEST = 60;

  private Descriptions() {}

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
      return call.function().qualified().equals(META)
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
