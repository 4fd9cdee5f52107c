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

import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.TorchSequences;
import dev.fusewright.io.format.WholeModules.NeighbourGroup;
import dev.fusewright.io.format.WholeModules.Neighbours;
import dev.fusewright.io.torch.PickledModule.Hooks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The layers with a BatchNorm that follow one another in a Sequential.
 *
 * <p>A Sequential calls its children in their order, if it is called as a whole. That its module is
 * so called is known only where every module that holds it is a Sequential or DataParallel;
 * elsewhere it is a premise, since a user's {@code forward} may index or iterate over it.
 */
final class ModuleNeighbours {
  private static final String TORCH = "torch.nn.modules.";

  /** Classes that have the {@code forward} of Sequential, all of them by inheritance. */
  private static final Set<String> SEQUENTIAL =
      Set.of(
          "torch.nn.modules.container.Sequential",
          "torchvision.models.mobilenetv2.ConvBNActivation",
          "torchvision.models.mobilenetv2.ConvBNReLU",
          "torchvision.models.mobilenetv2.ConvNormActivation",
          "torchvision.ops.misc.Conv2dNormActivation",
          "torchvision.ops.misc.Conv3dNormActivation",
          "torchvision.ops.misc.ConvNormActivation");

  /** The norms that PyTorch's fusers know. */
  private static final Pattern FOLDED_NORM = Pattern.compile("BatchNorm[123]d");

  private static final String DATA_PARALLEL = "torch.nn.parallel.data_parallel.DataParallel";

  private final ModuleTree tree;
  private final PickleLayout layout;
  private final FusionMode mode;

  ModuleNeighbours(ModuleTree tree, PickleLayout layout, FusionMode mode) {
    this.tree = tree;
    this.layout = layout;
    this.mode = mode;
  }

  /** The groups, and the BatchNorms that are in none. */
  Neighbours found() {
    List<NeighbourGroup> groups = new ArrayList<>();
    Set<String> grouped = new HashSet<>();
    for (PickledModule module : tree.modules().values()) {
      if (isSequential(module)) {
        inside(module, groups, grouped);
      }
    }
    return new Neighbours(groups, unknown(grouped));
  }

  private void inside(PickledModule sequential, List<NeighbourGroup> groups, Set<String> grouped) {
    List<PickledModule> children = tree.children(sequential);
    for (int i = 0; i + 1 < children.size(); i++) {
      int length = length(children, i);
      if (length > 0) {
        List<PickledModule> members = children.subList(i, i + length);
        List<String> names = members.stream().map(PickledModule::name).toList();
        groups.add(new NeighbourGroup(names, premises(sequential, members)));
        grouped.addAll(names);
      }
    }
  }

  /** How many children from one on are fused: three, two, or none. */
  private int length(List<PickledModule> children, int from) {
    for (int length = 3; length > 1; length--) {
      if (from + length <= children.size() && isGroup(children.subList(from, from + length))) {
        return length;
      }
    }
    return 0;
  }

  private boolean isGroup(List<PickledModule> members) {
    List<String> types = members.stream().map(ModuleNeighbours::simpleType).toList();
    return types.get(1).startsWith("BatchNorm")
        && TorchSequences.module(types, mode).isPresent()
        && members.subList(0, 2).stream().allMatch(this::isNobodyElses)
        && members.stream().allMatch(member -> member.replacedMethod().isEmpty())
        && isWithoutInnerHooks(members);
  }

  private boolean isNobodyElses(PickledModule member) {
    return tree.isUnique(member) && !layout.isRecalled(member.object());
  }

  /** A hook may look at, or change, what lies between two members. */
  private static boolean isWithoutInnerHooks(List<PickledModule> members) {
    PickledModule last = members.get(members.size() - 1);
    return members.stream()
        .allMatch(
            member ->
                member.hooks(Hooks.PRE).isEmpty()
                    && (member == last || member.hooks(Hooks.FORWARD).isEmpty())
                    && !member.hasSpecialHooks());
  }

  private static String simpleType(PickledModule module) {
    String type = module.type();
    return type.startsWith(TORCH) ? type.substring(type.lastIndexOf('.') + 1) : type;
  }

  private List<String> premises(PickledModule sequential, List<PickledModule> members) {
    List<String> premises = new ArrayList<>();
    PickledModule outermost = sequential;
    List<PickledModule> holders = new ArrayList<>(List.of(sequential));
    holders.addAll(tree.ancestors(sequential.name()));
    for (PickledModule holder : holders) {
      if (!isKnown(holder)) {
        premises.add(
            "'%s' is called as a whole by the code of %s"
                .formatted(outermost.name(), Descriptions.shortened(holder.type())));
        break;
      }
      outermost = holder;
    }
    holders.stream()
        .filter(holder -> holder.hasHooks() || holder.hasSpecialHooks())
        .forEach(
            holder ->
                premises.add(
                    "the hooks of '%s' change no value and call nothing inside of it"
                        .formatted(holder.name())));
    if (holders.stream().anyMatch(holder -> layout.isRecalled(holder.object()))) {
      premises.add(
          "what else in the file refers to '%s', or what holds it, calls it as a whole"
              .formatted(sequential.name()));
    }
    if (mode == FusionMode.EVAL && members.get(1).isTraining()) {
      premises.add(trainingPremise(members.get(1)));
    }
    if (simpleType(members.get(1)).equals("BatchNorm1d")) {
      boolean isLinear = simpleType(members.get(0)).equals("Linear");
      premises.add(
          "the input of '%s' has %s axes"
              .formatted(members.get(0).name(), isLinear ? "two" : "three"));
    }
    return premises;
  }

  static String trainingPremise(PickledModule norm) {
    return "'%s', saved in train mode, is to be folded as in eval mode".formatted(norm.name());
  }

  private static boolean isKnown(PickledModule module) {
    return isSequential(module)
        || (module.type().equals(DATA_PARALLEL) && module.replacedMethod().isEmpty());
  }

  /** Whether a module calls its children in their order. */
  static boolean isSequential(PickledModule module) {
    return SEQUENTIAL.contains(module.type()) && module.replacedMethod().isEmpty();
  }

  /**
   * The BatchNorms that no group has, by the class that holds them, and then the norms of other
   * classes, by theirs.
   */
  private List<String> unknown(Set<String> grouped) {
    Map<String, List<String>> left = new LinkedHashMap<>();
    Map<String, List<String>> others = new LinkedHashMap<>();
    for (PickledModule module : tree.modules().values()) {
      if (FOLDED_NORM.matcher(simpleType(module)).matches()) {
        if (!grouped.contains(module.name())) {
          String holder = tree.parent(module.name()).map(PickledModule::type).orElse("");
          left.computeIfAbsent(holder, type -> new ArrayList<>()).add(module.name());
        }
      } else if (isNorm(module)) {
        others.computeIfAbsent(module.type(), type -> new ArrayList<>()).add(module.name());
      }
    }
    List<String> sentences = new ArrayList<>();
    left.forEach((holder, names) -> sentences.add(unknown(holder, names)));
    others.forEach((type, names) -> sentences.add(without(type, names)));
    return sentences;
  }

  /** By the name of its class; one that only holds norms has nothing of its own. */
  private boolean isNorm(PickledModule module) {
    return ModuleTree.local(module.type()).contains("Norm")
        && (tree.children(module).isEmpty()
            || module.parameter("weight").isPresent()
            || module.dict("_buffers").filter(own -> own.get("running_var") != null).isPresent());
  }

  private static String without(String type, List<String> names) {
    return "%s not fused: fuse_modules has no fuser for %s"
        .formatted(first(names), Descriptions.shortened(ModuleTree.local(type)));
  }

  private static String first(List<String> names) {
    return names.size() == 1
        ? "'%s' is".formatted(names.get(0))
        : "'%s' and %d more are".formatted(names.get(0), names.size() - 1);
  }

  private static String unknown(String holder, List<String> names) {
    boolean isOne = names.size() == 1;
    String pronoun = isOne ? "it" : "them";
    String why =
        SEQUENTIAL.contains(holder)
            ? "no layer to fold into stands before %s, or a hook or another reference forbids it"
                .formatted(pronoun)
            : "what stands before %s is in the code of %s, which is not read; a list can name %s"
                .formatted(pronoun, Descriptions.shortened(holder), pronoun);
    return "%s not fused: %s".formatted(first(names), why);
  }
}
