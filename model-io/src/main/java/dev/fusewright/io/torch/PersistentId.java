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
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickleValue.Text;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.util.List;

/**
 * What torch puts outside the pickle: {@code ('storage', torch.FloatStorage, key, location,
 * elements)}.
 *
 * @param elements of the storage's type; bytes for an untyped one
 */
record PersistentId(TorchType type, String key, String location, long elements) {
  static PersistentId of(PickleValue id, Problem here) {
    if (id instanceof Tuple tuple && tuple.items().size() >= 5) {
      List<PickleValue> parts = tuple.items();
      if (parts.get(0) instanceof Text kind
          && kind.value().equals("storage")
          && parts.get(1) instanceof Global type
          && parts.get(2) instanceof Text key
          && parts.get(3) instanceof Text location
          && parts.get(4) instanceof Int elements) {
        return new PersistentId(type(type, here), key.value(), location.value(), elements.value());
      }
    }
    throw new MalformedFileException(
        here.expected("('storage', type, key, location, elements)").found(Descriptions.of(id)));
  }

  private static TorchType type(Global global, Problem here) {
    if (global.module().equals("torch")
        || global.module().equals("torch.storage")
        || global.module().equals("torch.cuda")) {
      return TorchType.ofStorageClass(global.name()).orElseThrow(() -> unknown(global, here));
    }
    throw unknown(global, here);
  }

  private static UnsupportedFormatException unknown(Global global, Problem here) {
    return new UnsupportedFormatException(
        here.expected("one of torch's storage classes")
            .found(Descriptions.shortened(global.qualified())));
  }
}
