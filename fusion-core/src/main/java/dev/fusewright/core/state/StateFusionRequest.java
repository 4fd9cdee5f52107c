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
import dev.fusewright.core.rule.fold.FoldArithmetic;
import java.util.List;
import java.util.Set;

/**
 * What is to be done to a state dict: everything that the state dict itself cannot say.
 *
 * @param modules what is fused
 * @param stage how far
 * @param backend of the stage PREPARED
 * @param epsilons of the BatchNorms
 * @param arithmetic of the folds
 * @param transposed names of the layers that are ConvTranspose, such as from a graph; all of them,
 *     unless it is empty
 * @param observed names of modules without parameters that {@code prepare_qat} observes (ReLU6,
 *     Hardswish, QuantStub and their like), beside a QuantStub named {@code quant}
 * @param prefix before every name of the state dict that lists do not write, such as {@code
 *     module.}
 * @param dropped groups, by their names with the prefix, that are left as they are: an earlier try
 *     showed that they must not be fused
 */
public record StateFusionRequest(
    ModuleList modules,
    StateStage stage,
    DefaultQatConfig backend,
    Epsilons epsilons,
    FoldArithmetic arithmetic,
    Set<String> transposed,
    Set<String> observed,
    String prefix,
    Set<List<String>> dropped) {
  /** Copies. */
  public StateFusionRequest {
    dropped = Set.copyOf(dropped);
    transposed = Set.copyOf(transposed);
    observed = Set.copyOf(observed);
  }

  /** The fold of an eval model with PyTorch's own defaults and bits. */
  public static StateFusionRequest eval(ModuleList modules) {
    return new StateFusionRequest(
        modules,
        StateStage.EVAL,
        DefaultQatConfig.FBGEMM,
        Epsilons.DEFAULT,
        FoldArithmetic.TORCH,
        Set.of(),
        Set.of(),
        "",
        Set.of());
  }

  /** This request for another stage. */
  public StateFusionRequest at(StateStage newStage) {
    return new StateFusionRequest(
        modules, newStage, backend, epsilons, arithmetic, transposed, observed, prefix, dropped);
  }

  /** This request for another backend. */
  public StateFusionRequest on(DefaultQatConfig newBackend) {
    return new StateFusionRequest(
        modules, stage, newBackend, epsilons, arithmetic, transposed, observed, prefix, dropped);
  }

  /** This request with other eps. */
  public StateFusionRequest with(Epsilons newEpsilons) {
    return new StateFusionRequest(
        modules, stage, backend, newEpsilons, arithmetic, transposed, observed, prefix, dropped);
  }

  /** This request with another arithmetic. */
  public StateFusionRequest with(FoldArithmetic newArithmetic) {
    return new StateFusionRequest(
        modules, stage, backend, epsilons, newArithmetic, transposed, observed, prefix, dropped);
  }

  /** This request with known ConvTranspose layers. */
  public StateFusionRequest withTransposed(Set<String> names) {
    return new StateFusionRequest(
        modules, stage, backend, epsilons, arithmetic, names, observed, prefix, dropped);
  }

  /** This request for names behind a prefix. */
  public StateFusionRequest behind(String newPrefix) {
    return new StateFusionRequest(
        modules, stage, backend, epsilons, arithmetic, transposed, observed, newPrefix, dropped);
  }

  /** This request with modules that {@code prepare_qat} observes. */
  public StateFusionRequest observing(Set<String> names) {
    return new StateFusionRequest(
        modules, stage, backend, epsilons, arithmetic, transposed, names, prefix, dropped);
  }

  /** This request with groups that are left as they are. */
  public StateFusionRequest dropping(Set<List<String>> newDropped) {
    return new StateFusionRequest(
        modules, stage, backend, epsilons, arithmetic, transposed, observed, prefix, newDropped);
  }

  boolean isDropped(List<String> group) {
    return dropped.contains(group);
  }
}
