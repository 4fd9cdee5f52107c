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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.io.aten.TensorMeta;
import dev.fusewright.io.aten.TorchType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of a pickle: a view of a storage.
 *
 * @param node that says so
 * @param folder of the storage's record
 * @param elements of the whole storage
 */
record ScriptTensor(
    Pickled.Reduced node,
    String folder,
    String key,
    TorchType type,
    long elements,
    long offset,
    List<Long> sizes,
    List<Long> strides,
    boolean requiresGrad) {
  private static final String REBUILD = "torch._utils._rebuild_tensor_v2";
  private static final int ARGUMENTS = 6;
  private static final int ID_PARTS = 5;

  ScriptTensor {
    sizes = List.copyOf(sizes);
    strides = List.copyOf(strides);
  }

  /** The tensor that a value is; null if it is something else, or not plainly stored. */
  static @Nullable ScriptTensor of(Pickled value, String folder) {
    if (!(value instanceof Pickled.Reduced call)
        || !call.calls(REBUILD)
        || !(call.arguments() instanceof Pickled.Tuple arguments)
        || arguments.items().size() != ARGUMENTS) {
      return null;
    }
    List<Pickled> given = arguments.items();
    List<Long> sizes = numbers(given.get(2));
    List<Long> strides = numbers(given.get(3));
    if (!(given.get(0) instanceof Pickled.Persistent storage)
        || !(storage.id() instanceof Pickled.Tuple id)
        || id.items().size() != ID_PARTS
        || !(id.items().get(1) instanceof Pickled.Global type)
        || !(id.items().get(2) instanceof Pickled.Text key)
        || !(number(id.items().get(4)) instanceof Long elements)
        || !(number(given.get(1)) instanceof Long offset)
        || !(number(given.get(4)) instanceof Boolean requiresGrad)
        || sizes == null
        || strides == null
        || strides.size() != sizes.size()
        || !type.module().equals("torch")) {
      return null;
    }
    TorchType stored =
        TorchType.ofStorageClass(type.qualified().substring("torch.".length())).orElse(null);
    if (stored == null) {
      return null;
    }
    boolean isSane =
        offset >= 0
            && elements >= 0
            && sizes.stream().allMatch(size -> size >= 0)
            && strides.stream().allMatch(stride -> stride >= 0);
    return isSane
        ? new ScriptTensor(
            call, folder, key.value(), stored, elements, offset, sizes, strides, requiresGrad)
        : null;
  }

  private static @Nullable Object number(Pickled value) {
    return value instanceof Pickled.Scalar scalar ? scalar.value() : null;
  }

  private static @Nullable List<Long> numbers(Pickled value) {
    if (!(value instanceof Pickled.Tuple tuple)) {
      return null;
    }
    List<Long> numbers = new ArrayList<>();
    for (Pickled item : tuple.items()) {
      if (!(number(item) instanceof Long number)) {
        return null;
      }
      numbers.add(number);
    }
    return numbers;
  }

  TensorMeta meta() {
    return new TensorMeta(
        type.elementType().orElse(ElementType.UNDEFINED),
        sizes.stream().<Dim>map(Dim.Fixed::new).toList(),
        strides,
        offset,
        /* isStrided= */ true);
  }
}
