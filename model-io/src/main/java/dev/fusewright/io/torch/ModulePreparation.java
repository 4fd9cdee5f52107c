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
package dev.fusewright.io.torch;

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.ModuleGroup;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.None;
import dev.fusewright.io.torch.PickledModule.Hooks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code prepare_qat} needs of a module, and which of its classes take the place of which.
 *
 * <p>It goes by each module in its place; one that stands in several places, or that the file
 * refers to from elsewhere, PyTorch would make two different modules of, or one that is observed
 * twice.
 */
final class ModulePreparation {
  private static final String INTRINSIC = "torch.nn.intrinsic.qat.modules.";

  /** The layers that become modules with fake-quantized weights, and those modules. */
  private static final Map<String, Global> TRAINED =
      Map.of(
          "torch.nn.modules.conv.Conv2d", new Global("torch.nn.qat.modules.conv", "Conv2d"),
          "torch.nn.modules.conv.Conv3d", new Global("torch.nn.qat.modules.conv", "Conv3d"),
          "torch.nn.modules.linear.Linear", new Global("torch.nn.qat.modules.linear", "Linear"));

  private final ModuleTree tree;
  private final PickledFile file;

  ModulePreparation(ModuleTree tree, PickledFile file) {
    this.tree = tree;
    this.file = file;
  }

  /** The module with a fake-quantized weight that takes the place of a container. */
  static Global trained(String container) {
    String file =
        container.startsWith("Conv")
            ? "conv_fused"
            : container.equals("LinearReLU") ? "linear_relu" : "linear_fused";
    return new Global(INTRINSIC + file, container);
  }

  /** The module with a fake-quantized weight that takes the place of a layer without a group. */
  static Optional<Global> trained(PickledModule layer) {
    return Optional.ofNullable(TRAINED.get(layer.type()));
  }

  /**
   * Refuses what PyTorch refuses, and what cannot be written.
   *
   * @param observed the modules of no group whose outputs are to be fake-quantized
   * @throws ModuleListException if the module is in eval mode, or one of its modules is not as it
   *     has to be
   */
  void check(List<ModuleGroup> groups, Set<String> observed) {
    if (!tree.at("").filter(PickledModule::isTraining).isPresent()) {
      throw ModuleListException.of(
          Reason.TRAINING_MODE,
          "prepare_qat only works on models in training mode. The module was saved in eval mode: call train() before it is saved%s",
          ModuleFusion.HINT);
    }
    requireOneDevice();
    PickleTail tail = new PickleTail(file.layout(), file.idForm());
    for (PickledModule module : tree.modules().values()) {
      requireUnprepared(module);
      requireMemo(tail, module, List.of(module.object()));
    }
    for (String name : observed) {
      tree.at(name).ifPresent(module -> checkLone(tail, module));
    }
    for (ModuleGroup group : groups) {
      tree.at(group.first()).ifPresent(layer -> checkLayer(tail, layer));
    }
  }

  private void checkLone(PickleTail tail, PickledModule module) {
    if (!tree.isUnique(module)) {
      throw refused(module, "stands in the module under several names");
    }
    List<PickleValue> recalled = new ArrayList<>();
    for (Hooks kind : Hooks.values()) {
      module.hooks(kind).forEach(hook -> recalled.addAll(List.of(hook.key(), hook.value())));
    }
    module.dict("_modules").ifPresent(recalled::add);
    requireMemo(tail, module, recalled);
    if (trained(module).isPresent()) {
      if (module.name().isEmpty()) {
        throw refused(module, "is the whole model, and prepare_qat leaves a lone layer as it is");
      }
      checkLayer(tail, module);
    }
  }

  /** A layer in whose place a new object stands. */
  private void checkLayer(PickleTail tail, PickledModule layer) {
    if (file.layout().isRecalled(layer.object())) {
      throw refused(layer, "is referred to in another place of the file too, and would stay there");
    }
    layer
        .replacedMethod()
        .ifPresent(
            method -> {
              throw refused(layer, "has a '%s' of its own, which would be lost".formatted(method));
            });
    if (layer.hasSpecialHooks()) {
      throw refused(
          layer, "has a hook that is called with keywords or always, which would be lost");
    }
    List<PickleValue> recalled = new ArrayList<>();
    layer.dict("_parameters").ifPresent(recalled::add);
    tree.parent(layer.name()).flatMap(it -> it.dict("_modules")).ifPresent(recalled::add);
    requireMemo(tail, layer, recalled);
    for (String attribute : QuantizerTail.attributes(layer)) {
      PickleValue value = layer.attributes().get(attribute);
      if (value != null && !PickleTail.isPlain(value)) {
        throw refused(layer, "has a '%s' that is %s".formatted(attribute, Descriptions.of(value)));
      }
    }
  }

  private void requireMemo(PickleTail tail, PickledModule module, List<PickleValue> recalled) {
    if (!file.layout().isRegular() || !recalled.stream().allMatch(tail::isRecallable)) {
      throw refused(
          module,
          "is part of a pickle that uses its memo as Python does not (%s)"
              .formatted(PickleLayout.IRREGULAR));
    }
  }

  private void requireUnprepared(PickledModule module) {
    boolean isPrepared =
        module.type().contains(".qat.") || module.type().startsWith("torch.ao.quantization.fake");
    if (isPrepared) {
      throw refused(module, "has been prepared already");
    }
    PickleValue own = module.attributes().get("qconfig");
    if (own != null && own != None.NONE && !module.name().isEmpty()) {
      throw refused(module, "has a qconfig of its own");
    }
    if (own == None.NONE) {
      throw refused(module, "is excluded by a qconfig that is None");
    }
  }

  /** PyTorch puts observers where the model is, and asserts that this is one place. */
  private void requireOneDevice() {
    Set<String> locations = locations();
    if (locations.size() > 1) {
      throw ModuleListException.of(
          Reason.QAT_UNSUPPORTED,
          "prepare_qat only works with a module on one device, and this is on %s%s",
          String.join(", ", locations),
          ModuleFusion.HINT);
    }
  }

  /** The devices of the parameters. */
  private Set<String> locations() {
    Set<String> locations = new TreeSet<>();
    for (PickledModule module : tree.modules().values()) {
      for (PickleValue.Dict own : module.dict("_parameters").stream().toList()) {
        for (PickleValue.Dict.Item item : own.items()) {
          if (item.value() instanceof PickleValue.TensorRef reference) {
            locations.add(reference.tensor().storage().location());
          }
        }
      }
    }
    return locations;
  }

  /** Where what is new belongs. */
  String location() {
    return locations().stream().findFirst().orElse("cpu");
  }

  private static ModuleListException refused(PickledModule module, String why) {
    return ModuleListException.of(
        Reason.QAT_UNSUPPORTED, "'%s' %s%s", module.name(), why, ModuleFusion.HINT);
  }

  /**
   * Writes what becomes of the modules that no group has, and the configuration of all that stay.
   *
   * @param grouped names of the modules of the groups
   */
  void emitLone(Set<String> grouped, HookEdits hooks, QuantizerTail quantizers, PickleTail tail) {
    Set<PickleValue> configured = new HashSet<>();
    for (PickledModule module : tree.modules().values()) {
      String name = module.name();
      Optional<Global> trained =
          grouped.contains(name) || !quantizers.isTrained(name)
              ? Optional.empty()
              : trained(module);
      if (trained.isPresent()) {
        ModuleFusion.set(tree, module, tail);
        quantizers.trained(
            trained.get(),
            module,
            /* norm= */ null,
            hooks.of(module, Hooks.PRE),
            hooks.of(module, Hooks.FORWARD));
        tail.set().outside();
        continue;
      }
      if (!grouped.contains(name) && quantizers.isObserved(name)) {
        tail.inside(module.dict("_modules").orElseThrow());
        quantizers.activation(name);
        tail.outside();
        // A FloatFunctional calls its own; so does nothing else.
        if (tree.at(name + ".activation_post_process").isEmpty()) {
          hooks.observe(module);
        }
      }
      if (configured.add(module.object())) {
        tail.addingTo(module.object());
        quantizers.qconfig();
        tail.added();
      }
    }
  }
}
