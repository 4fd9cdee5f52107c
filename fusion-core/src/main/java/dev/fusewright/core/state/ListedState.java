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

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.modules.TorchSequences;
import dev.fusewright.core.plan.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A state dict with the groups that a list names in it: every name found, every sequence one that
 * PyTorch's {@code fuse_modules} or {@code fuse_modules_qat} has a fuser for, every layer with as
 * many channels as its BatchNorm.
 */
public final class ListedState {
  private static final String IDENTITY = "Identity";

  private final StateModules modules;
  private final boolean isUnversioned;
  private final StateFusionRequest request;
  private final StateDirectory directory;
  private final Map<String, String> types = new HashMap<>();
  private final Set<String> normed = new HashSet<>();
  private final List<StateGroup> groups = new ArrayList<>();

  private ListedState(StateDict state, StateFusionRequest request) {
    StateDict modern = LegacyConvBn.modernized(state);
    this.modules = StateModules.of(modern);
    this.isUnversioned = modern.versions().isEmpty();
    this.request = request;
    this.directory =
        new StateDirectory(modules, request.stage().mode(), request.transposed(), request.prefix());
  }

  /**
   * Holds a list against a state dict.
   *
   * @throws ModuleListException if the list cannot be carried out: a name does not exist, a
   *     sequence has no fuser, channels do not fit
   */
  public static ListedState of(StateDict state, StateFusionRequest request) {
    ListedState listed = new ListedState(state, request);
    List<List<String>> expanded = request.modules().expand(listed.directory);
    List<StateGroup> found = new ArrayList<>();
    for (int i = 0; i < expanded.size(); i++) {
      StateGroup group = listed.resolve(i + 1, expanded.get(i));
      found.add(group);
      listed.claim(group);
    }
    boolean transposedSeen = found.stream().anyMatch(ListedState::isProvenTransposed);
    found.forEach(group -> listed.groups.add(listed.shaped(group, transposedSeen)));
    return listed;
  }

  StateModules modules() {
    return modules;
  }

  StateFusionRequest request() {
    return request;
  }

  /** The groups, in the list's order. */
  public List<ModuleGroup> listed() {
    return groups.stream().map(StateGroup::listed).toList();
  }

  List<StateGroup> groups() {
    return groups;
  }

  /** A file without metadata that is folded for inference has none afterwards. */
  StateModules.Versions versions() {
    return isUnversioned && request.stage() == StateStage.EVAL
        ? StateModules.Versions.LEFT_OUT
        : StateModules.Versions.KEPT;
  }

  private StateGroup resolve(int number, List<String> names) {
    List<String> full = names.stream().map(name -> request.prefix() + name).toList();
    List<StateModule> members = new ArrayList<>();
    for (String name : full) {
      members.add(member(number, name));
    }
    List<String> now = directory.types(names);
    List<String> current = new ArrayList<>();
    for (int i = 0; i < full.size(); i++) {
      current.add(types.getOrDefault(full.get(i), now.get(i)));
    }
    String fused =
        TorchSequences.module(current, request.stage().mode())
            .orElseThrow(() -> noFuser(number, full, current));
    return new StateGroup(
        number, new ModuleGroup(full, current), fused, members, Optional.empty(), List.of());
  }

  private StateModule member(int number, String name) {
    StateModule module = modules.get(name);
    if (module != null && !modules.hasChildren(name)) {
      return module;
    }
    if (module == null && isUnversioned) {
      // Without metadata a file lists no modules without parameters.
      return new StateModule(name, 1, Map.of());
    }
    String parent = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : "";
    throw ModuleListException.of(
        Reason.NO_SUCH_MODULE,
        module == null
            ? "group %d: the state dict has no module '%s'; %s has %s"
            : "group %d: '%s' is a container; %s has %s",
        number,
        name,
        quoted(module == null ? parent : name),
        String.join(", ", modules.childrenOf(module == null ? parent : name)));
  }

  private static String quoted(String module) {
    return module.isEmpty() ? "the model" : "'" + module + "'";
  }

  private ModuleListException noFuser(int number, List<String> names, List<String> current) {
    if (request.stage() != StateStage.EVAL && TorchSequences.isEvalOnly(current)) {
      return ModuleListException.of(
          Reason.QAT_UNSUPPORTED,
          "group %d [%s]: Fusing ConvTranspose+BatchNorm not yet supported in QAT.",
          number,
          String.join(", ", names));
    }
    return ModuleListException.of(
        current.contains(IDENTITY) ? Reason.SHARED_MODULE : Reason.NOT_FUSABLE_SEQUENCE,
        "group %d [%s]: did not find fuser method for: (%s)",
        number,
        String.join(", ", names),
        String.join(", ", current));
  }

  /** From here on the first module is what the group became, and the others are nothing. */
  private void claim(StateGroup group) {
    if (group.norm().isPresent() && !normed.add(group.names().get(0))) {
      throw ModuleListException.of(
          Reason.SHARED_MODULE,
          "%s: an earlier group gives '%s' a BatchNorm already, and a layer takes one",
          group,
          group.names().get(0));
    }
    types.put(group.names().get(0), group.module());
    for (int i = 1; i < group.names().size(); i++) {
      // One BatchNorm after two layers can be folded into both.
      if (!group.listed().types().get(i).startsWith("BatchNorm")
          || request.stage() != StateStage.EVAL) {
        types.put(group.names().get(i), IDENTITY);
      }
    }
  }

  private StateGroup shaped(StateGroup group, boolean transposedSeen) {
    List<String> taken = new ArrayList<>();
    Optional<LayerShape> shape =
        group.norm().map(norm -> shape(group, norm, transposedSeen, taken));
    group
        .listed()
        .activation()
        .ifPresent(
            activation ->
                taken.add(
                    "'%s' has no parameters, and is taken for a %s as listed"
                        .formatted(
                            group.names().get(group.names().size() - 1), activation.torchName())));
    return new StateGroup(
        group.number(), group.listed(), group.module(), group.members(), shape, taken);
  }

  private LayerShape shape(
      StateGroup group, StateModule norm, boolean transposedSeen, List<String> taken) {
    if (!norm.isNorm()) {
      throw ModuleListException.of(
          Reason.NO_RUNNING_STATISTICS,
          "group %d: '%s' has no running_mean and running_var: it normalizes with the statistics of each batch, or is no BatchNorm",
          group.number(),
          norm.name());
    }
    if (request.stage() != StateStage.EVAL && norm.tensor("weight").isEmpty()) {
      throw ModuleListException.of(
          Reason.NOT_AFFINE_MODULE,
          "group %d: Only support fusing BatchNorm with affine set to True, and '%s' has no weight",
          group.number(),
          norm.name());
    }
    long channels = norm.shape("running_var").dim(0);
    StateModule layer = group.first();
    if (transposedSeen
        && request.transposed().isEmpty()
        && LayerShape.isAmbiguous(layer, channels)) {
      throw ModuleListException.of(
          Reason.AXIS_UNPROVEN,
          "group %d: the weight of '%s' is %s, which a Conv and a ConvTranspose could have, and other layers of the list are transposed; say which are, or give a graph",
          group.number(),
          layer.name(),
          layer.shape("weight"));
    }
    if (LayerShape.isProvenTransposed(layer, channels)
        && !request.transposed().contains(layer.name())) {
      taken.add(
          "'%s' is taken for a ConvTranspose, since only so does its weight %s fit the %d channels of '%s'"
              .formatted(layer.name(), layer.shape("weight"), channels, norm.name()));
    }
    return LayerShape.of(layer, channels, request.transposed())
        .filter(shape -> layer.tensor("bias").isEmpty() || layer.shape("bias").dim(0) == channels)
        .orElseThrow(
            () ->
                ModuleListException.of(
                    Reason.CHANNEL_MISMATCH,
                    "group %d: the weight of '%s' is %s, and '%s' has %d channels",
                    group.number(),
                    layer.name(),
                    layer.shape("weight"),
                    norm.name(),
                    channels));
  }

  private static boolean isProvenTransposed(StateGroup group) {
    return group
        .norm()
        .filter(StateModule::isNorm)
        .filter(
            norm -> LayerShape.isProvenTransposed(group.first(), norm.shape("running_var").dim(0)))
        .isPresent();
  }
}
