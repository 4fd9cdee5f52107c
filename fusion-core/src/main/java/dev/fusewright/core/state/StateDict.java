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
package dev.fusewright.core.state;

import dev.fusewright.core.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Parameters and buffers by name, in the order of the file.
 *
 * @param entries by name, such as {@code layer1.0.conv1.weight}; iterated in order
 * @param versions PyTorch's {@code _metadata}: the version of each module by its dotted name, the
 *     root's under the empty name; empty where a file has none. Modules without parameters are
 *     listed too
 * @param modules what the file says of each module by its dotted name, the root's under the empty
 *     name, as a pickled module does; empty where a file has parameters only
 */
public record StateDict(
    Map<String, StateEntry> entries,
    Map<String, Long> versions,
    Map<String, DeclaredModule> modules) {
  /** Copies, and keeps the order. */
  public StateDict {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
    modules = Collections.unmodifiableMap(new LinkedHashMap<>(modules));
  }

  /** A state dict of which a file says no more than this. */
  public StateDict(Map<String, StateEntry> entries, Map<String, Long> versions) {
    this(entries, versions, Map.of());
  }

  /** Whether every module is known, also those without parameters. */
  boolean listsModules() {
    return !versions.isEmpty() || !modules.isEmpty();
  }

  /** A state dict of tensors only, without versions. */
  public static StateDict ofTensors(Map<String, ? extends Tensor> tensors) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> entries.put(name, new StateEntry.Parameter(tensor)));
    return new StateDict(entries, Map.of());
  }

  /** The tensor under a name; empty if there is none, or something that is only carried. */
  public Optional<Tensor> tensor(String name) {
    return entries.get(name) instanceof StateEntry.Parameter parameter
        ? Optional.of(parameter.tensor())
        : Optional.empty();
  }

  /** The tensors, without what is only carried, in order. */
  public Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    entries.forEach(
        (name, entry) -> {
          if (entry instanceof StateEntry.Parameter parameter) {
            tensors.put(name, parameter.tensor());
          }
        });
    return Collections.unmodifiableMap(tensors);
  }
}
