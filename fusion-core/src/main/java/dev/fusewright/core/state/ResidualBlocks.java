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

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What speaks for a sum between a layer at the end of a block and the next BatchNorm: the block has
 * a way around, by a name such as {@code downsample}, by as many channels in as out, or since it
 * begins with a BatchNorm, as blocks with pre-activation do.
 */
final class ResidualBlocks {
  private final StateModules modules;

  /** What was found before: many pairs ask of the same block. */
  private final Map<String, Boolean> residual = new HashMap<>();

  private final Map<String, Boolean> layered = new HashMap<>();

  ResidualBlocks(StateModules modules) {
    this.modules = modules;
  }

  /** Whether something speaks for a sum between these, or for another use of the layer. */
  boolean speakForSum(String layer, String norm) {
    String from = ModuleWords.parent(layer);
    String to = ModuleWords.parent(norm);
    if (from.equals(to)) {
      return ModuleWords.speakForShortcut(layer) && !ModuleWords.speakForShortcut(norm);
    }
    return !to.equals(layer)
        && (blocks(to).filter(block -> !holds(block, from)).anyMatch(this::hasLayers)
            || blocks(from).filter(block -> !holds(block, to)).anyMatch(this::isResidual));
  }

  /** A module and those that hold it, but the root. */
  private static Stream<String> blocks(String module) {
    return Stream.iterate(module, name -> !name.isEmpty(), ModuleWords::parent);
  }

  private static boolean holds(String block, String module) {
    return module.equals(block) || module.startsWith(block + ".");
  }

  /** A block that a BatchNorm begins, and not a wrapper of one. */
  private boolean hasLayers(String block) {
    return layered.computeIfAbsent(
        block, name -> modules.inside(name).stream().anyMatch(StateModule::isLayer));
  }

  private boolean isResidual(String block) {
    return residual.computeIfAbsent(block, this::looksResidual);
  }

  private boolean looksResidual(String block) {
    List<StateModule> inside = modules.inside(block);
    List<StateModule> layers = inside.stream().filter(StateModule::isLayer).toList();
    if (layers.size() < 2) {
      return false;
    }
    int own = block.length() + 1;
    long in = layers.get(0).shape("weight").dim(1);
    long out = layers.get(layers.size() - 1).shape("weight").dim(0);
    return in == out
        || inside.get(0).isNorm()
        || inside.stream()
            .map(module -> module.name().substring(own).split("\\.", 2)[0])
            .anyMatch(ModuleWords::speakForShortcut);
  }
}
