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

import dev.fusewright.core.analysis.Activation;
import java.util.List;
import java.util.Optional;

/**
 * Modules of a state dict that a list names together.
 *
 * @param names with the prefix of the state dict
 * @param types PyTorch's classes of these modules, as far as the state dict tells
 */
public record ModuleGroup(List<String> names, List<String> types) {
  /** Copies. */
  public ModuleGroup {
    names = List.copyOf(names);
    types = List.copyOf(types);
  }

  /** The module in whose place the fused one stands. */
  public String first() {
    return names.get(0);
  }

  /** The BatchNorm behind the first module. */
  public Optional<String> norm() {
    return types.size() > 1 && types.get(1).startsWith("BatchNorm")
        ? Optional.of(names.get(1))
        : Optional.empty();
  }

  /** The activation at the end. */
  public Optional<Activation> activation() {
    return Activation.named(types.get(types.size() - 1));
  }
}
