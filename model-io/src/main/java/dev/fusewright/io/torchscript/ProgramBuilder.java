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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.io.aten.AtenArgument;
import dev.fusewright.io.aten.AtenNode;
import dev.fusewright.io.aten.AtenValue;
import dev.fusewright.io.aten.Parameter;
import dev.fusewright.io.aten.Placed;
import dev.fusewright.io.aten.Program;
import dev.fusewright.io.aten.Span;
import dev.fusewright.io.aten.TensorMeta;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Gathers the operators that the code runs, and gives their values names that last. */
final class ProgramBuilder {
  private static final Span NOWHERE = new Span(0, 0);
  private static final String ATEN = "torch.ops.aten.";
  private static final String HARMLESS = "torch.ops.script.";

  private static final String EXAMPLES =
      "inputs have as many axes as those that the model was traced with";

  private final String label;
  private final long mostNodes;
  private final IdentityHashMap<Pickled, String> tensors = new IdentityHashMap<>();
  private final IdentityHashMap<Pickled, String> paths = new IdentityHashMap<>();
  private final Map<String, Traced.Stored> places = new LinkedHashMap<>();
  private final Map<String, TensorMeta> metas = new HashMap<>();
  private final Set<String> exampleRanks = new HashSet<>();
  private final Set<String> assumedRanks = new HashSet<>();
  private final Map<String, String> openRanks = new HashMap<>();
  private final ShapeRules shapes = new ShapeRules(metas);
  private final Set<String> inputs = new LinkedHashSet<>();
  private final List<String> outputs = new ArrayList<>();
  private final List<AtenNode> nodes = new ArrayList<>();
  private final List<String> bases = new ArrayList<>();
  private final List<Traced.Origin> origins = new ArrayList<>();
  private final Map<String, Integer> makers = new HashMap<>();
  private final Set<String> assumptions = new LinkedHashSet<>();
  private int values;

  ProgramBuilder(String label, long mostNodes) {
    this.label = label;
    this.mostNodes = mostNodes;
  }

  // ------------------------------------------------------------ parameters

  /** Names everything below an object by its first path. */
  void objects(Pickled root) {
    objects(root, "", 0);
  }

  private void objects(Pickled value, String path, int depth) {
    if (depth > TorchScriptFormat.DEEPEST_OBJECT) {
      throw new TooLargeException(
          Problem.in(label)
              .inside("data.pkl")
              .expected("objects nested at most " + TorchScriptFormat.DEEPEST_OBJECT + " deep")
              .found("deeper ones"));
    }
    if (value instanceof Pickled.Instance object) {
      if (paths.putIfAbsent(object, path) == null) {
        for (Pickled.Entry entry : object.attributes()) {
          String name = path.isEmpty() ? entry.name() : path + "." + entry.name();
          tensor(entry.value(), object, entry.name(), ScriptArchive.DATA, name);
          objects(entry.value(), name, depth + 1);
        }
      }
    } else if (value instanceof Pickled.Sequence || value instanceof Pickled.Tuple) {
      List<Pickled> items =
          value instanceof Pickled.Sequence list ? list.items() : ((Pickled.Tuple) value).items();
      if (paths.putIfAbsent(value, path) == null) {
        for (int i = 0; i < items.size(); i++) {
          objects(items.get(i), path + "." + i, depth + 1);
        }
      }
    }
  }

  void constants(List<Pickled> constants) {
    for (int i = 0; i < constants.size(); i++) {
      tensor(constants.get(i), null, String.valueOf(i), ScriptArchive.CONSTANTS, "CONSTANTS.c" + i);
    }
  }

  private void tensor(
      Pickled value,
      Pickled.@Nullable Instance owner,
      String attribute,
      String folder,
      String name) {
    ScriptTensor tensor = ScriptTensor.of(value, folder);
    if (tensor != null && !tensors.containsKey(value)) {
      String unique = unique(name, places.keySet());
      tensors.put(value, unique);
      places.put(unique, new Traced.Stored(owner, attribute, tensor));
      metas.put(unique, tensor.meta());
    }
  }

  private static String unique(String name, Set<String> taken) {
    String unique = name.isEmpty() ? "value" : name;
    for (int i = 1; taken.contains(unique); i++) {
      unique = name + "_" + i;
    }
    return unique;
  }

  /** The parameter that a value of the archive is; null if it is none. */
  @Nullable String parameter(Pickled value) {
    return tensors.get(value);
  }

  String path(Pickled object) {
    return paths.getOrDefault(object, "");
  }

  /** All parameters below an object. */
  List<String> parametersBelow(Pickled object) {
    String path = path(object);
    return places.keySet().stream()
        .filter(name -> path.isEmpty() || name.startsWith(path + "."))
        .toList();
  }

  List<String> constantNames() {
    return places.keySet().stream().filter(name -> name.startsWith("CONSTANTS.")).toList();
  }

  // ------------------------------------------------------------ inputs and results

  Value.Ref input(String name, @Nullable TensorMeta example) {
    Set<String> taken = new HashSet<>(places.keySet());
    taken.addAll(inputs);
    String unique = unique(name, taken);
    inputs.add(unique);
    if (example != null) {
      metas.put(unique, example);
      exampleRanks.add(unique);
      openRanks.put(unique, EXAMPLES);
    }
    return new Value.Ref(unique);
  }

  void output(String value) {
    if (!outputs.contains(value)) {
      outputs.add(value);
    }
  }

  void assume(String what) {
    assumptions.add(what);
  }

  /** Takes note that what follows holds for the rank that a value is taken to have. */
  void assumeRank(Value value) {
    String premise = value instanceof Value.Ref ref ? openRanks.get(ref.name()) : null;
    if (premise != null) {
      assume(premise);
    }
  }

  @Nullable TensorMeta meta(String value) {
    return metas.get(value);
  }

  /** Whether a value may have another rank with other inputs: nothing in the code says it. */
  boolean isExampleRank(String value) {
    return exampleRanks.contains(value) || assumedRanks.contains(value);
  }

  // ------------------------------------------------------------ operators

  int size() {
    return nodes.size();
  }

  /** An operator that only gathers values, and writes into none. */
  Value.Ref gather(String what, List<String> reads, Frame frame, Expression.Call call) {
    return add(
            HARMLESS + what, List.of(argument("values", other(reads))), 1, frame, call, List.of())
        .get(0);
  }

  /** An operator of which nobody knows what it does with what it reads. */
  List<Value.Ref> unknown(
      String what, List<String> reads, int results, Frame frame, Expression.Call call) {
    return add(
        "torch.ops.unknown." + what,
        List.of(argument("values", other(reads))),
        results,
        frame,
        call,
        List.of());
  }

  private static AtenValue other(List<String> reads) {
    return new AtenValue.Other(Set.copyOf(reads));
  }

  static AtenArgument argument(String name, AtenValue value) {
    return new AtenArgument(name, value, text(value), NOWHERE);
  }

  /** One of PyTorch's own operators. */
  List<Value.Ref> aten(
      String operator,
      List<AtenArgument> arguments,
      int results,
      Frame frame,
      Expression.Call call,
      List<Value> values) {
    return add(ATEN + operator, arguments, results, frame, call, values);
  }

  /** An operator of another library. */
  List<Value.Ref> foreign(
      String operator,
      List<AtenArgument> arguments,
      int results,
      Frame frame,
      Expression.Call call) {
    return add("torch.ops." + operator, arguments, results, frame, call, List.of());
  }

  private List<Value.Ref> add(
      String target,
      List<AtenArgument> arguments,
      int results,
      Frame frame,
      Expression.Call call,
      List<Value> values) {
    if (nodes.size() >= mostNodes) {
      throw new TooLargeException(
          Problem.in(label)
              .inside("code")
              .expected("code that runs at most " + mostNodes + " operators")
              .found("more"));
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < results; i++) {
      names.add("#" + this.values++);
    }
    AtenNode node = new AtenNode(target, frame.path(), arguments, names, null, null, null);
    names.forEach(name -> makers.put(name, nodes.size()));
    infer(node);
    nodes.add(node);
    bases.add(base(node, frame.path()));
    origins.add(new Traced.Origin(frame, call, values, names.get(0)));
    return names.stream().map(Value.Ref::new).toList();
  }

  private void infer(AtenNode node) {
    if (!node.isAten() || node.hasOut()) {
      return;
    }
    assumeInput(node);
    TensorMeta meta = shapes.result(node);
    if (meta != null) {
      String result = node.outputs().get(0);
      metas.put(result, meta);
      if (readsAny(node, exampleRanks)) {
        exampleRanks.add(result);
      }
      if (!saysRank(node, meta)) {
        if (readsAny(node, assumedRanks)) {
          assumedRanks.add(result);
        }
        reads(node)
            .filter(openRanks::containsKey)
            .findFirst()
            .ifPresent(open -> openRanks.put(result, openRanks.getOrDefault(open, "")));
      }
    }
  }

  private static Stream<String> reads(AtenNode node) {
    return node.arguments().stream().flatMap(argument -> argument.value().reads().stream());
  }

  private static boolean readsAny(AtenNode node, Set<String> values) {
    return reads(node).anyMatch(values::contains);
  }

  /** Whether the rank of a result is the same whatever its input's is. */
  private static boolean saysRank(AtenNode node, TensorMeta result) {
    String operator = node.functional();
    return operator.startsWith("view.")
        || operator.startsWith("reshape.")
        || (operator.startsWith("flatten.") && result.dims().size() == 2);
  }

  /** What a layer needs its input to be, where the code does not say what that is. */
  private void assumeInput(AtenNode node) {
    String operator = node.functional();
    if (!(node.argument("input") instanceof AtenValue.Tensor input)
        || metas.containsKey(input.name())) {
      return;
    }
    TensorMeta weight = described(node, "weight");
    if (node.isConvolution() && weight != null && weight.dims().size() > 2) {
      List<Dim> dims = new ArrayList<>(weight.dims());
      dims.replaceAll(dim -> new Dim.Unknown());
      dims.set(1, channels(node, weight));
      assumedRanks.add(input.name());
      openRanks.put(input.name(), "the input of %s has a batch axis".formatted(called(node)));
      metas.put(input.name(), new TensorMeta(weight.type(), dims, List.of(), -1, true));
    } else if (operator.equals("linear.default") && weight != null && weight.dims().size() == 2) {
      metas.put(
          input.name(),
          new TensorMeta(
              weight.type(),
              List.of(new Dim.Unknown(), weight.dims().get(1)),
              List.of(),
              -1,
              true));
      assumedRanks.add(input.name());
      openRanks.put(input.name(), "the input of %s is a matrix".formatted(called(node)));
    }
  }

  /** A layer by its module; one that is called by the root's own code, by its operator. */
  private static String called(AtenNode layer) {
    String operator = layer.functional();
    return layer.name().isEmpty()
        ? operator.substring(0, operator.indexOf('.'))
        : "'" + layer.name() + "'";
  }

  private @Nullable TensorMeta described(AtenNode node, String argument) {
    return node.argument(argument) instanceof AtenValue.Tensor tensor
        ? metas.get(tensor.name())
        : null;
  }

  private static Dim channels(AtenNode convolution, TensorMeta weight) {
    boolean isTransposed =
        convolution.functional().startsWith("conv_transpose")
            || (convolution.argument("transposed") instanceof AtenValue.Flag flag && flag.value());
    if (isTransposed) {
      return weight.dims().get(0);
    }
    long groups =
        convolution.argument("groups") instanceof AtenValue.Whole whole ? whole.value() : 1;
    return weight.dims().get(1) instanceof Dim.Fixed fixed
        ? new Dim.Fixed(fixed.size() * groups)
        : new Dim.Unknown();
  }

  /** Whether any operator since then may write into what it reads. */
  boolean writesSince(int first) {
    return nodes.subList(first, nodes.size()).stream()
        .anyMatch(
            node ->
                node.isAten()
                    ? node.isInPlace() || node.hasOut()
                    : !node.target().startsWith(HARMLESS));
  }

  /** Values but for parameters that operators since then read, and that were there before. */
  List<String> readSince(int first) {
    Set<String> reads = new LinkedHashSet<>();
    for (AtenNode node : nodes.subList(first, nodes.size())) {
      for (AtenArgument argument : node.arguments()) {
        for (String read : argument.value().reads()) {
          if (!places.containsKey(read) && makers.getOrDefault(read, -1) < first) {
            reads.add(read);
          }
        }
      }
    }
    return List.copyOf(reads);
  }

  // ------------------------------------------------------------ names that last

  private static String base(AtenNode node, String path) {
    String operator = node.type();
    int dot = operator.indexOf('.');
    String plain = dot < 0 ? operator : operator.substring(0, dot);
    boolean isLayer =
        node.isConvolution() || plain.equals("linear") || plain.startsWith("batch_norm");
    return path.isEmpty() ? plain : isLayer ? path : path + "/" + plain;
  }

  /**
   * Names of values by which they are found again in what is written: a layer has the name of its
   * module; before a BatchNorm it has a name of its own, since the fold gives it that of the norm.
   */
  private Map<String, String> names() {
    Map<String, List<Integer>> readers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (AtenArgument argument : nodes.get(i).arguments()) {
        for (String read : argument.value().reads()) {
          readers.computeIfAbsent(read, key -> new ArrayList<>()).add(i);
        }
      }
    }
    Map<String, String> names = new HashMap<>();
    Set<String> taken = new HashSet<>(places.keySet());
    taken.addAll(inputs);
    Map<String, Integer> counts = new HashMap<>();
    int number = 0;
    long results = outputs.stream().filter(makers::containsKey).count();
    for (String output : outputs) {
      if (makers.containsKey(output)) {
        names.put(output, fresh(results == 1 ? "output" : "output." + number, taken, counts));
        number++;
      }
    }
    for (int i = 0; i < nodes.size(); i++) {
      List<String> made = nodes.get(i).outputs();
      List<Integer> users = readers.getOrDefault(made.get(0), List.of());
      boolean isBeforeNorm =
          made.size() == 1
              && users.size() == 1
              && !outputs.contains(made.get(0))
              && isLayer(nodes.get(i))
              && isFoldable(nodes.get(users.get(0)));
      if (isBeforeNorm) {
        String norm = nodes.get(users.get(0)).outputs().get(0);
        String name =
            names.containsKey(norm) ? names.get(norm) : fresh(bases.get(i), taken, counts);
        names.putIfAbsent(norm, name);
        names.putIfAbsent(made.get(0), fresh(bases.get(i) + "/raw", taken, counts));
      }
      for (String value : made) {
        if (!names.containsKey(value)) {
          names.put(value, fresh(bases.get(i), taken, counts));
        }
      }
    }
    return names;
  }

  private static String fresh(String base, Set<String> taken, Map<String, Integer> counts) {
    String name = base;
    while (!taken.add(name)) {
      name = base + "_" + counts.merge(base, 1, Integer::sum);
    }
    return name;
  }

  private static boolean isLayer(AtenNode node) {
    String operator = node.functional();
    return node.isAten() && (operator.startsWith("conv") || operator.equals("linear.default"));
  }

  private static boolean isFoldable(AtenNode node) {
    return node.isAten()
        && node.functional().equals("batch_norm.default")
        && node.argument("training") instanceof AtenValue.Flag training
        && !training.value();
  }

  static AtenValue.Tensor tensor(String name) {
    return new AtenValue.Tensor(name, NOWHERE);
  }

  /** An argument as a person reads it; without names, which an edit may change. */
  private static String text(AtenValue value) {
    if (value instanceof AtenValue.Flag flag) {
      return String.valueOf(flag.value());
    } else if (value instanceof AtenValue.Whole whole) {
      return String.valueOf(whole.value());
    } else if (value instanceof AtenValue.Real real) {
      return String.valueOf(real.value());
    } else if (value instanceof AtenValue.Word word) {
      return word.value();
    } else if (value instanceof AtenValue.Wholes wholes) {
      return wholes.items().stream()
          .map(item -> item.name().isEmpty() ? String.valueOf(item.value()) : "?")
          .collect(Collectors.joining(", ", "[", "]"));
    }
    return value instanceof AtenValue.None ? "None" : "";
  }

  // ------------------------------------------------------------ the program

  Traced traced(
      long opset,
      List<Traced.Invocation> invocations,
      Set<Value.Place> outsideReads,
      Set<Definition> followed) {
    Map<String, String> names = names();
    Map<String, Placed<TensorMeta>> described = new LinkedHashMap<>();
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    List<Placed<String>> all = new ArrayList<>();
    inputs.forEach(input -> all.add(new Placed<>(input, NOWHERE)));
    places.forEach(
        (name, place) -> {
          all.add(new Placed<>(name, NOWHERE));
          Parameter.Kind kind =
              place.owner() == null
                  ? Parameter.Kind.CONSTANT
                  : place.tensor().requiresGrad()
                      ? Parameter.Kind.PARAMETER
                      : Parameter.Kind.BUFFER;
          parameters.put(name, new Parameter(name, name, kind));
        });
    metas.forEach(
        (name, meta) -> described.put(names.getOrDefault(name, name), new Placed<>(meta, NOWHERE)));
    List<Placed<AtenNode>> renamed = new ArrayList<>();
    for (AtenNode node : nodes) {
      renamed.add(
          new Placed<>(
              new AtenNode(
                  node.target(),
                  node.name(),
                  node.arguments().stream()
                      .map(
                          one ->
                              argument(
                                  one.name(),
                                  one.value().renamed(name -> names.getOrDefault(name, name))))
                      .toList(),
                  node.outputs().stream().map(name -> names.getOrDefault(name, name)).toList(),
                  null,
                  null,
                  null),
              NOWHERE));
    }
    Program program =
        new Program(
            all,
            all,
            parameters,
            Set.of(),
            outputs.stream().map(name -> names.getOrDefault(name, name)).toList(),
            renamed,
            described,
            opset,
            "");
    Map<String, Integer> ranks = new HashMap<>();
    for (String value : assumedRanks) {
      TensorMeta meta = metas.get(value);
      if (meta != null) {
        ranks.put(value, meta.dims().size());
      }
    }
    return new Traced(
        program,
        origins,
        places,
        invocations,
        outsideReads,
        followed,
        ranks,
        List.copyOf(assumptions));
  }
}
