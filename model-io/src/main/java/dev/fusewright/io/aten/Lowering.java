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
package dev.fusewright.io.aten;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.format.Translation;
import dev.fusewright.io.json.JsonCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Says a program in ONNX's terms.
 *
 * <p>What rules work on has one node for each of the program's, so that an edit of one is an edit
 * of the other: a call that takes several nodes to say stands there as the operator that it is,
 * with all that it reads. What a runtime runs has as many nodes as it takes.
 */
public final class Lowering {
  /** Version of ONNX's operators in whose terms programs are read. */
  private static final long OPSET = 20;

  /** Version of ONNX's representation that has those. */
  private static final long IR_VERSION = 9;

  /** The domain of values that are no constants, though they look like some. */
  private static final String EXPORT = "torch.export";

  /** Axes of a matrix in the other order. */
  private static final List<AtenValue.Item> TURNED =
      List.of(new AtenValue.Item(1, ""), new AtenValue.Item(0, ""));

  private final AtenArchive archive;
  private final Program program;
  private final List<Set<String>> reads = new ArrayList<>();
  private final Set<String> read = new HashSet<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, String> names = new HashMap<>();
  private final Aliases aliases;

  private final List<Node> holders = new ArrayList<>();
  private final Map<String, Initializer> constants = new LinkedHashMap<>();
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Set<String> shared = new HashSet<>();
  private final Map<String, String> turned;

  private Lowering(AtenArchive archive) {
    this.archive = archive;
    this.program = archive.program();
    define();
    this.aliases = new Aliases(program, reads);
    name();
    parameters();
    this.turned = turned();
  }

  /** What rules work on. */
  public static Lowered planned(AtenArchive archive) {
    Lowering lowering = new Lowering(archive);
    List<Node> nodes = new ArrayList<>(lowering.holders);
    List<Initializer> initializers = new ArrayList<>(lowering.constants.values());
    for (int i = 0; i < lowering.program.nodes().size(); i++) {
      Emission said = lowering.said(i, i);
      if (said != null && said.nodes().size() == 1) {
        nodes.add(said.nodes().get(0));
        initializers.addAll(said.constants());
      } else {
        nodes.add(lowering.opaque(i));
      }
    }
    Set<String> read = new HashSet<>(lowering.results());
    nodes.forEach(node -> read.addAll(node.inputs()));
    nodes.removeIf(
        node ->
            node.outputs().stream().anyMatch(lowering.turned::containsKey)
                && node.outputs().stream().noneMatch(read::contains));
    return new Lowered(
        lowering.model(nodes, initializers), lowering.parameters, lowering.names, lowering.shared);
  }

  /** What a runtime runs. */
  public static Translation translated(AtenArchive archive) {
    Lowering lowering = new Lowering(archive);
    List<List<Node>> said = new ArrayList<>();
    List<Initializer> initializers = new ArrayList<>(lowering.constants.values());
    int id = lowering.program.nodes().size() + lowering.holders.size();
    Set<Integer> unsaid = new HashSet<>();
    for (int i = 0; i < lowering.program.nodes().size(); i++) {
      Emission emission = lowering.said(i, id);
      if (emission == null) {
        unsaid.add(i);
        said.add(List.of(lowering.opaque(i)));
      } else {
        said.add(emission.nodes());
        initializers.addAll(emission.constants());
        id += emission.nodes().size();
      }
    }
    Set<String> needed = new HashSet<>(lowering.results());
    Set<String> unknown = new TreeSet<>();
    List<List<Node>> kept = new ArrayList<>();
    for (int i = said.size() - 1; i >= 0; i--) {
      AtenNode node = lowering.program.nodes().get(i).value();
      if (node.outputs().stream().anyMatch(needed::contains)) {
        if (unsaid.contains(i)) {
          unknown.add(node.target());
        }
        said.get(i).forEach(part -> needed.addAll(part.inputs()));
        kept.add(0, said.get(i));
      }
    }
    for (Node holder : lowering.holders) {
      if (needed.contains(holder.output())) {
        unknown.add(holder.op().toString());
      }
    }
    List<Node> nodes = new ArrayList<>();
    kept.forEach(nodes::addAll);
    initializers.removeIf(constant -> !needed.contains(constant.name()));
    ModelGraph model =
        lowering.model(unknown.isEmpty() ? nodes : all(lowering.holders, nodes), initializers);
    // What stands for the attributes that code assigns is no input of what is run.
    List<ValueInfo> inputs =
        model.graph().inputs().stream()
            .filter(input -> needed.contains(input.name()) || isTyped(input))
            .toList();
    return new Translation(model.withGraph(model.graph().withInputs(inputs)), List.copyOf(unknown));
  }

  private static boolean isTyped(ValueInfo value) {
    return value.type() != ElementType.UNDEFINED;
  }

  private static List<Node> all(List<Node> holders, List<Node> nodes) {
    List<Node> all = new ArrayList<>(holders);
    all.addAll(nodes);
    return all;
  }

  // ------------------------------------------------------------ names

  /** Every value is defined once, and before it is read. */
  private void define() {
    Set<String> defined = new HashSet<>();
    for (Placed<String> input : program.inputs()) {
      if (!input.value().isEmpty() && !defined.add(input.value())) {
        throw malformed("values that are defined once", input.value());
      }
    }
    for (Placed<AtenNode> placed : program.nodes()) {
      Set<String> values = new LinkedHashSet<>();
      for (AtenArgument argument : placed.value().arguments()) {
        boolean mayBeOther = argument.value() instanceof AtenValue.Other;
        for (String name : argument.value().reads()) {
          if (defined.contains(name)) {
            values.add(name);
          } else if (!mayBeOther) {
            throw malformed("values that are defined before they are read", name);
          }
        }
      }
      reads.add(values);
      read.addAll(values);
      for (String output : placed.value().outputs()) {
        if (output.isEmpty() || !defined.add(output)) {
          throw malformed("values that are defined once", output);
        }
      }
    }
    for (String output : program.outputs()) {
      if (!defined.contains(output)) {
        throw malformed("results that something computes", output);
      }
    }
    for (String parameter : program.parameters().keySet()) {
      if (!defined.contains(parameter)) {
        throw malformed("parameters that are inputs of the graph", parameter);
      }
    }
    read.addAll(program.outputs());
    taken.addAll(defined);
  }

  private MalformedFileException malformed(String expected, String name) {
    return new MalformedFileException(
        Problem.in(archive.label())
            .inside("program")
            .expected(expected)
            .found("'" + JsonCursor.shortened(name) + "'"));
  }

  /** Parameters go by their names in the model, where no value is called so. */
  private void name() {
    for (Parameter parameter : program.parameters().values()) {
      String fqn = parameter.fqn();
      boolean isFree = !fqn.isEmpty() && taken.add(fqn);
      names.put(parameter.input(), isFree ? fqn : parameter.input());
    }
  }

  private String lowered(String value) {
    return names.getOrDefault(value, value);
  }

  private String fresh(String hint) {
    String name = hint;
    for (int i = 1; !taken.add(name); i++) {
      name = hint + "_" + i;
    }
    return name;
  }

  // ------------------------------------------------------------ parameters

  private void parameters() {
    for (Parameter parameter : program.parameters().values()) {
      String name = lowered(parameter.input());
      boolean isMutated =
          program.mutated().contains(parameter.fqn()) || aliases.isUnsafe(parameter.input());
      Tensor tensor = archive.tensor(parameter);
      if (isMutated) {
        hold(name, "MutatedBuffer");
      } else if (tensor == null || !archive.isDescribed(parameter)) {
        hold(name, "OpaqueParameter");
      } else {
        constants.put(name, new Initializer(name, tensor));
        parameters.put(name, parameter);
        if (archive.isShared(parameter)) {
          shared.add(name);
        }
      }
    }
  }

  private void hold(String name, String type) {
    int id = program.nodes().size() + holders.size();
    OpKind kind = new OpKind(EXPORT, type);
    holders.add(new Node(id, name, kind, List.of(), List.of(name), Map.of()));
  }

  /**
   * Parameters by the names of values that are their transposes: what reads such a value may as
   * well be said to read the parameter, and nothing of the transpose is left to be said then.
   */
  private Map<String, String> turned() {
    Map<String, String> found = new HashMap<>();
    for (Placed<AtenNode> placed : program.nodes()) {
      AtenNode node = placed.value();
      if (node.outputs().size() == 1
          && node.argument("self") instanceof AtenValue.Tensor matrix
          && parameters.containsKey(lowered(matrix.name()))
          && isMatrix(matrix.name())
          && exchangesAxes(node)) {
        found.put(node.outputs().get(0), matrix.name());
      }
    }
    return found;
  }

  private boolean isMatrix(String value) {
    Placed<TensorMeta> meta = program.values().get(value);
    return meta != null && meta.value().dims().size() == 2;
  }

  /** Whether an operator gives the transpose of a matrix. */
  private static boolean exchangesAxes(AtenNode node) {
    return switch (node.isAten() ? node.operator() : "") {
      case "t.default" -> true;
      case "permute.default" ->
          node.argument("dims") instanceof AtenValue.Wholes dims && dims.items().equals(TURNED);
      case "transpose.int" ->
          node.argument("dim0") instanceof AtenValue.Whole first
              && node.argument("dim1") instanceof AtenValue.Whole second
              && Set.of(0L, -2L, 1L, -1L).containsAll(List.of(first.value(), second.value()))
              && Math.floorMod(first.value(), 2) != Math.floorMod(second.value(), 2);
      default -> false;
    };
  }

  // ------------------------------------------------------------ nodes

  /** The call in ONNX's terms; null if it has none. */
  private @Nullable Emission said(int index, int id) {
    AtenNode node = program.nodes().get(index).value();
    AtenOperator operator = AtenOperators.find(node);
    if (operator == null || node.outputs().isEmpty() || touchesUnsafe(index)) {
      return null;
    }
    boolean isCopy = node.operator().equals("clone.default");
    boolean isPrivate =
        reads.get(index).stream().allMatch(aliases::isPrivate)
            && node.outputs().stream().allMatch(aliases::isPrivate);
    if (isCopy && !isPrivate) {
      return null; // Passed by, one of both would show what is written into the other.
    }
    Set<String> made = new LinkedHashSet<>();
    try {
      Emission out = new Emission(node, id, hint -> made(made, hint));
      AtenCall call = new AtenCall(node, program.values(), this::lowered, read::contains, turned);
      operator.form().say(call, out);
      return out;
    } catch (UnknownFormException e) {
      taken.removeAll(made);
      return null;
    }
  }

  private String made(Set<String> made, String hint) {
    String name = fresh(hint);
    made.add(name);
    return name;
  }

  private boolean touchesUnsafe(int index) {
    AtenNode node = program.nodes().get(index).value();
    return reads.get(index).stream().anyMatch(aliases::isUnsafe)
        || node.outputs().stream().anyMatch(aliases::isUnsafe);
  }

  /** The call as it is: all that it reads, and what else it says as text. */
  private Node opaque(int index) {
    AtenNode node = program.nodes().get(index).value();
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    for (AtenArgument argument : node.arguments()) {
      if (!(argument.value() instanceof AtenValue.Tensor)) {
        attributes.put(argument.name(), new Attribute.Text(argument.text()));
      }
    }
    attributes.put(
        "arguments",
        new Attribute.Texts(node.arguments().stream().map(AtenArgument::name).toList()));
    if (touchesUnsafe(index)) {
      attributes.put("position", new Attribute.Int(index));
    }
    return new Node(
        index,
        node.name(),
        new OpKind(node.domain(), node.type()),
        reads.get(index).stream().map(this::lowered).toList(),
        node.outputs(),
        attributes);
  }

  // ------------------------------------------------------------ the graph

  private List<String> results() {
    return program.outputs().stream().map(this::lowered).distinct().toList();
  }

  private ModelGraph model(List<Node> nodes, List<Initializer> initializers) {
    List<ValueInfo> inputs = new ArrayList<>();
    for (Placed<String> input : program.inputs()) {
      if (!input.value().isEmpty() && !program.parameters().containsKey(input.value())) {
        inputs.add(info(input.value()));
      }
    }
    Map<String, ValueInfo> infos = new LinkedHashMap<>();
    Set<String> results = new LinkedHashSet<>(results());
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        if (program.values().containsKey(output) && !results.contains(output)) {
          infos.put(output, info(output));
        }
      }
    }
    Map<String, Long> opsets = new LinkedHashMap<>();
    opsets.put("", OPSET);
    nodes.forEach(node -> opsets.putIfAbsent(node.op().domain(), 1L));
    opsets.replace("aten", program.opset());
    Graph graph =
        new Graph(
            "program",
            nodes,
            initializers,
            inputs,
            program.outputs().stream().distinct().map(this::output).toList(),
            List.copyOf(infos.values()),
            List.of(),
            List.of());
    return new ModelGraph(IR_VERSION, opsets, graph, List.of());
  }

  private ValueInfo output(String value) {
    ValueInfo info = info(value);
    return new ValueInfo(lowered(value), info.type(), info.dims());
  }

  private ValueInfo info(String value) {
    Placed<TensorMeta> meta = program.values().get(value);
    return meta == null || meta.value().type() == ElementType.UNDEFINED
        ? ValueInfo.untyped(value)
        : new ValueInfo(value, meta.value().type(), meta.value().dims());
  }
}
