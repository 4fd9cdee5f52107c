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
import dev.fusewright.core.plan.Refusal;
import dev.fusewright.core.state.StateFusion.FusedGroup;
import dev.fusewright.core.state.StateFusion.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code fuse_modules} and {@code fuse_modules_qat} on a state dict: keys, order and versions
 * exactly as PyTorch's fused model has them, so that {@code load_state_dict(strict=True)} takes the
 * result.
 *
 * <p>The list is carried out as a whole or not at all: a name that does not exist, a sequence
 * without a fuser or channels that do not fit end in a {@link ModuleListException}. Only a
 * parameter that makes a fold unsound (NaN, a variance that is not positive) leaves its own group
 * as it was, with a refusal.
 */
public final class StateFuser {
  private static final String IDENTITY = "Identity";

  private final StateModules modules;
  private final boolean unversioned;
  private final StateFusionRequest request;
  private final StateDirectory directory;

  private final Map<String, String> types = new HashMap<>();
  private final Map<String, Container> containers = new LinkedHashMap<>();
  private final Set<String> identities = new HashSet<>();
  private final List<FusedGroup> groups = new ArrayList<>();
  private final List<FoldedPair> pairs = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private StateFuser(StateModules modules, boolean unversioned, StateFusionRequest request) {
    this.modules = modules;
    this.unversioned = unversioned;
    this.request = request;
    this.directory =
        new StateDirectory(modules, request.stage().mode(), request.transposed(), request.prefix());
  }

  /**
   * Fuses a state dict.
   *
   * @throws ModuleListException if the list cannot be carried out; nothing is fused then
   */
  public static StateFusion fuse(StateDict state, StateFusionRequest request) {
    StateDict modern = LegacyConvBn.modernized(state);
    return new StateFuser(StateModules.of(modern), modern.versions().isEmpty(), request).fuse();
  }

  private StateFusion fuse() {
    List<List<String>> expanded = request.modules().expand(directory);
    List<Group> resolved = new ArrayList<>();
    for (int i = 0; i < expanded.size(); i++) {
      Group group = resolve(i + 1, expanded.get(i));
      resolved.add(group);
      claim(group);
    }
    boolean transposedSeen = resolved.stream().anyMatch(StateFuser::isProvenTransposed);
    for (Group group : resolved) {
      carryOut(group, transposedSeen);
    }
    StateModules fused =
        new StateRewriting(modules, containers, identities, request, notes).rewrite();
    boolean quiet = unversioned && request.stage() == StateStage.EVAL;
    StateDict state =
        fused.stateDict(quiet ? StateModules.Versions.LEFT_OUT : StateModules.Versions.KEPT);
    return new StateFusion(state, groups, pairs, refusals, notes);
  }

  // ------------------------------------------------------------- what is listed

  /**
   * A group of the list.
   *
   * @param members null where a module without parameters is not even listed in the file
   */
  private record Group(
      int number, List<String> names, List<String> types, String fused, List<StateModule> members) {
    StateModule first() {
      return members.get(0);
    }

    /** The BatchNorm behind the layer, if there is one. */
    Optional<StateModule> norm() {
      return members.size() > 1 && types.get(1).startsWith("BatchNorm")
          ? Optional.of(members.get(1))
          : Optional.empty();
    }

    boolean endsInRelu() {
      return types.get(types.size() - 1).equals(StateDirectory.RELU);
    }
  }

  private Group resolve(int number, List<String> names) {
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
    return new Group(number, full, current, fused, members);
  }

  private StateModule member(int number, String name) {
    StateModule module = modules.get(name);
    if (module != null && !modules.hasChildren(name)) {
      return module;
    }
    if (module == null && unversioned) {
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
  private void claim(Group group) {
    types.put(group.names().get(0), group.fused());
    for (int i = 1; i < group.names().size(); i++) {
      // One BatchNorm after two layers can be folded into both.
      if (!group.types().get(i).startsWith("BatchNorm") || request.stage() != StateStage.EVAL) {
        types.put(group.names().get(i), IDENTITY);
      }
    }
  }

  // ------------------------------------------------------------ what becomes of it

  private void carryOut(Group group, boolean transposedSeen) {
    Optional<StateModule> norm = group.norm();
    if (norm.isPresent()) {
      LayerShape shape = shape(group, norm.get(), transposedSeen);
      if (request.stage() == StateStage.EVAL) {
        if (!fold(group, norm.get(), shape)) {
          return;
        }
      } else {
        containers.put(
            group.first().name(),
            Container.withNorm(group.first(), norm.get(), group.endsInRelu()));
        groups.add(new FusedGroup(group.names(), group.fused(), Result.RENAMED));
      }
    } else {
      Container before = containers.get(group.first().name());
      StateModule first = before == null ? group.first() : before.layer();
      containers.put(group.first().name(), Container.withRelu(first));
      groups.add(new FusedGroup(group.names(), group.fused(), Result.RENAMED));
    }
    if (group.endsInRelu()) {
      String relu = group.names().get(group.names().size() - 1);
      notes.add("'%s' has no parameters, and is taken for a ReLU as listed".formatted(relu));
    }
    identities.addAll(group.names().subList(1, group.names().size()));
  }

  private boolean fold(Group group, StateModule norm, LayerShape shape) {
    NormFold.Outcome outcome =
        new NormFold(group.first(), norm, shape)
            .fold(request.epsilons().of(withoutPrefix(norm.name())), request.arithmetic());
    if (outcome instanceof NormFold.Outcome.Refused refused) {
      refusals.add(refused.refusal());
      return false;
    }
    FoldedPair pair = ((NormFold.Outcome.Folded) outcome).pair();
    Map<String, StateEntry> entries = new LinkedHashMap<>(group.first().entries());
    entries.put("weight", new StateEntry.Parameter(pair.foldedWeight()));
    entries.put("bias", new StateEntry.Parameter(pair.foldedBias()));
    StateModule folded = new StateModule(group.first().name(), group.first().version(), entries);
    containers.put(
        group.first().name(),
        group.endsInRelu() ? Container.withRelu(folded) : Container.bare(folded));
    pairs.add(pair);
    groups.add(new FusedGroup(group.names(), group.fused(), Result.FOLDED));
    return true;
  }

  private LayerShape shape(Group group, StateModule norm, boolean transposedSeen) {
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
      notes.add(
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

  private static boolean isProvenTransposed(Group group) {
    return group
        .norm()
        .filter(StateModule::isNorm)
        .filter(
            norm -> LayerShape.isProvenTransposed(group.first(), norm.shape("running_var").dim(0)))
        .isPresent();
  }

  private String withoutPrefix(String name) {
    return name.startsWith(request.prefix()) ? name.substring(request.prefix().length()) : name;
  }
}
