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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.format.Fit;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Finds what an archive can hold of an edited graph.
 *
 * <p>A parameter has one place in an archive. Where a fold had to copy one because several nodes
 * read it, the copies are one parameter again if all of its readers have one and they are equal: a
 * pair of modules that is called twice. Otherwise the fold does not fit.
 */
public final class Fitting {
  private static final int WEIGHT = 1;
  private static final int BIAS = 2;
  private static final String STATISTIC = "running_mean";
  private static final String COUNTER = "num_batches_tracked";
  private static final int CHUNK = 1 << 16;

  private final AtenArchive archive;
  private final Lowered lowered;
  private final Map<Integer, Node> before = new HashMap<>();
  private final Map<String, Initializer> held = new LinkedHashMap<>();
  private final List<Fit.Misfit> misfits = new ArrayList<>();

  public Fitting(AtenArchive archive, Lowered lowered) {
    this.archive = archive;
    this.lowered = lowered;
    lowered.graph().graph().nodes().forEach(node -> before.put(node.id(), node));
    lowered.graph().graph().initializers().forEach(one -> held.put(one.name(), one));
  }

  /** A new value of an operand, and the parameter in whose place or beside which it stands. */
  private record Made(String name, String original) {}

  /** What the archive would hold of an edited graph. */
  public Fit fit(ModelGraph edited) {
    Graph graph = edited.graph();
    Map<String, Initializer> given = new LinkedHashMap<>();
    graph.initializers().forEach(one -> given.put(one.name(), one));
    Map<String, List<Made>> copies = new LinkedHashMap<>();
    Map<String, List<Made>> biases = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      Node old = before.get(node.id());
      if (old == null || !isExpressible(old, node)) {
        misfit(node.output(), "the program has no '%s' that could be written so", node.op());
        continue;
      }
      if (old != node && readsHidden(old, node)) {
        misfit(node.output(), "'%s' reads a value in an argument of another kind", node.label());
        continue;
      }
      for (int i = 0; i < node.inputs().size(); i++) {
        String name = node.input(i);
        if (name.equals(old.input(i)) || held.containsKey(name) || !given.containsKey(name)) {
          continue;
        }
        if (held.containsKey(old.input(i))) {
          put(copies, new Made(name, old.input(i)));
        } else if (isLayer(node) && i == BIAS && !old.hasInput(i)) {
          put(biases, new Made(name, old.input(WEIGHT)));
        } else {
          misfit(name, "'%s' has no place in the program", name);
        }
      }
    }
    Map<String, String> names = new HashMap<>();
    Map<String, Tensor> values = new HashMap<>();
    Set<String> read = new LinkedHashSet<>();
    graph.nodes().forEach(node -> read.addAll(node.inputs()));
    graph.outputs().forEach(output -> read.add(output.name()));
    copies.forEach(
        (original, made) -> {
          if (read.contains(original)) {
            refuse(made, "'%s' is read elsewhere too, and has one place in the archive", original);
          } else if (areEqual(made, given, original)) {
            made.forEach(copy -> names.put(copy.name(), original));
            values.put(original, value(given, made.get(0)));
          }
        });
    biases.forEach(
        (weight, made) -> {
          if (areEqual(made, given, weight)) {
            String name = unused(made.get(0).name());
            made.forEach(copy -> names.put(copy.name(), name));
            values.put(name, value(given, made.get(0)));
          }
        });
    return new Fit(edited.withGraph(result(graph, given, names, values, biases.keySet())), misfits);
  }

  private void misfit(String value, String sentence, Object... arguments) {
    misfits.add(new Fit.Misfit(value, sentence.formatted(arguments)));
  }

  private void refuse(List<Made> made, String sentence, String original) {
    made.forEach(copy -> misfit(copy.name(), sentence, original));
  }

  private static void put(Map<String, List<Made>> groups, Made made) {
    List<Made> group = groups.computeIfAbsent(made.original(), name -> new ArrayList<>());
    if (!group.contains(made)) {
      group.add(made);
    }
  }

  private static Tensor value(Map<String, Initializer> given, Made made) {
    return Objects.requireNonNull(given.get(made.name())).tensor();
  }

  private static boolean isLayer(Node node) {
    return node.is(OpKind.CONV) || node.is(OpKind.CONV_TRANSPOSE) || node.is(OpKind.GEMM);
  }

  /** Whether only names of values differ, of which the program says each by itself. */
  private static boolean isExpressible(Node old, Node node) {
    return old == node
        || (old.op().equals(node.op())
            && old.attributes().equals(node.attributes())
            && old.outputs().size() == node.outputs().size()
            && (old.outputs().equals(node.outputs()) || node.outputs().size() == 1)
            && node.inputs().size() >= old.inputs().size()
            && (node.inputs().size() == old.inputs().size() || isLayer(node)));
  }

  /** Whether an input that changes stands in an argument whose names are not written anew. */
  private boolean readsHidden(Node old, Node node) {
    List<Placed<AtenNode>> nodes = archive.program().nodes();
    if (node.id() >= nodes.size()) {
      return false;
    }
    for (AtenArgument argument : nodes.get(node.id()).value().arguments()) {
      if (argument.value() instanceof AtenValue.Tensor
          || argument.value() instanceof AtenValue.Tensors) {
        continue;
      }
      for (String read : argument.value().reads()) {
        String name = lowered.names().getOrDefault(read, read);
        if (old.inputs().contains(name) && !node.inputs().contains(name)) {
          return true;
        }
      }
    }
    return false;
  }

  // ------------------------------------------------------------ copies

  private boolean areEqual(List<Made> made, Map<String, Initializer> given, String original) {
    Tensor first = value(given, made.get(0));
    for (Made other : made.subList(1, made.size())) {
      if (!isEqual(first, value(given, other))) {
        refuse(
            made,
            "'%s' would become something else for each of its readers, and has one place in the"
                + " archive",
            original);
        return false;
      }
    }
    return true;
  }

  private static boolean isEqual(Tensor a, Tensor b) {
    if (a.type() != b.type() || !a.shape().equals(b.shape())) {
      return false;
    }
    ByteBuffer first = ByteBuffer.allocate(CHUNK);
    ByteBuffer second = ByteBuffer.allocate(CHUNK);
    long bytes = a.byteCount();
    for (long at = 0; at < bytes; at += CHUNK) {
      int count = (int) Math.min(CHUNK, bytes - at);
      a.read(at, first.clear().limit(count));
      b.read(at, second.clear().limit(count));
      if (!first.flip().equals(second.flip())) {
        return false;
      }
    }
    return true;
  }

  /** A name that no parameter of the archive has, also none that the program does not read. */
  private String unused(String name) {
    String unused = name;
    for (int i = 1; archive.isWeight(unused); i++) {
      unused = name + "_" + i;
    }
    return unused;
  }

  // ------------------------------------------------------------ what is left

  private Graph result(
      Graph edited,
      Map<String, Initializer> given,
      Map<String, String> names,
      Map<String, Tensor> values,
      Set<String> withBias) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : edited.nodes()) {
      boolean isRenamed = node.inputs().stream().anyMatch(names::containsKey);
      nodes.add(
          isRenamed
              ? node.withInputs(
                  node.inputs().stream().map(name -> names.getOrDefault(name, name)).toList())
              : node);
    }
    Map<String, Initializer> kept = new LinkedHashMap<>();
    for (Initializer one : given.values()) {
      if (!names.containsKey(one.name())) {
        kept.put(one.name(), one);
      }
    }
    values.forEach((name, tensor) -> kept.put(name, new Initializer(name, tensor)));
    for (Initializer one : held.values()) {
      if (!kept.containsKey(one.name()) && !isRemovable(one.name())) {
        kept.put(one.name(), one);
      }
    }
    Set<String> read = new LinkedHashSet<>();
    nodes.forEach(node -> read.addAll(node.inputs()));
    List<String> gone = held.keySet().stream().filter(name -> !kept.containsKey(name)).toList();
    for (String name : gone) {
      if (name.endsWith(STATISTIC)) {
        String counter = name.substring(0, name.length() - STATISTIC.length()) + COUNTER;
        if (!read.contains(counter) && isRemovable(counter)) {
          kept.remove(counter);
        }
      }
    }
    kept.values().forEach(one -> check(one, withBias));
    if (!names(edited.inputs()).equals(names(lowered.graph().graph().inputs()))
        || !names(edited.outputs()).equals(names(lowered.graph().graph().outputs()))) {
      misfit("", "the program has other inputs and outputs");
    }
    return new Graph(
        edited.name(),
        nodes,
        List.copyOf(kept.values()),
        edited.inputs(),
        edited.outputs(),
        edited.valueInfos(),
        edited.annotations(),
        edited.sparseInitializers());
  }

  private static List<String> names(List<ValueInfo> values) {
    return values.stream().map(ValueInfo::name).toList();
  }

  /** Constants that the lowering made are in no archive; those of the program stay in theirs. */
  private boolean isRemovable(String name) {
    Parameter parameter = lowered.parameters().get(name);
    return parameter == null ? held.containsKey(name) : archive.isWeight(parameter.fqn());
  }

  /** Refuses values that cannot be put where they belong. */
  private void check(Initializer one, Set<String> withBias) {
    Initializer old = held.get(one.name());
    if (old == one || (old != null && old.tensor() == one.tensor())) {
      return;
    }
    if (old == null) {
      for (String weight : withBias) {
        if (!isWeight(weight)) {
          misfit(one.name(), "'%s' is no parameter beside which a bias could stand", weight);
        }
      }
      return;
    }
    String name = one.name();
    if (!isWeight(name)) {
      misfit(name, "'%s' is a constant of the program, which is not rewritten", name);
    } else if (lowered.shared().contains(name)) {
      misfit(name, "'%s' shares its storage with another parameter", name);
    } else if (!archive.fillsItsPlace(Objects.requireNonNull(lowered.parameters().get(name)))) {
      misfit(name, "'%s' is a view of its storage", name);
    } else if (!old.tensor().shape().equals(one.tensor().shape())
        || old.tensor().type() != one.tensor().type()) {
      misfit(name, "'%s' would change its type or shape", name);
    }
  }

  private boolean isWeight(String name) {
    Parameter parameter = lowered.parameters().get(name);
    return parameter != null && archive.isWeight(parameter.fqn());
  }
}
