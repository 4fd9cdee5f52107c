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
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.state.StateFusion.FusedGroup;
import dev.fusewright.core.state.StateFusion.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code fuse_modules} and {@code fuse_modules_qat} on a state dict: keys, order and versions
 * exactly as PyTorch's fused model has them, so that {@code load_state_dict(strict=True)} takes the
 * result.
 *
 * <p>The list is carried out as a whole or not at all: a name that does not exist, a sequence
 * without a fuser or channels that do not fit end in a {@link ModuleListException}. Only a
 * parameter that makes a fold unsound (NaN, a variance that is not positive) leaves its own group
 * as it was, with a refusal, and with it the groups that share a module with it: of a BatchNorm
 * behind two layers, both keep it or none does.
 */
public final class StateFuser {
  private static final String IDENTITY = "Identity";

  private final StateModules modules;
  private final boolean unversioned;
  private final StateFusionRequest request;
  private final StateDirectory directory;

  private final Map<String, String> types = new HashMap<>();
  private final Set<String> normed = new HashSet<>();
  private final Map<String, Container> containers = new LinkedHashMap<>();
  private final Set<String> identities = new HashSet<>();
  private final List<FusedGroup> groups = new ArrayList<>();
  private final List<FusedGroup> dropped = new ArrayList<>();
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
    List<Planned> sound = soundOnes(resolved);
    sound.forEach(this::carryOut);
    StateModules fused =
        new StateRewriting(modules, containers, identities, request, notes).rewrite();
    boolean quiet = unversioned && request.stage() == StateStage.EVAL;
    StateDict state =
        fused.stateDict(quiet ? StateModules.Versions.LEFT_OUT : StateModules.Versions.KEPT);
    return new StateFusion(state, groups, dropped, pairs, refusals, notes);
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
    if (group.norm().isPresent() && !normed.add(group.names().get(0))) {
      throw ModuleListException.of(
          Reason.SHARED_MODULE,
          "group %d [%s]: an earlier group gives '%s' a BatchNorm already, and a layer takes one",
          group.number(),
          String.join(", ", group.names()),
          group.names().get(0));
    }
    types.put(group.names().get(0), group.fused());
    for (int i = 1; i < group.names().size(); i++) {
      // One BatchNorm after two layers can be folded into both.
      if (!group.types().get(i).startsWith("BatchNorm") || request.stage() != StateStage.EVAL) {
        types.put(group.names().get(i), IDENTITY);
      }
    }
  }

  // ------------------------------------------------------------ what becomes of it

  /** A group that can be carried out, the fold of its BatchNorm where it has one that is folded. */
  private record Planned(Group group, Optional<FoldedPair> pair, List<String> notes) {
    FusedGroup fused() {
      return new FusedGroup(
          group.names(), group.fused(), pair.isPresent() ? Result.FOLDED : Result.RENAMED, notes);
    }
  }

  /** The groups that are neither refused nor dropped, by themselves or for a module they share. */
  private List<Planned> soundOnes(List<Group> all) {
    boolean transposedSeen = all.stream().anyMatch(StateFuser::isProvenTransposed);
    Map<String, Group> kept = new HashMap<>();
    List<Planned> sound = new ArrayList<>();
    for (Group group : all) {
      Optional<Planned> planned = planned(group, transposedSeen);
      if (planned.isEmpty()) {
        keep(group, kept);
      } else if (request.isDropped(group.names())) {
        dropped.add(planned.get().fused());
        keep(group, kept);
      } else {
        sound.add(planned.get());
      }
    }
    for (Planned next = sharing(sound, kept); next != null; next = sharing(sound, kept)) {
      sound.remove(next);
      leaveWith(next, kept);
      keep(next.group(), kept);
    }
    return sound;
  }

  private static void keep(Group group, Map<String, Group> kept) {
    group.names().forEach(name -> kept.putIfAbsent(name, group));
  }

  private static @Nullable Planned sharing(List<Planned> sound, Map<String, Group> kept) {
    return sound.stream()
        .filter(planned -> planned.group().names().stream().anyMatch(kept::containsKey))
        .findFirst()
        .orElse(null);
  }

  /** A group whose neighbour stays as it is: dropped with a dropped one, refused with a refused. */
  private void leaveWith(Planned planned, Map<String, Group> kept) {
    List<String> names = planned.group().names();
    String shared = names.stream().filter(kept::containsKey).findFirst().orElseThrow();
    Group neighbour = Objects.requireNonNull(kept.get(shared));
    if (dropped.stream().anyMatch(group -> group.names().equals(neighbour.names()))) {
      dropped.add(planned.fused());
    } else {
      refusals.add(
          new Refusal(
              ModuleListException.RULE,
              ScopePath.MAIN,
              names,
              Reason.SHARED_MODULE,
              "'%s' also stands in [%s], which stays as it is"
                  .formatted(shared, String.join(", ", neighbour.names()))));
    }
  }

  /** Empty if it was refused. */
  private Optional<Planned> planned(Group group, boolean transposedSeen) {
    List<String> taken = new ArrayList<>();
    Optional<FoldedPair> pair = Optional.empty();
    if (group.norm().isPresent()) {
      LayerShape shape = shape(group, group.norm().get(), transposedSeen, taken);
      if (request.stage() == StateStage.EVAL) {
        pair = fold(group, group.norm().get(), shape);
        if (pair.isEmpty()) {
          return Optional.empty();
        }
      }
    }
    if (group.endsInRelu()) {
      String relu = group.names().get(group.names().size() - 1);
      taken.add("'%s' has no parameters, and is taken for a ReLU as listed".formatted(relu));
    }
    return Optional.of(new Planned(group, pair, taken));
  }

  private Optional<FoldedPair> fold(Group group, StateModule norm, LayerShape shape) {
    NormFold.Outcome outcome =
        new NormFold(group.first(), norm, shape)
            .fold(request.epsilons().of(withoutPrefix(norm.name())), request.arithmetic());
    if (outcome instanceof NormFold.Outcome.Refused refused) {
      refusals.add(refused.refusal());
      return Optional.empty();
    }
    return Optional.of(((NormFold.Outcome.Folded) outcome).pair());
  }

  private void carryOut(Planned planned) {
    Group group = planned.group();
    String name = group.first().name();
    if (planned.pair().isPresent()) {
      StateModule folded = withParameters(group.first(), planned.pair().get());
      containers.put(
          name, group.endsInRelu() ? Container.withRelu(folded) : Container.bare(folded));
      pairs.add(planned.pair().get());
    } else if (group.norm().isPresent()) {
      containers.put(
          name, Container.withNorm(group.first(), group.norm().get(), group.endsInRelu()));
    } else {
      Container before = containers.get(name);
      containers.put(name, Container.withRelu(before == null ? group.first() : before.layer()));
    }
    groups.add(planned.fused());
    identities.addAll(group.names().subList(1, group.names().size()));
  }

  private static StateModule withParameters(StateModule layer, FoldedPair pair) {
    Map<String, StateEntry> entries = new LinkedHashMap<>(layer.entries());
    entries.put("weight", new StateEntry.Parameter(pair.foldedWeight()));
    entries.put("bias", new StateEntry.Parameter(pair.foldedBias()));
    return new StateModule(layer.name(), layer.version(), entries);
  }

  private LayerShape shape(
      Group group, StateModule norm, boolean transposedSeen, List<String> taken) {
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
