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
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.FusedGroup;
import dev.fusewright.core.state.ModuleGroup;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.archive.StridedSource;
import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WholeModules.FusedModule;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.None;
import dev.fusewright.io.torch.PickledModule.Hooks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What {@code fuse_modules} and {@code fuse_modules_qat} do to one module, as operations behind its
 * pickle.
 *
 * <p>The first module of a group is folded in its place, where PyTorch folds a deep copy: so no one
 * else may refer to it. Containers and Identities are new objects; everything else is recalled from
 * the pickle's memo.
 */
final class ModuleFusion {
  private static final String CONTAINERS = "torch.nn.intrinsic.modules.fused";
  private static final Global IDENTITY = new Global("torch.nn.modules.linear", "Identity");
  static final String HINT = "; --as state-dict writes its parameters";

  private final ModuleTree tree;
  private final PickledFile file;
  private final PickleLayout layout;
  private final HookEdits hooks = new HookEdits();

  /** Fusion of the modules of a tree. */
  ModuleFusion(ModuleTree tree, PickledFile file) {
    this.tree = tree;
    this.file = file;
    this.layout = file.layout();
  }

  // ------------------------------------------------------------------------------ conditions

  /**
   * Refuses groups that PyTorch refuses, and those whose module cannot be written again.
   *
   * @param observed of the stage PREPARED: the modules of no group that are to be observed
   * @throws ModuleListException for the first such group
   */
  void check(List<ModuleGroup> groups, StateStage stage, Set<String> observed) {
    for (int i = 0; i < groups.size(); i++) {
      check(i + 1, groups.get(i), stage);
    }
    if (stage == StateStage.PREPARED) {
      new ModulePreparation(tree, file).check(groups, observed);
    }
  }

  /**
   * Refuses groups that the objects disprove: a method of an object's own, a Sequential that calls
   * something between two members.
   *
   * @throws ModuleListException for the first such group
   */
  void confirm(List<ModuleGroup> groups) {
    for (int i = 0; i < groups.size(); i++) {
      List<PickledModule> members = members(i + 1, groups.get(i));
      for (PickledModule member : members) {
        requireOwnMethods(i + 1, member);
      }
      requireOrder(i + 1, members);
    }
  }

  private List<PickledModule> members(int number, ModuleGroup group) {
    List<PickledModule> members = new ArrayList<>();
    for (int i = 0; i < group.names().size(); i++) {
      members.add(member(number, group, i));
    }
    return members;
  }

  private void check(int number, ModuleGroup group, StateStage stage) {
    List<PickledModule> members = members(number, group);
    boolean isFolded = stage == StateStage.EVAL && group.norm().isPresent();
    if (group.norm().isPresent()) {
      requireMode(number, group, members, isFolded);
    }
    requireMemo(number, group, members, isFolded);
    if (isFolded) {
      requireWholeTransposed(number, members.get(0));
      requireOwn(number, members.get(0));
      requireParameters(number, members.get(0));
    }
    for (PickledModule member : members) {
      requireUnique(number, member);
      requireMovable(number, member);
      requirePlace(number, member);
    }
  }

  /** A class says what a module computes where the object has nothing of its own in its place. */
  private static void requireOwnMethods(int number, PickledModule member) {
    member
        .replacedMethod()
        .ifPresent(
            method -> {
              throw ModuleListException.of(
                  Reason.WHOLE_MODULE,
                  "group %d: '%s' has a '%s' of its own, so that its class does not say what it computes",
                  number,
                  member.name(),
                  method);
            });
  }

  /** What a Sequential calls between two members, or the other way round, disproves the group. */
  private void requireOrder(int number, List<PickledModule> members) {
    Optional<PickledModule> holder =
        tree.parent(members.get(0).name()).filter(ModuleNeighbours::isSequential);
    if (holder.isEmpty()
        || members.stream()
            .anyMatch(
                member -> tree.parent(member.name()).filter(holder.get()::equals).isEmpty())) {
      return;
    }
    List<PickledModule> children = tree.children(holder.get());
    for (int i = 0; i + 1 < members.size(); i++) {
      int from = children.indexOf(members.get(i));
      int to = children.indexOf(members.get(i + 1));
      if (to < from) {
        throw ModuleListException.of(
            Reason.NOT_FUSABLE_SEQUENCE,
            "group %d: '%s' is called after '%s'",
            number,
            members.get(i).name(),
            members.get(i + 1).name());
      }
      for (PickledModule between : children.subList(from + 1, to)) {
        if (!isPassedThrough(between)) {
          throw ModuleListException.of(
              Reason.NOT_FUSABLE_SEQUENCE,
              "group %d: '%s', a %s, stands between '%s' and '%s'",
              number,
              between.name(),
              Descriptions.shortened(between.type()),
              members.get(i).name(),
              members.get(i + 1).name());
        }
      }
    }
  }

  private static boolean isPassedThrough(PickledModule module) {
    return module.type().equals("torch.nn.modules.linear.Identity")
        || (module.type().startsWith("torch.nn.modules.dropout.") && !module.isTraining());
  }

  private PickledModule member(int number, ModuleGroup group, int index) {
    String name = group.names().get(index);
    String type = group.types().get(index);
    PickledModule module =
        tree.at(name)
            .orElseThrow(
                () ->
                    ModuleListException.of(
                        Reason.NO_SUCH_MODULE, "group %d: the module has no '%s'", number, name));
    if (!module.type().equals(packageOf(type) + "." + type)) {
      throw ModuleListException.of(
          Reason.NOT_FUSABLE_SEQUENCE,
          "group %d: '%s' is a %s, and no %s",
          number,
          name,
          Descriptions.shortened(module.type()),
          type);
    }
    return module;
  }

  private static String packageOf(String type) {
    if (type.startsWith("Conv")) {
      return "torch.nn.modules.conv";
    } else if (type.startsWith("BatchNorm")) {
      return "torch.nn.modules.batchnorm";
    }
    return type.equals("Linear") ? "torch.nn.modules.linear" : "torch.nn.modules.activation";
  }

  private static void requireMode(
      int number, ModuleGroup group, List<PickledModule> members, boolean isFolded) {
    boolean isTraining = members.get(0).isTraining();
    if (members.stream().anyMatch(member -> member.isTraining() != isTraining)) {
      throw ModuleListException.of(
          Reason.MODE_MISMATCH,
          "group %d [%s]: %s and BN both must be in the same mode (train or eval).",
          number,
          String.join(", ", group.names()),
          layerWord(group.types().get(0)));
    }
    if (isFolded && isTraining) {
      throw ModuleListException.of(
          Reason.TRAINING_MODE,
          "group %d [%s]: Fusion only for eval! The module was saved in train mode: call eval() before it is saved%s",
          number,
          String.join(", ", group.names()),
          HINT);
    }
  }

  private static String layerWord(String type) {
    return type.startsWith("ConvTranspose")
        ? "ConvTranspose"
        : type.startsWith("Conv") ? "Conv" : "Linear";
  }

  /** PyTorch itself fails on these, or makes a weight of another shape. */
  private static void requireWholeTransposed(int number, PickledModule layer) {
    long groups = layer.integer("groups").orElse(1L);
    if (layer.object().type().name().startsWith("ConvTranspose") && groups != 1) {
      throw ModuleListException.of(
          Reason.UNSUPPORTED_ATTRIBUTE,
          "group %d: '%s' is a ConvTranspose of %d groups, of which fuse_modules makes no right module%s",
          number,
          layer.name(),
          groups,
          HINT);
    }
  }

  /** A module that is folded in its place is nobody else's. */
  private void requireOwn(int number, PickledModule layer) {
    if (layout.isRecalled(layer.object())) {
      throw ModuleListException.of(
          Reason.SHARED_MODULE,
          "group %d: the file refers to '%s' in another place too, where it would change with this one%s",
          number,
          layer.name(),
          HINT);
    }
  }

  /** What is folded are parameters, and nothing hides them. */
  private static void requireParameters(int number, PickledModule layer) {
    boolean isHidden =
        layer
            .dict("_buffers")
            .filter(own -> own.get("weight") != null || own.get("bias") != null)
            .isPresent();
    if (isHidden || layer.parameter("weight").isEmpty()) {
      throw ModuleListException.of(
          Reason.WHOLE_MODULE,
          "group %d: '%s' has its weight or bias among its buffers%s",
          number,
          layer.name(),
          HINT);
    }
  }

  /** A name with a dot in it, or one that stands for two modules, leads elsewhere. */
  private void requirePlace(int number, PickledModule member) {
    boolean isThere =
        tree.parent(member.name())
            .flatMap(parent -> parent.dict("_modules"))
            .filter(children -> children.get(ModuleTree.local(member.name())) == member.object())
            .isPresent();
    if (!isThere) {
      throw ModuleListException.of(
          Reason.NO_SUCH_MODULE,
          "group %d: '%s' is no way to one module: a name in it has a dot",
          number,
          member.name());
    }
  }

  private void requireUnique(int number, PickledModule member) {
    List<PickledModule> all = new ArrayList<>(tree.ancestors(member.name()));
    if (!member.type().startsWith("torch.nn.modules.activation.")) {
      all.add(member);
    }
    for (PickledModule module : all) {
      if (!tree.isUnique(module)) {
        throw ModuleListException.of(
            Reason.SHARED_MODULE,
            "group %d: '%s' stands in the module under several names%s",
            number,
            module.name(),
            HINT);
      }
    }
  }

  private static void requireMovable(int number, PickledModule member) {
    if (member.hasSpecialHooks()) {
      throw ModuleListException.of(
          Reason.WHOLE_MODULE,
          "group %d: a hook of '%s' is called with keywords or always, which fuse_modules forgets when it moves it%s",
          number,
          member.name(),
          HINT);
    }
  }

  private void requireMemo(
      int number, ModuleGroup group, List<PickledModule> members, boolean isFolded) {
    List<PickleValue> recalled = new ArrayList<>();
    for (PickledModule member : members) {
      tree.parent(member.name())
          .flatMap(parent -> parent.dict("_modules"))
          .ifPresent(recalled::add);
      recalled.add(member.object());
      for (Hooks kind : Hooks.values()) {
        member.hooks(kind).forEach(hook -> recalled.addAll(List.of(hook.key(), hook.value())));
      }
    }
    if (isFolded) {
      members.get(0).dict("_parameters").ifPresent(recalled::add);
    }
    PickleTail tail = new PickleTail(layout, file.idForm());
    if (!layout.isRegular() || !recalled.stream().allMatch(tail::isRecallable)) {
      throw ModuleListException.of(
          Reason.WHOLE_MODULE,
          "group %d [%s]: the pickle uses its memo as Python does not (%s), so that nothing can be put in their place%s",
          number,
          String.join(", ", group.names()),
          PickleLayout.IRREGULAR,
          HINT);
    }
  }

  /** What the fold of parameters takes for granted, whatever becomes of the modules. */
  List<String> foldPremises(List<ModuleGroup> groups) {
    List<String> premises = new ArrayList<>();
    for (ModuleGroup group : groups) {
      for (PickledModule member :
          group.names().stream().flatMap(name -> tree.at(name).stream()).toList()) {
        if (member.hasHooks() || member.hasSpecialHooks()) {
          premises.add("the hooks of '%s' change no value".formatted(member.name()));
        }
      }
      group
          .norm()
          .flatMap(tree::at)
          .filter(PickledModule::isTraining)
          .ifPresent(norm -> premises.add(ModuleNeighbours.trainingPremise(norm)));
    }
    return premises;
  }

  /** What has to be taken for granted of groups that passed, a sentence each. */
  List<String> premises(List<ModuleGroup> groups) {
    List<String> premises = new ArrayList<>();
    Set<String> classes = new TreeSet<>();
    for (ModuleGroup group : groups) {
      for (String name : group.names()) {
        tree.at(name).ifPresent(member -> hookPremise(group, member).ifPresent(premises::add));
        tree.ancestors(name).stream()
            .map(PickledModule::type)
            .filter(type -> !type.startsWith("torch.nn."))
            .forEach(classes::add);
      }
    }
    classes.forEach(
        type ->
            premises.add(
                "%s takes its state as torch.nn.Module does"
                    .formatted(Descriptions.shortened(type))));
    return premises;
  }

  private static Optional<String> hookPremise(ModuleGroup group, PickledModule member) {
    if (group.norm().isEmpty() || !member.hasHooks()) {
      return Optional.empty();
    }
    boolean isFirst = member.name().equals(group.first());
    boolean isLast = member.name().equals(group.names().get(group.names().size() - 1));
    String becomes =
        isFirst && !member.hooks(Hooks.PRE).isEmpty()
            ? ", the first of which fuse_modules has called twice,"
            : isFirst || isLast ? "" : ", which fuse_modules leaves out,";
    return Optional.of("the hooks of '%s'%s change no value".formatted(member.name(), becomes));
  }

  // ------------------------------------------------------------------------------ operations

  /**
   * Writes what becomes of the module.
   *
   * @param slot of the memo, free
   */
  void emit(StatePath path, FusedModule fused, PickleTail tail, StorageEdits edits, int slot) {
    Set<String> contained = new TreeSet<>();
    for (FusedGroup group : fused.groups()) {
      if (isContained(group)) {
        contained.add(group.group().first());
      }
    }
    for (FusedGroup group : fused.groups()) {
      if (group.fusion().result() == Fusion.Result.FOLDED) {
        String name = group.group().first();
        String key = contained.contains(name) ? name + ".0" : name;
        PickledModule layer = at(name);
        fold(path, fused.state(), layer, key, "weight", tail, edits);
        fold(path, fused.state(), layer, key, "bias", tail, edits);
      }
    }
    QuantizerTail quantizers =
        fused
            .config()
            .map(
                config ->
                    new QuantizerTail(
                        path,
                        fused.state(),
                        config,
                        new ModulePreparation(tree, file).location(),
                        tail,
                        edits,
                        slot))
            .orElse(null);
    Set<String> grouped = new TreeSet<>();
    for (FusedGroup group : fused.groups()) {
      replace(group, quantizers, tail);
      grouped.addAll(group.group().names());
    }
    if (quantizers != null) {
      new ModulePreparation(tree, file).emitLone(grouped, hooks, quantizers, tail);
    }
    hooks.emit(tail);
  }

  private static boolean isContained(FusedGroup group) {
    return !group.fusion().module().equals(group.group().types().get(0));
  }

  private PickledModule at(String name) {
    return tree.at(name)
        .orElseThrow(() -> new IllegalStateException("'" + name + "' was there before"));
  }

  private void fold(
      StatePath path,
      StateDict state,
      PickledModule layer,
      String key,
      String local,
      PickleTail tail,
      StorageEdits edits) {
    String name = key + "." + local;
    Tensor tensor =
        state
            .tensor(name)
            .orElseThrow(() -> new IllegalStateException("'" + name + "' is not planned"));
    ComputedTensor computed = new ComputedTensor(path, name, tensor);
    Optional<TorchTensor> own = layer.parameter(local);
    if (own.filter(it -> canHold(layer, local, it, tensor)).isPresent()) {
      edits.overwrite(own.get().storage().key(), computed);
      return;
    }
    TorchType type =
        TorchType.of(tensor.type())
            .filter(known -> !known.storageClass().isEmpty())
            .orElseThrow(
                () -> new IllegalStateException("no layer is folded in " + tensor.type().text()));
    String storageKey = edits.add(computed);
    String location = layer.parameter("weight").map(it -> it.storage().location()).orElse("cpu");
    TorchTensor fresh =
        TorchTensor.contiguous(
            new TorchStorage(storageKey, type, location, tensor.shape().elementCount()),
            tensor.shape());
    Dict parameters = layer.dict("_parameters").orElseThrow();
    // As PyTorch 2 does: a bias that was not there asks for no gradient.
    boolean isTrained = own.isPresent() && layer.isTrained(local);
    tail.inside(parameters).text(local).parameter(fresh, storageKey, isTrained).set().outside();
  }

  /** Whether the bytes of a parameter can take the place of its former ones. */
  private boolean canHold(PickledModule layer, String local, TorchTensor own, Tensor computed) {
    PickleValue value = layer.parameterValue(local).orElse(None.NONE);
    return file.isOwned(own.storage())
        && !layout.isRecalled(value)
        && own.offset() == 0
        && own.storage().byteCount() == computed.byteCount()
        && own.type() == own.storage().type()
        && own.type().elementType().filter(type -> type == computed.type()).isPresent()
        && Shape.of(own.sizes()).equals(computed.shape())
        && StridedSource.isContiguous(own.sizes(), own.strides());
  }

  private void replace(FusedGroup group, @Nullable QuantizerTail quantizers, PickleTail tail) {
    List<PickledModule> members = group.group().names().stream().map(this::at).toList();
    PickledModule first = members.get(0);
    PickledModule last = members.get(members.size() - 1);
    boolean isFolded = group.fusion().result() == Fusion.Result.FOLDED;
    List<Dict.Item> before = List.copyOf(hooks.of(first, Hooks.PRE));
    List<Dict.Item> after = List.copyOf(hooks.of(last, Hooks.FORWARD));
    hooks.of(last, Hooks.FORWARD).clear();
    if (quantizers != null && quantizers.isTrained(first.name())) {
      PickledModule norm = group.group().norm().map(this::at).orElse(null);
      set(tree, first, tail);
      quantizers.trained(
          ModulePreparation.trained(group.fusion().module()), first, norm, before, after);
      tail.set().outside();
      if (norm != null) {
        asNew(norm, tail);
      }
    } else if (isContained(group)) {
      boolean isObserved = quantizers != null && quantizers.isObserved(first.name());
      List<PickledModule> inside = new ArrayList<>(members);
      if (isFolded) {
        inside.remove(1);
      } else {
        hooks.of(first, Hooks.PRE).clear();
      }
      set(tree, first, tail);
      tail.module(new Global(CONTAINERS, group.fusion().module()), /* isTraining= */ true);
      tail.hooks(Hooks.PRE, before);
      tail.hooks(Hooks.FORWARD, isObserved ? QuantizerTail.observing(after) : after);
      if (quantizers != null) {
        quantizers.qconfig();
      }
      tail.text("_modules").orderedDict();
      for (int i = 0; i < inside.size(); i++) {
        tail.text(String.valueOf(i)).recall(inside.get(i).object()).set();
      }
      if (quantizers != null && isObserved) {
        quantizers.activation(first.name());
      }
      tail.set().op('b').set().outside();
    } else {
      // The deep copy has the hooks of the layer, and is given them once more.
      before.forEach(hook -> hooks.append(first, Hooks.PRE, hook.value()));
      after.forEach(hook -> hooks.append(first, Hooks.FORWARD, hook.value()));
    }
    for (PickledModule member : members.subList(1, members.size())) {
      set(tree, member, tail);
      tail.module(IDENTITY, first.isTraining());
      tail.hooks(Hooks.PRE, List.of()).hooks(Hooks.FORWARD, List.of());
      tail.text("_modules").orderedDict().set().op('b').set().outside();
    }
  }

  /** PyTorch makes the BatchNorm anew: it trains, and has no hooks. */
  private void asNew(PickledModule norm, PickleTail tail) {
    for (Hooks kind : Hooks.values()) {
      hooks.of(norm, kind).clear();
    }
    if (!norm.isTraining()) {
      tail.addingTo(norm.object()).text("training").bool(/* value= */ true).set().added();
    }
  }

  /** Begins to put something in a module's place. */
  static void set(ModuleTree tree, PickledModule member, PickleTail tail) {
    Dict siblings = tree.parent(member.name()).flatMap(it -> it.dict("_modules")).orElseThrow();
    tail.inside(siblings).text(ModuleTree.local(member.name()));
  }
}
