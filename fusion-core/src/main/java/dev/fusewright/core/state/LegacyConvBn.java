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

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Version 1 of PyTorch's ConvBn modules, which kept the BatchNorm's parameters among their own:
 * {@code gamma}, {@code beta} and the statistics. Since version 2 they lie in a child, {@code bn};
 * PyTorch renames them when it loads.
 */
public final class LegacyConvBn {
  private static final long VERSION = 2;

  /** Old names, in the order in which the child registers the new ones. */
  private static final Map<String, String> RENAMED = new LinkedHashMap<>();

  static {
    RENAMED.put("gamma", "weight");
    RENAMED.put("beta", "bias");
    RENAMED.put("running_mean", "running_mean");
    RENAMED.put("running_var", "running_var");
    RENAMED.put("num_batches_tracked", "num_batches_tracked");
  }

  private LegacyConvBn() {}

  /**
   * The state dict with every ConvBn of version 1 as version 2 names it; the same one if there is
   * none.
   */
  public static StateDict modernized(StateDict state) {
    StateModules modules = StateModules.of(state);
    Map<String, List<StateModule>> replacements = new LinkedHashMap<>();
    for (StateModule module : modules.all()) {
      if (isVersionOne(module)) {
        replacements.put(module.name(), modernized(module));
      }
    }
    if (replacements.isEmpty()) {
      return state;
    }
    return modules
        .replacing(replacements)
        .stateDict(
            state.versions().isEmpty()
                ? StateModules.Versions.LEFT_OUT
                : StateModules.Versions.KEPT);
  }

  /** No module of version 2 has these names. */
  private static boolean isVersionOne(StateModule module) {
    return module
        .entries()
        .keySet()
        .containsAll(List.of("weight", "gamma", "beta", "running_mean", "running_var"));
  }

  private static List<StateModule> modernized(StateModule module) {
    Map<String, StateEntry> own = new LinkedHashMap<>(module.entries());
    Map<String, StateEntry> norm = new LinkedHashMap<>();
    RENAMED.forEach(
        (old, name) -> {
          StateEntry entry = own.remove(old);
          if (entry != null) {
            norm.put(name, entry);
          }
        });
    List<StateModule> modern = new ArrayList<>();
    modern.add(new StateModule(module.name(), VERSION, own));
    modern.add(new StateModule(module.name() + ".bn", VERSION, norm));
    return modern;
  }
}
