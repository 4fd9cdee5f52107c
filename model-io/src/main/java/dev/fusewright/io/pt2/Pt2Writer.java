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
package dev.fusewright.io.pt2;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.aten.Lowered;
import dev.fusewright.io.aten.Parameter;
import dev.fusewright.io.programs.ProgramWriter;
import dev.fusewright.io.programs.RewrittenRecords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes an archive again, some of its nodes and parameters changed: records that nobody edited are
 * copied, their checksums verified, and of the JSON every byte that does not say something else
 * now.
 */
final class Pt2Writer extends ProgramWriter {
  private static final String WEIGHT = "weight_";

  private final Pt2Archive archive;
  private final Lowered lowered;
  private final Map<String, Tensor> rewritten = new HashMap<>();
  private final Map<String, String> namesOfRecords = new HashMap<>();
  private final Map<String, Tensor> added = new LinkedHashMap<>();
  private final Set<String> dropped = new HashSet<>();

  Pt2Writer(Pt2Checkpoint original) {
    super(original, original.archive().folder(), "a program");
    this.archive = original.archive();
    this.lowered = original.lowered();
  }

  @Override
  protected boolean isSame(Graph graph) {
    Graph before = lowered.graph().graph();
    return isSame(graph.nodes(), before.nodes())
        && graph.initializers().size() == before.initializers().size()
        && additionsAndChanges(graph).isEmpty();
  }

  private static boolean isSame(List<Node> nodes, List<Node> before) {
    boolean same = nodes.size() == before.size();
    for (int i = 0; same && i < nodes.size(); i++) {
      same = nodes.get(i) == before.get(i);
    }
    return same;
  }

  private List<Initializer> additionsAndChanges(Graph graph) {
    Map<String, Tensor> before = new HashMap<>();
    lowered.graph().graph().initializers().forEach(one -> before.put(one.name(), one.tensor()));
    return graph.initializers().stream()
        .filter(one -> before.get(one.name()) != one.tensor())
        .toList();
  }

  // ------------------------------------------------------------ records

  @Override
  protected void records(Graph graph, RewrittenRecords out) throws IOException {
    Set<String> kept =
        graph.initializers().stream().map(Initializer::name).collect(Collectors.toSet());
    Set<String> removed = new LinkedHashSet<>(lowered.parameters().keySet());
    removed.removeAll(kept);
    List<ProgramEdit.Addition> additions = changes(graph);
    dropRecords(removed);
    Map<String, Splices.Spliced> texts = new HashMap<>();
    for (Pt2Program own : archive.programs()) {
      List<ProgramEdit.Addition> beside =
          additions.stream().filter(one -> own == programOf(one.weight())).toList();
      ProgramEdit edit = new ProgramEdit(own, lowered, beside, removed);
      texts.put(archive.programRecord(own), edit.program(graph));
      texts.put(archive.weightsRecord(own), edit.config());
    }
    String lastWeight = "";
    for (ZipEntryInfo entry : archive.folder().entries()) {
      if (entry.name().startsWith(archive.weightRecord(WEIGHT))) {
        lastWeight = entry.name();
      }
    }
    for (ZipEntryInfo entry : archive.folder().entries()) {
      String name = entry.name();
      Tensor changed = rewritten.get(name);
      Splices.Spliced text = texts.get(name);
      if (changed != null) {
        tensor(out, name, changed);
      } else if (text != null) {
        out.streamed(name, text.size(), text);
      } else if (!dropped.contains(name)) {
        out.copy(entry);
      }
      if (name.equals(lastWeight)) {
        for (Map.Entry<String, Tensor> one : added.entrySet()) {
          tensor(out, one.getKey(), one.getValue());
        }
      }
    }
  }

  private void tensor(RewrittenRecords out, String record, Tensor tensor) throws IOException {
    out.tensor(record, Objects.requireNonNull(namesOfRecords.get(record)), tensor);
  }

  /** Finds the records of what changes; gives back the parameters that are new. */
  private List<ProgramEdit.Addition> changes(Graph graph) {
    List<ProgramEdit.Addition> additions = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    archive.program().inputs().forEach(input -> taken.add(input.value()));
    archive.program().nodes().forEach(node -> taken.addAll(node.value().outputs()));
    taken.addAll(archive.program().values().keySet());
    long next = nextWeight();
    for (Initializer one : additionsAndChanges(graph)) {
      Parameter parameter = lowered.parameters().get(one.name());
      if (parameter != null) {
        ConfigEntry entry = Objects.requireNonNull(archive.entry(parameter));
        String record = archive.weightRecord(entry.path());
        long bytes =
            Objects.requireNonNull(archive.folder().find(Pt2Archive.WEIGHTS + entry.path())).size();
        List<Integer> order = Objects.requireNonNull(Layout.order(entry.meta(), bytes));
        rewritten.put(record, Layout.inOrder(one.tensor(), order));
        namesOfRecords.put(record, one.name());
        continue;
      }
      String path = WEIGHT + next++;
      String weight = weightBeside(graph, one.name());
      added.put(archive.weightRecord(path), one.tensor());
      namesOfRecords.put(archive.weightRecord(path), one.name());
      additions.add(
          new ProgramEdit.Addition(
              one.name(),
              input(programOf(weight), one.name(), taken),
              path,
              weight,
              one.tensor().shape().elementCount()));
    }
    return additions;
  }

  private long nextWeight() {
    long next = 0;
    String prefix = archive.weightRecord(WEIGHT);
    for (ZipEntryInfo entry : archive.folder().entries()) {
      String number =
          entry.name().startsWith(prefix) ? entry.name().substring(prefix.length()) : "";
      if (number.matches("[0-9]{1,15}")) {
        next = Math.max(next, Long.parseLong(number) + 1);
      }
    }
    return next;
  }

  /** The program that has a parameter, by its name in the lowered graph. */
  private Pt2Program programOf(String parameter) {
    String input = Objects.requireNonNull(lowered.parameters().get(parameter)).input();
    return archive.programs().stream()
        .filter(own -> own.program().parameters().containsKey(input))
        .findFirst()
        .orElseThrow();
  }

  /** A name in the graph of the program as torch makes it of one in the model. */
  private static String input(Pt2Program own, String fqn, Set<String> taken) {
    String plain = own.prefix() + "p_" + own.own(fqn).replaceAll("[^A-Za-z0-9_]", "_");
    String name = plain;
    for (int i = 1; !taken.add(name); i++) {
      name = plain + "_" + i;
    }
    return name;
  }

  private static String weightBeside(Graph graph, String bias) {
    for (Node node : graph.nodes()) {
      if (node.inputs().size() > 2 && node.input(2).equals(bias)) {
        return node.input(1);
      }
    }
    throw new IllegalStateException("nobody reads '" + bias + "'");
  }

  private void dropRecords(Set<String> removed) {
    Set<String> lost =
        removed.stream()
            .map(name -> Objects.requireNonNull(lowered.parameters().get(name)).fqn())
            .collect(Collectors.toSet());
    Set<String> paths = new HashSet<>();
    archive
        .weights()
        .forEach(
            (fqn, entry) -> {
              if (!lost.contains(fqn)) {
                paths.add(entry.value().path());
              }
            });
    archive
        .weights()
        .forEach(
            (fqn, entry) -> {
              if (!paths.contains(entry.value().path())) {
                dropped.add(archive.weightRecord(entry.value().path()));
              }
            });
  }

  // ------------------------------------------------------------ proof

  /** Node by node. */
  @Override
  protected boolean isReadBack(Graph meant, Graph read) {
    Map<String, Node> byOutput = new HashMap<>();
    read.nodes().forEach(node -> byOutput.put(key(node), node));
    boolean isSame = read.nodes().size() == meant.nodes().size();
    for (Node node : meant.nodes()) {
      Node other = byOutput.get(key(node));
      isSame &=
          other != null
              && other.op().equals(node.op())
              && other.inputs().equals(node.inputs())
              && other.outputs().equals(node.outputs())
              && withoutPlace(other).equals(withoutPlace(node));
    }
    return isSame && tensors(read).equals(tensors(meant));
  }

  private static String key(Node node) {
    return node.outputs().isEmpty() ? "node " + node.name() : node.output();
  }

  private static Map<String, String> tensors(Graph graph) {
    Map<String, String> tensors = new HashMap<>();
    for (Initializer one : graph.initializers()) {
      tensors.put(one.name(), one.tensor().type() + " " + one.tensor().shape());
    }
    return tensors;
  }
}
