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
package dev.fusewright.io.torchscript;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.aten.AtenNode;
import dev.fusewright.io.aten.Lowered;
import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.format.Fit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The edits of an archive's objects, constants and code that make it run an edited program.
 *
 * <p>A layer's weight gets a storage of its own; a bias comes into its object, its class and, where
 * the code says that there is none, into the call. A BatchNorm whose calls are all folded becomes
 * the identity; otherwise its call gives way to its first argument. Where that cannot be said in
 * the code, nothing is written, and the sentence says why.
 */
final class ScriptEdit {
  private static final int BIAS = 2;
  private static final int RANK_OF_SIGNALS = 3;

  private static final Pattern NORM_OF_RANK = Pattern.compile(".*BatchNorm([123])d");

  /**
   * With another rank the layer before gives the norm's channels in another axis. Not by {@code
   * dim}, which PyTorch's compiler takes for a constant behind a convolution.
   */
  private static final String RANK_CHECK =
      """
          if torch.ne(torch.len(torch.size(%1$s)), %2$s):
            ops.prim.RaiseException("fused for %2$sD input", "builtins.ValueError")
          else:
            pass
      """;

  private static final String COUNTER = "num_batches_tracked";
  private static final Set<String> OF_NORMS =
      Set.of(
          "weight",
          "bias",
          "running_mean",
          "running_var",
          COUNTER,
          "training",
          "_is_full_backward_hook");

  private final TracedArchive archive;
  private final Traced traced;
  private final Lowered lowered;
  private final Graph edited;
  private final TreeEdit tree = new TreeEdit();
  private final TreeEdit constantTree = new TreeEdit();
  private final IdentityHashMap<Pickled.Instance, Edits> objects = new IdentityHashMap<>();
  private final List<Pickled> newConstants = new ArrayList<>();
  private final Map<String, Tensor> storages = new LinkedHashMap<>();
  private final Map<String, String> names = new HashMap<>();
  private final Set<String> removedParameters = new LinkedHashSet<>();
  private final List<Fit.Misfit> misfits = new ArrayList<>();
  private final Map<Site, List<Integer>> sites = new HashMap<>();
  private final Set<Integer> withBias = new HashSet<>();
  private final Map<String, Node> removedNorms = new LinkedHashMap<>();
  private final Map<String, Integer> constantNumbers = new HashMap<>();
  private final Map<String, String> fields = new HashMap<>();
  private List<Pickled> constants = List.of();
  private @Nullable ClassEdits classes;

  /** A call of the code, on behalf of one object. */
  private record Site(Pickled.@Nullable Instance self, String file, int start, int end) {
    static Site of(Frame frame, Expression.Call call) {
      Value.Module self = frame.self();
      return new Site(
          self == null ? null : self.instance(), frame.file().record(), call.start(), call.end());
    }
  }

  private ScriptEdit(TracedArchive archive, Lowered lowered, ModelGraph edited) {
    this.archive = archive;
    this.traced = archive.traced();
    this.lowered = lowered;
    this.edited = edited.graph();
  }

  /** The edits that make the archive run an edited graph, which was made from the lowered one. */
  static ScriptEdit of(TracedArchive archive, Lowered lowered, ModelGraph edited) {
    ScriptEdit edit = new ScriptEdit(archive, lowered, edited);
    edit.make();
    return edit;
  }

  List<Fit.Misfit> misfits() {
    return misfits;
  }

  /** New storages by the names of their records below the root. */
  Map<String, Tensor> storages() {
    return storages;
  }

  /** The parameter of each new storage. */
  String parameterOf(String record) {
    return names.getOrDefault(record, record);
  }

  Set<String> removedParameters() {
    return removedParameters;
  }

  TreeEdit objectsEdit() {
    return tree;
  }

  /** The code that is other code now, by the names of records; with those that are new. */
  Map<String, String> files() {
    return classes == null ? Map.of() : classes.files();
  }

  /** The record behind which a new one of code stands. */
  String originOf(String record) {
    return classes == null ? record : classes.originOf(record);
  }

  private void misfit(String value, String sentence, Object... arguments) {
    misfits.add(new Fit.Misfit(value, sentence.formatted(arguments)));
  }

  private Edits edits(Pickled.Instance object) {
    return objects.computeIfAbsent(object, key -> new Edits());
  }

  // ------------------------------------------------------------ the whole

  private void make() {
    Map<Integer, Node> after = new HashMap<>();
    edited.nodes().forEach(node -> after.put(node.id(), node));
    List<Node> before = lowered.graph().graph().nodes();
    for (int i = 0; i < traced.origins().size(); i++) {
      for (Level level = Level.of(traced.origins().get(i)); level != null; level = level.outer()) {
        sites
            .computeIfAbsent(Site.of(level.frame(), level.call()), key -> new ArrayList<>())
            .add(i);
      }
    }
    findRemovedParameters();
    values();
    List<Integer> norms = new ArrayList<>();
    for (Node node : before) {
      if (node.id() >= traced.origins().size()) {
        continue;
      }
      Node then = after.get(node.id());
      if (then == null) {
        norms.add(node.id());
        removedNorms.put(origin(node.id()).result(), node);
      } else if (!node.hasInput(BIAS) && then.hasInput(BIAS) && isLayer(node.id())) {
        withBias.add(node.id());
      }
    }
    withBias.forEach(id -> bias(id, after));
    norms(norms);
    if (!misfits.isEmpty()) {
      return;
    }
    try {
      ClassEdits made = new ClassEdits(archive.archive(), objects, tree);
      classes = made;
      made.make();
      made.problem().ifPresent(problem -> misfit("", "%s", problem));
      constants(made);
    } catch (IllegalArgumentException e) {
      misfit("", "the code would be changed twice in one place");
    }
    state();
    if (misfits.isEmpty() && !runsAsMeant()) {
      misfit("", "the code of the archive cannot be changed so that it runs what is meant");
    }
  }

  private Traced.Origin origin(int id) {
    return traced.origins().get(id);
  }

  private AtenNode node(int id) {
    return traced.program().nodes().get(id).value();
  }

  private boolean isLayer(int id) {
    AtenNode node = node(id);
    return node.isConvolution() || node.functional().equals("linear.default");
  }

  private void findRemovedParameters() {
    Set<String> kept = new HashSet<>();
    edited.initializers().forEach(one -> kept.add(one.name()));
    for (String name : lowered.parameters().keySet()) {
      if (!kept.contains(name)) {
        removedParameters.add(name);
      }
    }
  }

  // ------------------------------------------------------------ parameters

  private Map<String, Tensor> changed() {
    Map<String, Tensor> before = new HashMap<>();
    lowered.graph().graph().initializers().forEach(one -> before.put(one.name(), one.tensor()));
    Map<String, Tensor> changed = new LinkedHashMap<>();
    for (Initializer one : edited.initializers()) {
      if (before.get(one.name()) != one.tensor()) {
        changed.put(one.name(), one.tensor());
      }
    }
    return changed;
  }

  /** New values of parameters that are there. */
  private void values() {
    Map<String, Tensor> changed = changed();
    for (String name : traced.places().keySet()) {
      Tensor value = changed.get(name);
      if (value == null) {
        continue;
      }
      Traced.Stored place = archive.place(name);
      Pickled made = stored(name, place.tensor(), value);
      (place.owner() == null ? constantTree : tree).replace(place.tensor().node(), made);
    }
  }

  private Pickled stored(String name, ScriptTensor like, Tensor value) {
    String key = String.valueOf(nextKey(like.folder()));
    storages.put(like.folder() + key, value);
    names.put(like.folder() + key, name);
    TorchType type = TorchType.of(value.type()).orElse(like.type());
    List<Long> sizes = value.shape().dims().stream().map(Long::valueOf).toList();
    return TreeEdit.tensor(like, type, key, sizes);
  }

  private long nextKey(String folder) {
    long next = 0;
    List<String> records = new ArrayList<>(storages.keySet());
    String root = archive.archive().folder().root();
    archive
        .archive()
        .folder()
        .entries()
        .forEach(
            entry -> {
              if (entry.name().startsWith(root)) {
                records.add(entry.name().substring(root.length()));
              }
            });
    for (String record : records) {
      String number = record.startsWith(folder) ? record.substring(folder.length()) : "";
      if (number.matches("[0-9]{1,15}")) {
        next = Math.max(next, Long.parseLong(number) + 1);
      }
    }
    return next;
  }

  // ------------------------------------------------------------ biases

  private void bias(int id, Map<Integer, Node> after) {
    Node then = after.get(id);
    if (then == null) {
      return;
    }
    String name = then.input(BIAS);
    Traced.Origin origin = origin(id);
    Traced.Stored weight = traced.places().get(then.input(1));
    Value.Module self = origin.frame().self();
    List<Integer> same = sites.getOrDefault(Site.of(origin.frame(), origin.call()), List.of());
    boolean isAgreed =
        same.stream()
            .allMatch(other -> withBias.contains(other) && isSameLayer(after.get(other), then));
    if (weight == null || !isAgreed) {
      misfit(name, "'%s' would be the bias of one of several layers that one call runs", name);
      return;
    }
    Value given = origin.values().size() > BIAS ? origin.values().get(BIAS) : null;
    Tensor value = value(name);
    Value.Place place = given instanceof Value.Known none ? none.place() : null;
    if (place != null) {
      attribute(name, place, weight, value);
      return;
    }
    Expression.Call call = origin.call();
    boolean isAbsent = call.arguments().size() == BIAS && call.keywords().isEmpty();
    boolean isLiteral =
        call.arguments().size() > BIAS
            && call.arguments().get(BIAS) instanceof Expression.Literal literal
            && literal.value() == null;
    Pickled.Instance owner = weight.owner();
    boolean isOwn = owner == null || (self != null && self.instance() == owner);
    if (self == null || !isOwn || !(isAbsent || isLiteral)) {
      misfit(name, "the code of '%s' has no place for its bias", then.label());
      return;
    }
    String text =
        owner == null
            ? "CONSTANTS.c" + constant(name, weight, value)
            : origin.frame().definition().self() + "." + field(name, owner, weight, value);
    Expression at = call.arguments().get(isAbsent ? 1 : BIAS);
    if (isAbsent) {
      edits(self.instance()).splice(at.end(), at.end(), ", " + text);
    } else {
      edits(self.instance()).splice(at.start(), at.end(), text);
    }
  }

  private static boolean isSameLayer(@Nullable Node one, Node other) {
    return one != null
        && one.input(BIAS).equals(other.input(BIAS))
        && one.input(1).equals(other.input(1));
  }

  private Tensor value(String name) {
    for (Initializer one : edited.initializers()) {
      if (one.name().equals(name)) {
        return one.tensor();
      }
    }
    throw new IllegalStateException("no value of '" + name + "'");
  }

  private int constant(String name, Traced.Stored weight, Tensor value) {
    Integer known = constantNumbers.get(name);
    if (known == null) {
      newConstants.add(stored(name, weight.tensor(), value));
      known = archive.archive().constants().size() + newConstants.size() - 1;
      constantNumbers.put(name, known);
    }
    return known;
  }

  /** An attribute that is None becomes a tensor. */
  private void attribute(String name, Value.Place place, Traced.Stored weight, Tensor value) {
    CodeFile.PlacedClass type = archive.archive().classes().get(place.owner().className());
    ClassText.Field field = type == null ? null : type.text().field(place.attribute());
    if (type == null || field == null || field.value() != null) {
      misfit(name, "'%s' has no attribute that could be its bias", place.path());
      return;
    }
    String declared = type.file().slice(field.type().start(), field.type().end());
    Edits edits = edits(place.owner());
    if (declared.equals("NoneType")) {
      edits.splice(field.type().start(), field.type().end(), "Tensor");
    } else if (!declared.equals("Optional[Tensor]")) {
      misfit(name, "'%s' is declared as %s", place.attribute(), declared);
      return;
    }
    list(edits, type, place.attribute());
    if (!fields.containsKey(name)) {
      fields.put(name, place.attribute());
      edits.put(place.attribute(), stored(name, weight.tensor(), value), weight.attribute());
    }
  }

  /** Adds a name to the class's list of parameters. */
  private static void list(Edits edits, CodeFile.PlacedClass type, String attribute) {
    Expression.Sequence list = type.text().parameters();
    if (list == null) {
      return;
    }
    boolean isListed =
        list.items().stream()
            .anyMatch(
                item ->
                    item instanceof Expression.Literal literal
                        && attribute.equals(literal.value()));
    if (!isListed) {
      int at = list.end() - 1;
      edits.splice(at, at, "\"%s\", ".formatted(attribute));
    }
  }

  /** A new attribute, or one that was None and that the code does not read. */
  private String field(String name, Pickled.Instance owner, Traced.Stored weight, Tensor value) {
    String known = fields.get(name);
    if (known != null) {
      return known;
    }
    CodeFile.PlacedClass type = archive.archive().classes().get(owner.className());
    ClassText.Field beside = type == null ? null : type.text().field(weight.attribute());
    if (type == null || beside == null || !weight.attribute().matches("[A-Za-z_][A-Za-z0-9_]*")) {
      misfit(name, "'%s' has no attribute beside which its bias could stand", owner.className());
      return "bias";
    }
    String plain = weight.attribute().equals("weight") ? "bias" : weight.attribute() + "_bias";
    String attribute = plain;
    ClassText.Field there = type.text().field(attribute);
    boolean wasNone =
        there != null
            && type.file().slice(there.type().start(), there.type().end()).equals("NoneType");
    for (int i = 1; !wasNone && isTaken(type.text(), owner, attribute); i++) {
      attribute = plain + "_" + i;
    }
    Edits edits = edits(owner);
    if (wasNone && there != null) {
      edits.splice(there.type().start(), there.type().end(), "Tensor");
    } else {
      edits.splice(beside.end(), beside.end(), "  %s : Tensor\n".formatted(attribute));
    }
    list(edits, type, attribute);
    edits.put(attribute, stored(name, weight.tensor(), value), weight.attribute());
    fields.put(name, attribute);
    return attribute;
  }

  private static boolean isTaken(ClassText type, Pickled.Instance owner, String attribute) {
    return type.field(attribute) != null
        || type.method(attribute) != null
        || owner.attribute(attribute) != null;
  }

  // ------------------------------------------------------------ norms

  /** A call, and the calls around it that do nothing but pass on its argument and result. */
  private record Level(Frame frame, Expression.Call call) {
    static Level of(Traced.Origin origin) {
      return new Level(origin.frame(), origin.call());
    }

    @Nullable Level outer() {
      Frame caller = frame.caller();
      Expression.Call around = frame.call();
      return caller == null || around == null ? null : new Level(caller, around);
    }
  }

  private void norms(List<Integer> norms) {
    Map<Pickled.Instance, List<Integer>> identities = new LinkedHashMap<>();
    for (int id : norms) {
      if (!node(id).functional().equals("batch_norm.default")) {
        misfit(node(id).outputs().get(0), "the call of '%s' stays in the code", node(id).target());
        continue;
      }
      Pickled.Instance object = moduleOf(origin(id));
      if (object != null && isIdentity(object)) {
        identities.computeIfAbsent(object, key -> new ArrayList<>()).add(id);
      } else {
        unchecked(id);
        passed(id);
      }
    }
    identities.forEach((object, ids) -> identity(object, checked(object, ids)));
    dropUnread();
  }

  /** The rank that a layer takes a norm's input to have; null if the code says it. */
  private @Nullable Integer assumedRank(int id) {
    return origin(id).values().get(0) instanceof Value.Ref input
        ? traced.assumedRanks().get(input.name())
        : null;
  }

  /**
   * A norm without a class of its own checks nothing itself. Behind a Conv1d or a Linear it may be
   * given one rank or the next, and its channels are not the layer's in both. Behind maps a check
   * of the code around it must not ask for another rank than the layer is taken to give.
   */
  private void unchecked(int id) {
    Integer rank = assumedRank(id);
    if (rank == null) {
      return;
    }
    RankGuards guards = RankGuards.around(origin(id).frame(), origin(id).call());
    boolean isSaid = !guards.asks() || guards.demanded().contains(rank.longValue());
    if (rank <= RANK_OF_SIGNALS || !isSaid) {
      String label = node(id).outputs().get(0);
      misfit(
          label,
          "nothing in the code says that the input of '%s' has %s axes, and with others its"
              + " channels are not the layer's",
          label,
          rank);
    }
  }

  /**
   * The rank that an object's norms then have to check, since a BatchNorm1d takes more than one;
   * null where the code says it, and behind maps, where it is a premise of the verdict alone.
   */
  private @Nullable Integer checked(Pickled.Instance object, List<Integer> ids) {
    Set<Integer> ranks = new TreeSet<>();
    ids.forEach(id -> ranks.add(Objects.requireNonNullElse(assumedRank(id), 0)));
    for (int rank : ranks) {
      boolean isTaken = rank == 0 || takes(object, rank);
      if (!isTaken || (rank > 0 && rank <= RANK_OF_SIGNALS && ranks.size() > 1)) {
        String sentence =
            isTaken
                ? "nothing in the code says that the layer before '%s' gives it %s axes"
                : "the norm '%s' takes no %s axes, which its layer is taken to give";
        for (int id : ids) {
          String label = node(id).outputs().get(0);
          misfit(label, sentence, label, rank);
        }
        return null;
      }
    }
    int rank = ranks.iterator().next();
    return rank > 0 && rank <= RANK_OF_SIGNALS ? rank : null;
  }

  /** Whether a norm's class, by its name, takes an input of so many axes. */
  private static boolean takes(Pickled.Instance object, int rank) {
    Matcher name = NORM_OF_RANK.matcher(object.className());
    if (!name.matches()) {
      return true;
    }
    int windows = Integer.parseInt(name.group(1));
    return rank == windows + 2 || (windows == 1 && rank == windows + 1);
  }

  /** The innermost object around a norm. */
  private static Pickled.@Nullable Instance moduleOf(Traced.Origin origin) {
    Value.Module module = origin.frame().module();
    return module == null ? null : module.instance();
  }

  private @Nullable Node removedNorm(Value result) {
    return result instanceof Value.Ref ref ? removedNorms.get(ref.name()) : null;
  }

  /** Whether an object is a BatchNorm, and all of its calls only pass on what they get. */
  private boolean isIdentity(Pickled.Instance object) {
    CodeFile.PlacedClass type = archive.archive().classes().get(object.className());
    if (type == null || !type.text().isModule() || !type.text().problem().isEmpty()) {
      return false;
    }
    boolean isPlain =
        type.text().fields().stream()
            .allMatch(field -> field.value() != null || OF_NORMS.contains(field.name()));
    boolean isPassing =
        traced.invocations().stream()
            .filter(call -> call.module().instance() == object)
            .allMatch(
                call -> {
                  Node norm = removedNorm(call.result());
                  return norm != null
                      && call.arguments().size() == 1
                      && call.method().parameters().size() == 2
                      && origin(norm.id()).values().get(0).equals(call.arguments().get(0));
                });
    boolean isReadElsewhere =
        traced.outsideReads().stream().anyMatch(place -> place.owner() == object);
    return isPlain && isPassing && !isReadElsewhere && !isNamedInUnfollowed(type);
  }

  /** Whether code that nothing calls may read what a norm's class loses. */
  private boolean isNamedInUnfollowed(CodeFile.PlacedClass own) {
    for (CodeFile file : archive.archive().files().values()) {
      List<Definition> all = new ArrayList<>(file.parsed().functions());
      for (ClassText type : file.parsed().classes()) {
        if (type != own.text()) {
          all.addAll(type.methods());
        }
      }
      for (Definition definition : all) {
        if (traced.followed().contains(definition) && definition.isUnderstood()) {
          continue;
        }
        if (!definition.isUnderstood()) {
          return true;
        }
        for (Expression part : Statement.allExpressions(definition.body())) {
          boolean isOther =
              part instanceof Expression.Attribute attribute
                  && OF_NORMS.contains(attribute.name())
                  && !attribute.name().equals("training")
                  && !attribute.base().dotted().equals(definition.self());
          if (isOther) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** The class of a norm that does nothing: its methods check, and give back what they get. */
  private void identity(Pickled.Instance object, @Nullable Integer rank) {
    CodeFile.PlacedClass type = archive.archive().classes().get(object.className());
    if (type == null) {
      return;
    }
    ClassText text = type.text();
    StringBuilder made = new StringBuilder("class " + text.name() + "(Module):\n");
    made.append("  __parameters__ = []\n  __buffers__ = []\n");
    for (ClassText.Field field : text.fields()) {
      if (field.name().equals("training") || field.name().equals("_is_full_backward_hook")) {
        made.append(type.file().slice(field.start(), field.end()));
      }
    }
    Set<Definition> called = new LinkedHashSet<>();
    for (Traced.Invocation call : traced.invocations()) {
      if (call.module().instance() == object) {
        called.add(call.method());
      }
    }
    for (Definition method : called) {
      String argument = method.parameters().get(1).name();
      made.append(
          "  def %s(%s: %s,\n    %s: Tensor) -> Tensor:\n"
              .formatted(method.name(), method.self(), type.qualified(), argument));
      if (rank != null) {
        made.append(RANK_CHECK.formatted(argument, rank));
      }
      made.append("    return %s\n".formatted(argument));
    }
    Edits edits = edits(object);
    edits.splice(text.start(), text.end(), made.toString());
    for (Pickled.Entry entry : object.attributes()) {
      if (OF_NORMS.contains(entry.name())
          && !entry.name().equals("training")
          && !entry.name().equals("_is_full_backward_hook")) {
        edits.remove(entry.name());
      }
    }
  }

  /** The call of a norm gives way to its first argument. */
  private void passed(int id) {
    Traced.Origin origin = origin(id);
    String label = node(id).outputs().get(0);
    Level level = Level.of(origin);
    while (level != null && level.frame().self() == null) {
      Value passed = firstArgument(level.frame());
      Value result = result(level.frame());
      boolean passes =
          origin.values().get(0).equals(passed)
              && result instanceof Value.Ref ref
              && ref.name().equals(origin.result());
      level = passes ? level.outer() : null;
    }
    Value.Module self = level == null ? null : level.frame().self();
    if (level == null
        || self == null
        || level.call().arguments().isEmpty()
        || !level.call().keywords().isEmpty()) {
      misfit(label, "the call of '%s' cannot be taken out of the code around it", label);
      return;
    }
    List<Integer> same = sites.getOrDefault(Site.of(level.frame(), level.call()), List.of());
    if (!same.stream().allMatch(other -> removedNorms.containsKey(origin(other).result()))) {
      misfit(label, "one call of the code runs '%s' and what stays", label);
      return;
    }
    Expression first = level.call().arguments().get(0);
    edits(self.instance())
        .splice(
            level.call().start(),
            level.call().end(),
            level.frame().file().slice(first.start(), first.end()));
  }

  private static @Nullable Value firstArgument(Frame frame) {
    List<Definition.Parameter> parameters = frame.definition().parameters();
    return parameters.isEmpty() ? null : frame.names().get(parameters.get(0).name());
  }

  private static @Nullable Value result(Frame frame) {
    List<Statement> body = frame.definition().body();
    Statement last = body.isEmpty() ? null : body.get(body.size() - 1);
    return last instanceof Statement.Return one && one.value() instanceof Expression.Name name
        ? frame.names().get(name.id())
        : null;
  }

  /** Takes attributes out of objects and classes whose code reads them no more. */
  private void dropUnread() {
    Map<Pickled.Instance, List<String>> unread = new LinkedHashMap<>();
    for (String name : removedParameters) {
      Traced.Stored place = archive.place(name);
      Pickled.Instance owner = place.owner();
      if (owner != null && !edits(owner).removed().contains(place.attribute())) {
        unread.computeIfAbsent(owner, key -> new ArrayList<>()).add(place.attribute());
      }
    }
    unread.forEach(
        (owner, attributes) -> attributes.forEach(attribute -> dropUnread(owner, attribute)));
  }

  private void dropUnread(Pickled.Instance owner, String attribute) {
    CodeFile.PlacedClass type = archive.archive().classes().get(owner.className());
    boolean isReadOutside =
        traced.outsideReads().stream()
            .anyMatch(place -> place.owner() == owner && place.attribute().equals(attribute));
    if (type == null
        || isReadOutside
        || !type.text().problem().isEmpty()
        || isNamedInUnfollowed(type)) {
      return;
    }
    Edits edits = edits(owner);
    List<Splice> gone = new ArrayList<>();
    for (Definition method : type.text().methods()) {
      if (!method.isUnderstood() || !reads(method, attribute, edits, gone)) {
        return;
      }
    }
    ClassText.Field field = type.text().field(attribute);
    if (field != null) {
      gone.add(new Splice(field.start(), field.end(), ""));
    }
    for (Expression.@Nullable Sequence list :
        new Expression.@Nullable Sequence[] {type.text().parameters(), type.text().buffers()}) {
      if (list != null) {
        unlisted(type, list, attribute, gone);
      }
    }
    edits.splices().addAll(gone);
    edits.remove(attribute);
  }

  private static void unlisted(
      CodeFile.PlacedClass type, Expression.Sequence list, String attribute, List<Splice> gone) {
    for (Expression item : list.items()) {
      if (item instanceof Expression.Literal literal && attribute.equals(literal.value())) {
        int end = item.end();
        String rest = type.file().slice(end, list.end());
        int comma = rest.startsWith(", ") ? 2 : rest.startsWith(",") ? 1 : 0;
        gone.add(new Splice(item.start(), end + comma, ""));
      }
    }
  }

  /** Finds the lines that only name an attribute; false if anything else reads it. */
  private static boolean reads(
      Definition method, String attribute, Edits edits, List<Splice> gone) {
    List<Statement> open = new ArrayList<>(method.body());
    List<Expression> all = Statement.allExpressions(method.body());
    Set<Expression> found = Collections.newSetFromMap(new IdentityHashMap<>());
    while (!open.isEmpty()) {
      Statement next = open.remove(open.size() - 1);
      open.addAll(next.inner());
      boolean isNaming =
          next instanceof Statement.Assign assign
              && assign.value() instanceof Expression.Attribute read
              && read.name().equals(attribute)
              && read.base().dotted().equals(method.self())
              && assign.targets().get(0) instanceof Expression.Name;
      if (isNaming) {
        Statement.Assign assign = (Statement.Assign) next;
        Expression.Name name = (Expression.Name) assign.targets().get(0);
        boolean isUsed =
            all.stream()
                .anyMatch(
                    other ->
                        other != name
                            && other instanceof Expression.Name use
                            && use.id().equals(name.id())
                            && isKept(other, edits));
        if (!isUsed) {
          found.add(assign.value());
          gone.add(new Splice(next.start(), next.end(), ""));
        }
      }
    }
    return all.stream()
        .allMatch(
            part ->
                !(part instanceof Expression.Attribute read)
                    || !read.name().equals(attribute)
                    || !read.base().dotted().equals(method.self())
                    || found.contains(part)
                    || !isKept(part, edits));
  }

  /** Whether an expression stays in the code; the argument of a call that goes does. */
  private static boolean isKept(Expression part, Edits edits) {
    for (Splice splice : edits.splices()) {
      if (splice.contains(part) && splice.start() < splice.end()) {
        return false;
      }
    }
    return true;
  }

  // ------------------------------------------------------------ objects and constants

  private void state() {
    objects.forEach(
        (object, edits) -> {
          if (edits.changesState() && object.state() instanceof Pickled.Mapping old) {
            tree.replace(old, edits.state(old));
          } else if (edits.changesState()) {
            misfit("", "the state of '%s' is no dict", object.className());
          }
        });
  }

  /** The constants as they are then; those that no code names any more go. */
  private void constants(ClassEdits code) {
    List<Pickled> all = new ArrayList<>();
    for (Pickled one : archive.archive().constants()) {
      all.add(constantTree.replaced().getOrDefault(one, one));
    }
    all.addAll(newConstants);
    boolean changes =
        !newConstants.isEmpty()
            || removedParameters.stream().anyMatch(name -> archive.place(name).owner() == null);
    constants = changes ? code.renumbered(all) : all;
  }

  /** The constants of the code as they are then. */
  List<Pickled> constantsAfter() {
    return constants;
  }

  boolean changesConstants() {
    return !newConstants.isEmpty()
        || !constantTree.replaced().isEmpty()
        || constants.size() != archive.archive().constants().size();
  }

  private boolean runsAsMeant() {
    ScriptArchive then =
        archive.archive().edited(tree.rebuilt(archive.archive().objects()), constants, files());
    Traced read = Interpreter.follow(then);
    return SameProgram.isMeant(traced.program(), read.program(), removedNorms.values(), withBias);
  }
}
