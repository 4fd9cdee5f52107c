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
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.modules.TorchSequences;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.text.Amounts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A state dict with the groups that a list names in it: every name found, every sequence one that
 * PyTorch's {@code fuse_modules} or {@code fuse_modules_qat} has a fuser for, every layer with as
 * many channels as its BatchNorm.
 */
public final class ListedState {
  private static final String IDENTITY = "Identity";
  private static final Pattern LAYER_OR_NORM =
      Pattern.compile("(Conv(Transpose)?|BatchNorm)[123]d|Linear");

  private final StateModules modules;
  private final boolean isUnversioned;
  private final boolean listsModules;
  private final Map<String, DeclaredModule> declared;
  private final Map<String, String> listedTypes = new HashMap<>();
  private final Set<String> named = new HashSet<>();
  private final StateFusionRequest request;
  private final StateDirectory directory;
  private final Map<String, String> types = new HashMap<>();
  private final Set<String> normed = new HashSet<>();
  private final Set<String> trained = new HashSet<>();
  private final List<StateGroup> groups = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private LoneModules.Prepared lone = LoneModules.Prepared.NONE;

  private ListedState(StateDict modern, StateFusionRequest request) {
    this.modules = StateModules.of(modern);
    this.isUnversioned = modern.versions().isEmpty();
    this.listsModules = modern.listsModules();
    this.declared = modern.modules();
    this.request = request.with(request.epsilons().shown(epsilons(declared, request)));
    this.directory =
        new StateDirectory(
            modules, request.stage().mode(), request.transposed(), declared, request.prefix());
  }

  /** What the file says, by names as lists write them. */
  private static Map<String, Double> epsilons(
      Map<String, DeclaredModule> declared, StateFusionRequest request) {
    Map<String, Double> epsilons = new HashMap<>();
    declared.forEach(
        (name, module) ->
            module.epsilon().stream()
                .filter(epsilon -> epsilon >= 0 && Double.isFinite(epsilon))
                .forEach(epsilon -> epsilons.put(request.withoutPrefix(name), epsilon)));
    return epsilons;
  }

  /**
   * Holds a list against a state dict.
   *
   * @throws ModuleListException if the list cannot be carried out: a name does not exist, a
   *     sequence has no fuser, channels do not fit
   */
  public static ListedState of(StateDict state, StateFusionRequest request) {
    return request.stage() == StateStage.EVAL && TrainedState.isIn(state)
        ? trained(TrainedState.of(state), request)
        : of(new ListedState(LegacyConvBn.modernized(state), request));
  }

  /** A BatchNorm inside of its layer is folded where the list names it, and stays elsewhere. */
  private static ListedState trained(TrainedState trained, StateFusionRequest request) {
    List<List<String>> groups =
        request.modules().expansion(new ListedState(trained.state(), request).directory).groups();
    List<List<String>> full =
        groups.stream()
            .map(group -> group.stream().map(name -> request.prefix() + name).toList())
            .toList();
    TrainedState wanted = trained.restrictedTo(full);
    ListedState listed = new ListedState(wanted.named(full), request);
    listed.trained.addAll(wanted.layers());
    List<String> unnamed = trained.unnamed(full);
    if (!unnamed.isEmpty()) {
      listed.notes.add(
          "%s %s a BatchNorm inside that no group names: %s and all that no group names stay as prepare_qat made them"
              .formatted(
                  quotedAll(unnamed),
                  unnamed.size() == 1 ? "has" : "have each",
                  unnamed.size() == 1 ? "it" : "they"));
    }
    List<String> bare =
        full.stream()
            .filter(group -> group.size() == 2 && wanted.layers().contains(group.get(0)))
            .map(group -> group.get(0))
            .toList();
    if (!bare.isEmpty()) {
      listed.lone =
          new LoneModules.Prepared(
              Map.of(),
              List.of(
                  "%s: no ReLU stands behind the BatchNorm inside, as it does in a ConvBnReLU"
                      .formatted(quotedAll(bare))));
    }
    return of(listed);
  }

  private static String quotedAll(List<String> names) {
    return LoneModules.first(names.stream().map("'%s'"::formatted).toList());
  }

  private static ListedState of(ListedState listed) {
    StateFusionRequest request = listed.request;
    ModuleList.Expansion expansion = request.modules().expansion(listed.directory);
    List<List<String>> expanded = expansion.groups();
    expansion
        .types()
        .forEach((name, type) -> listed.listedTypes.put(request.prefix() + name, type));
    listed.declare(expansion.declared());
    expanded.forEach(group -> group.forEach(name -> listed.named.add(request.prefix() + name)));
    List<StateGroup> found = new ArrayList<>();
    for (int i = 0; i < expanded.size(); i++) {
      StateGroup group = listed.resolve(i + 1, expanded.get(i));
      found.add(group);
      listed.claim(group);
    }
    Set<String> transposed =
        found.stream()
            .filter(ListedState::isProvenTransposed)
            .map(group -> ModuleWords.parent(group.first().name()))
            .collect(Collectors.toCollection(HashSet::new));
    transposed.addAll(listed.transposedByTheirBias());
    found.forEach(group -> listed.groups.add(listed.shaped(group, transposed)));
    listed.noteCopies();
    if (request.stage() == StateStage.PREPARED) {
      listed.prepare(expansion.unseen());
    }
    return listed;
  }

  StateModules modules() {
    return modules;
  }

  /** What stands before the list's names in those of the state dict. */
  public String prefix() {
    return request.prefix();
  }

  StateFusionRequest request() {
    return request;
  }

  /** Whether the file says itself that a layer's BatchNorm follows it: it lies inside. */
  boolean isNormInside(String layer) {
    return trained.contains(layer);
  }

  private void noteCopies() {
    new UnfusedCopies(modules, groups, named)
        .prefixes()
        .forEach(
            copies ->
                notes.add(
                    "%s there are modules of the same names and shapes as the listed ones, and they stay as they are"
                        .formatted(copies.isEmpty() ? "at the root" : "behind '" + copies + "'")));
  }

  /** The BatchNorms that no group names, a sentence; empty if there are none. */
  public Optional<String> leftNorms() {
    List<String> left =
        modules.all().stream()
            .filter(StateModule::isNorm)
            .map(StateModule::name)
            .filter(name -> !named.contains(name) && !isInsideOfAnother(name))
            .map(request::withoutPrefix)
            .toList();
    return left.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s in no group and %s: %s"
                .formatted(
                    Amounts.count(left.size(), "BatchNorm is", "BatchNorms are"),
                    left.size() == 1 ? "stays" : "stay",
                    quotedAll(left)));
  }

  /** Of a layer that stays as prepare_qat made it, which a note says. */
  private boolean isInsideOfAnother(String norm) {
    return modules.get(ModuleWords.parent(norm) + "." + TrainedState.WEIGHT) != null;
  }

  /** What the list leaves as it is, a sentence each. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** What becomes of the modules that no group names, if they are prepared. */
  LoneModules.Prepared lone() {
    return lone;
  }

  /** Types of modules that the list declares by themselves. */
  private void declare(Map<String, String> types) {
    types.forEach(
        (name, type) -> {
          String full = request.prefix() + name;
          DeclaredModule said = declared.get(full);
          if (modules.get(full) == null && listsModules) {
            throw ModuleListException.of(
                Reason.NO_SUCH_MODULE,
                "'%s' is declared a %s, and the state dict has no such module; %s has %s",
                name,
                type,
                quoted(ModuleWords.parent(full)),
                String.join(", ", modules.childrenOf(ModuleWords.parent(full))));
          }
          if (said != null && !said.type().equals(type)) {
            throw ModuleListException.of(
                Reason.NOT_FUSABLE_SEQUENCE,
                "'%s' is declared a %s, and the file says that it is a %s",
                name,
                type,
                said.type());
          }
          listedTypes.put(full, type);
        });
  }

  /**
   * Decides about the modules that no group names.
   *
   * @param unseen types that a recipe declares of modules that the file does not list
   */
  private void prepare(Set<String> unseen) {
    List<String> observed =
        unseen.stream().filter(type -> Preparation.of(type) != Preparation.NONE).sorted().toList();
    if (!listsModules && !observed.isEmpty()) {
      throw ModuleListException.of(
          Reason.UNKNOWN_TYPE,
          "the file lists no modules without parameters, as one that torch.save wrote of a state_dict() does, and models of %s have some that prepare_qat observes: %s",
          request.by(),
          String.join(", ", observed));
    }
    Set<String> grouped = new HashSet<>();
    groups.forEach(group -> grouped.addAll(group.names()));
    Map<String, String> known = new TreeMap<>(listedTypes);
    declared.forEach((name, module) -> known.put(name, module.type()));
    LoneModules.Prepared decided =
        LoneModules.of(modules, grouped, known, request.transposed(), request.prefix());
    List<String> taken = new ArrayList<>(decided.taken());
    listedTypes.keySet().stream()
        .filter(name -> !grouped.contains(name) && !declared.containsKey(name))
        .sorted()
        .collect(Collectors.groupingBy(listedTypes::get, TreeMap::new, Collectors.toList()))
        .forEach((type, names) -> taken.add(LoneModules.sentence(names, "a " + type)));
    if (!listsModules) {
      taken.add(
          "no other module is observed; those without parameters are not listed in this file");
    }
    lone = new LoneModules.Prepared(decided.byName(), taken);
  }

  /** The modules of no group whose outputs, or weights, are to be fake-quantized. */
  public Set<String> observed() {
    return lone.byName().keySet();
  }

  /** The parameters of the listed modules, counters left out, by names as lists write them. */
  public Set<String> parameters() {
    Set<String> parameters = new TreeSet<>();
    for (StateGroup group : groups) {
      for (StateModule member : group.members()) {
        member.entries().keySet().stream()
            .filter(local -> !local.equals("num_batches_tracked"))
            .forEach(local -> parameters.add(request.withoutPrefix(member.name()) + "." + local));
      }
    }
    return parameters;
  }

  /** The eps that the file says of a BatchNorm. */
  public OptionalDouble declaredEpsilon(String norm) {
    DeclaredModule said = declared.get(norm);
    return said == null ? OptionalDouble.empty() : said.epsilon();
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
    for (int i = 0; i < full.size(); i++) {
      members.add(member(number, full, i));
    }
    List<String> now = new ArrayList<>(directory.types(names));
    if (!isTyped(full.get(0)) && isProvenTransposed(members)) {
      now.set(0, now.get(0).replaceFirst("^Conv(?=[123]d$)", "ConvTranspose"));
    }
    List<String> current = new ArrayList<>();
    for (int i = 0; i < full.size(); i++) {
      String seen = types.getOrDefault(full.get(i), now.get(i));
      current.add(type(number, full.get(i), seen));
    }
    String fused =
        TorchSequences.module(current, request.stage().mode())
            .orElseThrow(() -> noFuser(number, full, current));
    return new StateGroup(
        number,
        new ModuleGroup(full, current),
        fused,
        members,
        Optional.empty(),
        typing(full.get(0)),
        List.of());
  }

  private StateGroup.Typing typing(String layer) {
    return isTyped(layer) || trained.contains(layer) || !request.transposed().isEmpty()
        ? StateGroup.Typing.DECLARED
        : StateGroup.Typing.SHAPE;
  }

  /** Whether the file or the list says a module's class. */
  private boolean isTyped(String name) {
    return declared.containsKey(name) || listedTypes.containsKey(name);
  }

  /** What the list says a module is, if what is seen of it can be that. */
  private String type(int number, String name, String seen) {
    String said = listedTypes.get(name);
    if (said == null || said.equals(seen) || types.containsKey(name)) {
      return seen;
    }
    boolean isKnown = declared.containsKey(name);
    boolean isTransposed = said.equals(seen.replace("Conv", "ConvTranspose"));
    boolean isOther =
        !LAYER_OR_NORM.matcher(said).matches() && !LAYER_OR_NORM.matcher(seen).matches();
    if (isKnown || !(isTransposed || isOther)) {
      throw ModuleListException.of(
          Reason.NOT_FUSABLE_SEQUENCE,
          "group %d: '%s' is listed as a %s, and %s %s",
          number,
          name,
          said,
          isKnown ? "the file says that it is a" : "its parameters are those of a",
          seen);
    }
    return said;
  }

  /**
   * The module of a name. Only a later member may be without parameters, and where the file does
   * not list its modules, without a trace: behind a layer or norm that is there.
   */
  private StateModule member(int number, List<String> names, int index) {
    String name = names.get(index);
    StateModule module = modules.get(name);
    Optional<Reparametrization> computed =
        module == null ? Optional.empty() : Reparametrization.of(modules, module);
    if (computed.isPresent()) {
      throw ModuleListException.of(
          Reason.NOT_FUSABLE_SEQUENCE,
          "group %d: '%s' is %s: it computes its parameters from others; %s makes it a plain layer",
          number,
          name,
          computed.get().words(),
          computed.get().remedy());
    }
    if (module != null && modules.get(name + "." + TrainedState.WEIGHT) != null) {
      throw ModuleListException.of(
          Reason.QAT_UNSUPPORTED,
          "group %d: '%s' is a layer that prepare_qat made already; --mode eval takes it back to float",
          number,
          name);
    }
    if (module != null && modules.isContainer(name)) {
      throw ModuleListException.of(
          Reason.NO_SUCH_MODULE,
          "group %d: '%s' is a container; %s has %s",
          number,
          name,
          quoted(name),
          String.join(", ", modules.childrenOf(name)));
    }
    if (module != null && (!module.isEmpty() || isTyped(name))) {
      return module;
    }
    Optional<String> meant = meant(names, index);
    boolean isDeclared = listedTypes.containsKey(name);
    boolean isMade = types.containsKey(name);
    if (index > 0 && !isMade && !isDeclared && !listsOther(name)) {
      requireRectifier(number, names.get(0), name);
    }
    if (module != null) {
      if (index > 0 && speaksAgainstActivation(name)) {
        throw ModuleListException.of(
            Reason.NOT_FUSABLE_SEQUENCE,
            "group %d: '%s' has no parameters, and by its name it is no activation%s; if it is one, declare it: \"%s:ReLU\"",
            number,
            name,
            didYouMean(meant),
            request.withoutPrefix(name));
      }
      return module;
    }
    if (isMade) {
      // An earlier group has made it what it is.
      return new StateModule(name, 1, Map.of());
    }
    boolean isDoubtful =
        speaksAgainstActivation(name) || (index == 1 && isUnlistedNormBeside(names.get(0)));
    if (listsModules || index == 0 || (isDoubtful && !isDeclared)) {
      throw missing(number, name, meant);
    }
    return new StateModule(name, 1, Map.of());
  }

  /** Whether the file lists its modules, and this is none of them. */
  private boolean listsOther(String name) {
    return listsModules && modules.get(name) == null;
  }

  /** Of the modules without parameters, only a ReLU is fused. */
  private void requireRectifier(int number, String layer, String name) {
    boolean isBounded = ModuleWords.speakForBounded(name, layer);
    if (isBounded || ModuleWords.speakForOtherActivation(name)) {
      throw ModuleListException.of(
          Reason.NOT_FUSABLE_SEQUENCE,
          "group %d: '%s' has no parameters, and its name is that of %s, which is not fused; leave it out of the group, or declare it if it is a ReLU: \"%s:ReLU\"",
          number,
          name,
          isBounded ? "a ReLU6" : "another activation than ReLU",
          request.withoutPrefix(name));
    }
  }

  private ModuleListException missing(int number, String name, Optional<String> meant) {
    String parent = ModuleWords.parent(name);
    return ModuleListException.of(
        Reason.NO_SUCH_MODULE,
        "group %d: the state dict has no module '%s'%s; %s has %s",
        number,
        name,
        didYouMean(meant),
        quoted(parent),
        modules.childrenOf(parent).isEmpty()
            ? "no modules"
            : String.join(", ", modules.childrenOf(parent)));
  }

  private static String didYouMean(Optional<String> meant) {
    return meant.map("; did you mean '%s'?"::formatted).orElse("");
  }

  /** By word, or as a slip of the pen. */
  private boolean speaksAgainstActivation(String name) {
    return ModuleWords.speakAgainstActivation(name)
        || siblings(name).anyMatch(sibling -> ModuleWords.areNear(name, sibling.name()));
  }

  /** The layers and norms that lie in the same module. */
  private Stream<StateModule> siblings(String name) {
    return modules.all().stream()
        .filter(module -> module.isLayer() || module.isNorm())
        .filter(module -> ModuleWords.parent(module.name()).equals(ModuleWords.parent(name)));
  }

  /** BatchNorms beside a layer that no group names, of as many channels as it has. */
  private Stream<StateModule> unlistedNorms(String layer) {
    StateModule first = modules.get(layer);
    if (first == null || !first.isLayer()) {
      return Stream.empty();
    }
    return siblings(layer)
        .filter(StateModule::isNorm)
        .filter(norm -> !named.contains(norm.name()))
        .filter(
            norm ->
                LayerShape.of(first, norm.shape("running_var").dim(0), request.transposed())
                    .isPresent());
  }

  private boolean isUnlistedNormBeside(String layer) {
    return unlistedNorms(layer).findAny().isPresent();
  }

  /** What may have been meant by a name that is not there. */
  private Optional<String> meant(List<String> names, int index) {
    String name = names.get(index);
    Comparator<StateModule> byDistance =
        Comparator.comparing(
            module ->
                ModuleWords.distance(ModuleWords.last(name), ModuleWords.last(module.name())));
    Optional<StateModule> norm =
        index == 1 ? unlistedNorms(names.get(0)).min(byDistance) : Optional.empty();
    return norm.or(
            () ->
                siblings(name)
                    .filter(sibling -> !named.contains(sibling.name()))
                    .filter(
                        sibling ->
                            ModuleWords.distance(
                                    ModuleWords.last(name), ModuleWords.last(sibling.name()))
                                == 1)
                    .findFirst())
        .map(StateModule::name);
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
        "group %d [%s]: did not find fuser method for: (%s)%s",
        number,
        String.join(", ", names),
        String.join(", ", current),
        current.stream().anyMatch(StateDirectory::isCarried)
            ? "; make it a tensor, and save the file again"
            : "");
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

  private StateGroup shaped(StateGroup group, Set<String> transposedBeside) {
    List<String> taken = new ArrayList<>();
    group.names().stream()
        .filter(listedTypes::containsKey)
        .filter(name -> !declared.containsKey(name))
        .forEach(name -> taken.add("'%s' is a %s".formatted(name, listedTypes.get(name))));
    Optional<LayerShape> shape =
        group.norm().map(norm -> shape(group, norm, transposedBeside, taken));
    group
        .norm()
        .map(StateModule::name)
        .filter(modules::hasChildren)
        .ifPresent(
            norm ->
                taken.add(
                    "'%s' normalizes first, and what lies in it, such as an activation, stays"
                        .formatted(norm)));
    String last = group.names().get(group.names().size() - 1);
    group
        .listed()
        .activation()
        .filter(activation -> !isTyped(last))
        .ifPresent(
            activation ->
                taken.add(
                    "'%s' has no parameters, and is taken for a %s as listed"
                        .formatted(last, activation.torchName())));
    return new StateGroup(
        group.number(),
        group.listed(),
        group.module(),
        group.members(),
        shape,
        group.typing(),
        taken);
  }

  private LayerShape shape(
      StateGroup group, StateModule norm, Set<String> transposedBeside, List<String> taken) {
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
    requireEpsilon(group, norm);
    String type = group.listed().types().get(0);
    boolean isTyped = group.typing() == StateGroup.Typing.DECLARED;
    if (!isTyped && LayerShape.couldBeTransposed(layer, channels)) {
      requireNothingSpeaksForTransposed(group, transposedBeside);
    }
    Set<String> transposed = new HashSet<>(request.transposed());
    if (type.startsWith("ConvTranspose")) {
      transposed.add(layer.name());
    }
    if (!isTyped && LayerShape.isProvenTransposed(layer, channels)) {
      taken.add(
          "'%s' is taken for a ConvTranspose, since only so does its weight %s fit the %s of '%s'"
              .formatted(
                  layer.name(),
                  layer.shape("weight"),
                  Amounts.count(channels, "channel"),
                  norm.name()));
    }
    boolean isConv =
        isTyped(layer.name()) && type.startsWith("Conv") && !type.startsWith("ConvTranspose");
    return LayerShape.of(layer, channels, transposed)
        .filter(shape -> !isConv || shape.operator() == LayerShape.Operator.CONV)
        .filter(shape -> layer.tensor("bias").isEmpty() || layer.shape("bias").dim(0) == channels)
        .orElseThrow(
            () ->
                ModuleListException.of(
                    Reason.CHANNEL_MISMATCH,
                    "group %d: the weight of '%s' is %s, and '%s' has %s",
                    group.number(),
                    layer.name(),
                    layer.shape("weight"),
                    norm.name(),
                    Amounts.count(channels, "channel")));
  }

  /** What the file says must be a number to compute with. */
  private void requireEpsilon(StateGroup group, StateModule norm) {
    DeclaredModule said = declared.get(norm.name());
    if (said != null
        && said.epsilon().isPresent()
        && !request.epsilons().isShown(request.withoutPrefix(norm.name()))) {
      double epsilon = said.epsilon().getAsDouble();
      throw Double.isNaN(epsilon)
          ? ModuleListException.of(
              Reason.UNKNOWN_EPS,
              "group %d: eps of '%s' is no plain number in the file; make it a float, and save the module again",
              group.number(),
              norm.name())
          : ModuleListException.of(
              Reason.NON_POSITIVE_VARIANCE,
              "group %d: the file says that eps of '%s' is %s",
              group.number(),
              norm.name(),
              epsilon);
    }
  }

  private static void requireNothingSpeaksForTransposed(
      StateGroup group, Set<String> transposedBeside) {
    StateModule layer = group.first();
    boolean isBeside = transposedBeside.contains(ModuleWords.parent(layer.name()));
    if (isBeside || ModuleWords.speakForTransposed(layer.name())) {
      throw ModuleListException.of(
          Reason.AMBIGUOUS_TYPE,
          "group %d: the weight of '%s' is %s, which a Conv and a ConvTranspose could have, and %s a ConvTranspose; say which it is, \"%s:ConvTranspose%dd\" or \"%s:Conv%dd\", or give a graph",
          group.number(),
          layer.name(),
          layer.shape("weight"),
          isBeside ? "a layer beside it must be" : "its name speaks for",
          layer.name(),
          layer.shape("weight").rank() - 2,
          layer.name(),
          layer.shape("weight").rank() - 2);
    }
  }

  /** Where a layer that no group names has a bias of other length than a Conv's would be. */
  private Set<String> transposedByTheirBias() {
    return modules.all().stream()
        .filter(module -> module.isLayer() && module.shape("weight").rank() > 2)
        .filter(module -> module.tensor("bias").isPresent())
        .filter(module -> module.shape("bias").dim(0) != module.shape("weight").dim(0))
        .map(module -> ModuleWords.parent(module.name()))
        .collect(Collectors.toSet());
  }

  /** Whether a layer fits the BatchNorm behind it as a ConvTranspose only. */
  private static boolean isProvenTransposed(List<StateModule> members) {
    StateModule layer = members.get(0);
    if (members.size() == 1 || !layer.isLayer() || !members.get(1).isNorm()) {
      return false;
    }
    long channels = members.get(1).shape("running_var").dim(0);
    return LayerShape.isProvenTransposed(layer, channels)
        && (layer.tensor("bias").isEmpty() || layer.shape("bias").dim(0) == channels);
  }

  private static boolean isProvenTransposed(StateGroup group) {
    return group
        .norm()
        .filter(norm -> group.typing() == StateGroup.Typing.SHAPE)
        .filter(StateModule::isNorm)
        .filter(
            norm -> LayerShape.isProvenTransposed(group.first(), norm.shape("running_var").dim(0)))
        .isPresent();
  }
}
