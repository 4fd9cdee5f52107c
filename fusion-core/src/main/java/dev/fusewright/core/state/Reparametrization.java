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

import java.util.Optional;
import java.util.Set;

/**
 * What computes a module's parameters from others, told by their names. Such a layer has no weight
 * that could be folded until PyTorch has put it in its place, and {@code prepare_qat} fails on it.
 *
 * @param words what the module is, with its article
 * @param remedy the call that makes it a plain layer again
 */
record Reparametrization(String words, String remedy) {
  private static final String PARAMETRIZATIONS = ".parametrizations";
  private static final String REMOVE =
      "torch.nn.utils.parametrize.remove_parametrizations(layer, \"weight\")";

  /** That of a module; empty for all others. */
  static Optional<Reparametrization> of(StateModules modules, StateModule module) {
    Set<String> own = module.entries().keySet();
    if (own.contains("weight_g") && own.contains("weight_v")) {
      return of("a layer with weight norm", "torch.nn.utils.remove_weight_norm");
    }
    if (own.contains("weight_orig") && own.contains("weight_mask")) {
      return of("a pruned layer", "torch.nn.utils.prune.remove");
    }
    if (own.contains("weight_orig") && own.contains("weight_u")) {
      return of("a layer with spectral norm", "torch.nn.utils.remove_spectral_norm");
    }
    if (modules.get(module.name() + PARAMETRIZATIONS) == null) {
      return Optional.empty();
    }
    StateModule weight = modules.get(module.name() + PARAMETRIZATIONS + ".weight");
    if (weight == null) {
      return of("a module with parametrized parameters", REMOVE);
    }
    if (weight.entries().containsKey("original1")) {
      return of("a layer with weight norm", REMOVE);
    }
    StateModule first = modules.get(weight.name() + ".0");
    boolean isSpectral = first != null && first.entries().containsKey("_u");
    return of(
        isSpectral ? "a layer with spectral norm" : "a layer with a parametrized weight", REMOVE);
  }

  private static Optional<Reparametrization> of(String words, String remedy) {
    return Optional.of(new Reparametrization(words, remedy));
  }
}
