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

import dev.fusewright.core.modules.ModuleList;
import java.util.Set;

/**
 * What is to be done to a state dict: everything that the state dict itself cannot say.
 *
 * @param modules what is fused
 * @param by whose word {@code modules} is, such as {@code the module list}
 * @param stage how far
 * @param config of the stage PREPARED
 * @param epsilons of the BatchNorms
 * @param transposed names of the layers that are ConvTranspose, such as from a graph; all of them,
 *     unless it is empty
 * @param prefix before every name of the state dict that lists do not write, such as {@code
 *     module.}
 */
public record StateFusionRequest(
    ModuleList modules,
    String by,
    StateStage stage,
    DefaultQatConfig config,
    Epsilons epsilons,
    Set<String> transposed,
    String prefix) {
  /** Copies. */
  public StateFusionRequest {
    transposed = Set.copyOf(transposed);
  }

  /** The fold of an eval model with PyTorch's own defaults. */
  public static StateFusionRequest eval(ModuleList modules) {
    return new StateFusionRequest(
        modules,
        "the module list",
        StateStage.EVAL,
        DefaultQatConfig.FBGEMM,
        Epsilons.DEFAULT,
        Set.of(),
        "");
  }

  /** This request, said to be somebody's word. */
  public StateFusionRequest by(String newBy) {
    return new StateFusionRequest(modules, newBy, stage, config, epsilons, transposed, prefix);
  }

  /** This request for another stage. */
  public StateFusionRequest at(StateStage newStage) {
    return new StateFusionRequest(modules, by, newStage, config, epsilons, transposed, prefix);
  }

  /** This request for another backend's configuration. */
  public StateFusionRequest on(DefaultQatConfig newConfig) {
    return new StateFusionRequest(modules, by, stage, newConfig, epsilons, transposed, prefix);
  }

  /** This request with other eps. */
  public StateFusionRequest with(Epsilons newEpsilons) {
    return new StateFusionRequest(modules, by, stage, config, newEpsilons, transposed, prefix);
  }

  /** This request with known ConvTranspose layers. */
  public StateFusionRequest withTransposed(Set<String> names) {
    return new StateFusionRequest(modules, by, stage, config, epsilons, names, prefix);
  }

  /** This request for names behind a prefix. */
  public StateFusionRequest behind(String newPrefix) {
    return new StateFusionRequest(modules, by, stage, config, epsilons, transposed, newPrefix);
  }

  String withoutPrefix(String name) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }
}
