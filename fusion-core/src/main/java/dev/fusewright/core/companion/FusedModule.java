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

import dev.fusewright.core.state.StateFusion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the fused module that stands in the place of a group's first one is made of.
 *
 * @param first without the state dict's prefix; a layer, or a BatchNorm with a ReLU
 * @param norm the BatchNorm behind it, which became Identity
 */
record FusedModule(String first, Optional<String> norm, boolean hasRelu) {
  /** By the first module; a group that was fused in two steps is one. */
  static Map<String, FusedModule> of(StateFusion fusion, String prefix) {
    Map<String, FusedModule> placements = new LinkedHashMap<>();
    for (StateFusion.FusedGroup group : fusion.groups()) {
      List<String> names =
          group.names().stream().map(name -> name.substring(prefix.length())).toList();
      boolean hasRelu = group.module().contains("ReLU");
      int others = names.size() - (hasRelu ? 2 : 1);
      FusedModule step =
          new FusedModule(
              names.get(0), others > 0 ? Optional.of(names.get(1)) : Optional.empty(), hasRelu);
      placements.merge(step.first(), step, FusedModule::and);
    }
    return placements;
  }

  private FusedModule and(FusedModule later) {
    return new FusedModule(first, norm.or(later::norm), hasRelu || later.hasRelu());
  }
}
