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

import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint.Tie;
import dev.fusewright.io.format.StatePath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which tensors of the state dicts of a file lie in the same memory, as tied weights do. */
final class SharedStorages {
  /** A storage may hold all parameters of a model, one behind the other. */
  private static final int MOST_TIES = 100;

  private record Place(StatePath path, String name, TorchTensor tensor) {}

  private final Map<String, List<Place>> byStorage = new LinkedHashMap<>();

  SharedStorages(List<NestedState> states) {
    for (NestedState nested : states) {
      nested
          .state()
          .entries()
          .forEach(
              (name, entry) ->
                  tensor(entry)
                      .ifPresent(
                          tensor ->
                              byStorage
                                  .computeIfAbsent(tensor.storage().key(), key -> new ArrayList<>())
                                  .add(new Place(nested.path(), name, tensor))));
    }
    byStorage.values().removeIf(places -> places.size() < 2);
  }

  private static Optional<TorchTensor> tensor(StateEntry entry) {
    return entry instanceof StateEntry.Parameter parameter
            && parameter.tensor() instanceof StoredTensor stored
            && stored.source() instanceof StridedView view
        ? Optional.of(view.tensor())
        : Optional.empty();
  }

  /** The ties of some entries of a state dict, at most {@value #MOST_TIES}. */
  List<Tie> of(StatePath path, Collection<String> names) {
    List<Tie> ties = new ArrayList<>();
    for (List<Place> places : byStorage.values()) {
      for (Place one : places) {
        if (one.path().equals(path) && names.contains(one.name())) {
          places.stream()
              .filter(other -> other != one && overlap(one.tensor(), other.tensor()))
              .limit(MOST_TIES - ties.size())
              .forEach(other -> ties.add(new Tie(one.name(), other.path(), other.name())));
        }
      }
    }
    return ties;
  }

  private static boolean overlap(TorchTensor one, TorchTensor other) {
    return first(one) <= last(other) && first(other) <= last(one);
  }

  /** In bytes, as views of one storage may have elements of several types. */
  private static long first(TorchTensor tensor) {
    return tensor.offset() * tensor.type().bytes();
  }

  /** The last byte; before the first where there are no elements. */
  private static long last(TorchTensor tensor) {
    long[] sizes = tensor.sizes();
    long[] strides = tensor.strides();
    long element = tensor.offset();
    for (int axis = 0; axis < sizes.length; axis++) {
      if (sizes[axis] == 0) {
        return first(tensor) - 1;
      }
      element += (sizes[axis] - 1) * strides[axis];
    }
    return (element + 1) * tensor.type().bytes() - 1;
  }
}
