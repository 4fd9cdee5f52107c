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
package dev.fusewright.core.companion;

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.state.ModuleGroup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the fused module that stands in the place of a group's first one is made of.
 *
 * @param first without the state dict's prefix; a layer, or a BatchNorm with an activation
 * @param norm the BatchNorm behind it, which became Identity
 * @param activation at the end
 */
record FusedModule(String first, Optional<String> norm, Optional<Activation> activation) {
  /** By the first module; a group that was fused in two steps is one. */
  static Map<String, FusedModule> of(List<ModuleGroup> groups, String prefix) {
    Map<String, FusedModule> modules = new LinkedHashMap<>();
    for (ModuleGroup group : groups) {
      FusedModule step =
          new FusedModule(
              group.first().substring(prefix.length()),
              group.norm().map(norm -> norm.substring(prefix.length())),
              group.activation());
      modules.merge(step.first(), step, FusedModule::and);
    }
    return modules;
  }

  private FusedModule and(FusedModule later) {
    return new FusedModule(first, norm.or(later::norm), activation.or(later::activation));
  }
}
