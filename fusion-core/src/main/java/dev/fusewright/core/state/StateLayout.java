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
import java.util.Set;

/**
 * Lays out the fused modules as PyTorch's containers do: {@code nni.*} are Sequentials with the
 * children 0, 1, 2; {@code nniqat.*} have the layer's parameters as their own, and {@code bn},
 * {@code weight_fake_quant} and {@code activation_post_process} as children.
 */
final class StateLayout {
  private static final long PLAIN = 1;
  private static final long CONV_BN = 2;
  private static final long OBSERVER = 3;
  private static final String OBSERVED = "activation_post_process";

  /** Behind the name of a module that is observed, as FloatFunctionals are made to be. */
  static final String FUNCTIONAL = "." + OBSERVED;

  private static final float UNSIGNED_SCALE = 1f / 256;
  private static final float SIGNED_SCALE = 1f / 128;
  private static final int SIGNED_ZERO_POINT = 128;

  private final StateModules modules;
  private final Map<String, Container> containers;
  private final Set<String> identities;
  private final StateFusionRequest request;
  private final Map<String, Preparation> lone;

  StateLayout(
      StateModules modules,
      Map<String, Container> containers,
      Set<String> identities,
      StateFusionRequest request,
      Map<String, Preparation> lone) {
    this.modules = modules;
    this.containers = containers;
    this.identities = identities;
    this.request = request;
    this.lone = lone;
  }

  StateModules laidOut() {
    Map<String, List<StateModule>> replacements = new LinkedHashMap<>();
    for (StateModule module : modules.all()) {
      Container container = containers.get(module.name());
      if (container != null) {
        replacements.put(module.name(), standing(container));
      } else if (identities.contains(module.name())) {
        replacements.put(module.name(), identity(module));
      } else if (request.stage() == StateStage.PREPARED) {
        replacements.put(module.name(), prepared(module));
      }
    }
    // Without metadata a file does not list a module without parameters; the list may name it.
    List<StateModule> unlisted = new ArrayList<>();
    lone.keySet().stream()
        .filter(name -> modules.get(name) == null)
        .forEach(
            name -> {
              unlisted.add(new StateModule(name, PLAIN, Map.of()));
              unlisted.addAll(quantizers(name));
            });
    return modules.replacing(replacements, unlisted);
  }

  /** A file without metadata would not list it, and a layer has none inside; there it goes. */
  private List<StateModule> identity(StateModule module) {
    int dot = module.name().lastIndexOf('.');
    boolean isInside = dot > 0 && containers.containsKey(module.name().substring(0, dot));
    return isInside ? List.of() : List.of(new StateModule(module.name(), PLAIN, Map.of()));
  }

  private List<StateModule> standing(Container container) {
    if (container.isBare()) {
      return List.of(container.layer());
    }
    return request.stage() == StateStage.PREPARED && container.dimensions() >= 0
        ? trained(container)
        : sequential(container);
  }

  /** {@code nni.ConvReLU2d}, {@code nni.ConvBn2d}, {@code nni.BNReLU2d} and their like. */
  private List<StateModule> sequential(Container container) {
    String name = container.layer().name();
    List<StateModule> all = new ArrayList<>();
    all.add(new StateModule(name, PLAIN, Map.of()));
    all.add(container.layer().named(name + ".0"));
    container.norm().ifPresent(norm -> all.add(norm.named(name + ".1")));
    if (container.activation().isPresent()) {
      String activation = name + (container.norm().isPresent() ? ".2" : ".1");
      all.add(new StateModule(activation, PLAIN, Map.of()));
    }
    if (request.stage() == StateStage.PREPARED) {
      all.addAll(activation(name));
    }
    return all;
  }

  /** {@code nniqat.ConvBn2d}, {@code nniqat.LinearReLU} and their like. */
  private List<StateModule> trained(Container container) {
    String name = container.layer().name();
    if (container.dimensions() == 1 && container.norm().isEmpty()) {
      // PyTorch has no nniqat.ConvReLU1d to put in its place.
      return sequential(container);
    }
    boolean convBn = container.norm().isPresent() && container.dimensions() > 0;
    List<StateModule> all = new ArrayList<>();
    all.add(new StateModule(name, convBn ? CONV_BN : PLAIN, container.layer().entries()));
    container.norm().ifPresent(norm -> all.add(norm.named(name + ".bn")));
    all.addAll(weight(name));
    all.addAll(activation(name));
    return all;
  }

  /** What {@code prepare_qat} makes of a module that no group holds. */
  private List<StateModule> prepared(StateModule module) {
    String name = module.name();
    if (name.endsWith(FUNCTIONAL) && module.isEmpty()) {
      // The Identity of a FloatFunctional becomes a fake-quantizer.
      return activation(name.substring(0, name.length() - FUNCTIONAL.length()));
    }
    List<StateModule> all = new ArrayList<>(List.of(module));
    all.addAll(quantizers(name));
    return all;
  }

  private List<StateModule> quantizers(String name) {
    List<StateModule> all = new ArrayList<>();
    switch (lone.getOrDefault(name, Preparation.NONE)) {
      case NONE, UNSUPPORTED -> {}
      case OBSERVED -> all.addAll(activation(name));
      case QUANTIZED -> {
        all.addAll(weight(name));
        all.addAll(activation(name));
      }
      case FIXED_UNSIGNED -> all.addAll(fixed(name, UNSIGNED_SCALE, 0));
      case FIXED_SIGNED -> all.addAll(fixed(name, SIGNED_SCALE, SIGNED_ZERO_POINT));
    }
    return all;
  }

  private static List<StateModule> fixed(String name, float scale, int zeroPoint) {
    String quantizer = name + FUNCTIONAL;
    return List.of(
        new StateModule(quantizer, PLAIN, DefaultQatConfig.fixedQuantizer(scale, zeroPoint)),
        new StateModule(
            quantizer + FUNCTIONAL, PLAIN, DefaultQatConfig.fixedObserver(scale, zeroPoint)));
  }

  private List<StateModule> weight(String name) {
    String quantizer = name + ".weight_fake_quant";
    return List.of(
        new StateModule(quantizer, PLAIN, request.config().fakeQuantizer()),
        new StateModule(quantizer + "." + OBSERVED, OBSERVER, request.config().weightObserver()));
  }

  private List<StateModule> activation(String name) {
    String quantizer = name + "." + OBSERVED;
    return List.of(
        new StateModule(quantizer, PLAIN, request.config().fakeQuantizer()),
        new StateModule(
            quantizer + "." + OBSERVED, OBSERVER, request.config().activationObserver()));
  }
}
