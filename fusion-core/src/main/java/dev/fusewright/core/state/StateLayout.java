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

  private final StateModules modules;
  private final Map<String, Container> containers;
  private final Set<String> identities;
  private final StateFusionRequest request;
  private final List<String> notes;

  StateLayout(
      StateModules modules,
      Map<String, Container> containers,
      Set<String> identities,
      StateFusionRequest request,
      List<String> notes) {
    this.modules = modules;
    this.containers = containers;
    this.identities = identities;
    this.request = request;
    this.notes = notes;
  }

  StateModules laidOut() {
    Map<String, List<StateModule>> replacements = new LinkedHashMap<>();
    for (StateModule module : modules.all()) {
      Container container = containers.get(module.name());
      if (container != null) {
        replacements.put(module.name(), standing(container));
      } else if (identities.contains(module.name())) {
        replacements.put(module.name(), identity(module.name()));
      } else if (request.stage() == StateStage.PREPARED) {
        replacements.put(module.name(), prepared(module));
      }
    }
    return modules.replacing(replacements);
  }

  /** A file without metadata would not list it; there it goes. */
  private static List<StateModule> identity(String name) {
    return List.of(new StateModule(name, PLAIN, Map.of()));
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
    StateModule observed = modules.get(name + "." + OBSERVED);
    if (name.endsWith("." + OBSERVED) && module.isEmpty()) {
      // The Identity of a FloatFunctional becomes a fake-quantizer.
      return activation(name.substring(0, name.length() - OBSERVED.length() - 1));
    }
    if (observed != null) {
      return List.of(module);
    }
    List<StateModule> all = new ArrayList<>(List.of(module));
    if (module.isLayer()) {
      int rank = module.shape("weight").rank();
      if (rank != 3) {
        all.addAll(weight(name));
      }
      all.addAll(activation(name));
    } else if (module.isNorm()) {
      all.addAll(activation(name));
      notes.add(
          "'%s' is in no group; it is observed as prepare_qat observes a BatchNorm2d"
              .formatted(name));
    } else if (request.observed().contains(name)) {
      all.addAll(activation(name));
    } else if (module.isEmpty() && isQuantStub(name)) {
      all.addAll(activation(name));
      notes.add("'%s' has no parameters, and is taken for a QuantStub by its name".formatted(name));
    }
    return all;
  }

  private boolean isQuantStub(String name) {
    return (name.equals(request.prefix() + "quant") || name.endsWith(".quant"))
        && !modules.hasChildren(name);
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
