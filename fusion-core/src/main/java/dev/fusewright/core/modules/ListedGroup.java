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
package dev.fusewright.core.modules;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.Use;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** One group of a list, with all patterns spelled out. */
final class ListedGroup {
  /** One call of the group, and what becomes of it. */
  record SequenceRewrite(ModuleSequence sequence, String rule, Rewrite rewrite) {}

  private final int number;
  private final List<String> names;
  private final ListedModules modules;
  private final SequenceFuser fuser;
  private final List<String> notes = new ArrayList<>();

  ListedGroup(int number, List<String> names, ListedModules modules, SequenceFuser fuser) {
    this.number = number;
    this.names = List.copyOf(names);
    this.modules = modules;
    this.fuser = fuser;
  }

  /** Adds what a report should say of the group. */
  void note(String sentence) {
    notes.add(sentence);
  }

  int number() {
    return number;
  }

  @Override
  public String toString() {
    return "group " + number + " [" + String.join(", ", names) + "]";
  }

  /** What is to be done at each call of the group, or why nothing may be done. */
  Decision<List<SequenceRewrite>> check() {
    return resolve()
        .then(this::checkTypes)
        .then(types -> chains(types))
        .then(
            sequences -> {
              List<SequenceRewrite> sites = new ArrayList<>();
              for (ModuleSequence sequence : sequences) {
                Decision<SequenceRewrite> site = fuser.fuse(sequence);
                if (site instanceof Decision.Sound<SequenceRewrite> sound) {
                  sites.add(noting(sound.facts(), sequences));
                } else {
                  return site.then(same -> Decision.sound(List.of(same)));
                }
              }
              return Decision.sound(sites);
            });
  }

  /** The calls of each module, in the order of the names. */
  private Decision<List<List<ModuleCall>>> resolve() {
    List<List<ModuleCall>> calls = new ArrayList<>();
    for (String name : names) {
      List<ModuleCall> found = modules.calls(name);
      if (!modules.has(name)) {
        Optional<ModuleCall> unnamed =
            modules.hasScopes() || calls.isEmpty()
                ? Optional.empty()
                : unnamed(name, calls.get(calls.size() - 1));
        if (unnamed.isEmpty()) {
          return Decision.refuse(Reason.NO_SUCH_MODULE, "%s", modules.missing(name));
        }
        found = List.of(unnamed.get());
      }
      calls.add(found);
    }
    return Decision.sound(calls);
  }

  /**
   * In a file without scopes a module without parameters has no name; then it is the one node that
   * reads the module before it.
   */
  private Optional<ModuleCall> unnamed(String name, List<ModuleCall> before) {
    if (before.size() != 1) {
      return Optional.empty();
    }
    List<Use> uses = modules.graph().uses(before.get(0).last().output());
    if (uses.size() != 1) {
      return Optional.empty();
    }
    Node reader = uses.get(0).node();
    notes.add(
        "the file does not say which nodes are '%s'; taken to be '%s', which alone reads '%s'"
            .formatted(name, reader.label(), before.get(0).last().output()));
    return Optional.of(ModuleTypes.call(modules.graph(), List.of(reader), Optional.empty()));
  }

  private String typeOf(int index, List<List<ModuleCall>> calls) {
    String name = names.get(index);
    return modules.has(name) ? modules.type(name) : calls.get(index).get(0).type();
  }

  private Decision<List<List<ModuleCall>>> checkTypes(List<List<ModuleCall>> calls) {
    List<String> types = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      types.add(typeOf(i, calls));
    }
    if (fuser.takes(types)) {
      return Decision.sound(calls);
    }
    for (int i = 0; i < types.size(); i++) {
      int earlier = modules.fusedIn(names.get(i));
      if (types.get(i).equals(ListedModules.IDENTITY) && earlier > 0) {
        return Decision.refuse(
            Reason.SHARED_MODULE,
            "did not find fuser method for: (%s): '%s' became an Identity in group %d",
            String.join(", ", types),
            names.get(i),
            earlier);
      }
    }
    return fuser.refuse(names, types);
  }

  /** The sequences of calls: each call of the first module with those that follow it. */
  private Decision<List<ModuleSequence>> chains(List<List<ModuleCall>> calls) {
    List<String> types = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      types.add(typeOf(i, calls));
    }
    List<ModuleSequence> sequences = new ArrayList<>();
    for (ModuleCall first : calls.get(0)) {
      List<ModuleCall> chain = new ArrayList<>(List.of(first));
      for (int i = 1; i < names.size(); i++) {
        Decision<ModuleCall> next = next(chain.get(i - 1), calls, i);
        if (next instanceof Decision.Sound<ModuleCall> sound) {
          chain.add(sound.facts());
        } else {
          return next.then(same -> Decision.sound(List.of()));
        }
      }
      sequences.add(new ModuleSequence(modules.graph(), names, types, chain));
    }
    return Decision.sound(sequences);
  }

  /** The call of the {@code index}-th module that alone reads what {@code before} gives. */
  private Decision<ModuleCall> next(ModuleCall before, List<List<ModuleCall>> calls, int index) {
    GraphView graph = modules.graph();
    String value = before.last().output();
    Optional<ModuleCall> next =
        calls.get(index).stream().filter(call -> call.first().input(0).equals(value)).findFirst();
    if (next.isEmpty()) {
      return calls.get(0).size() > 1
          ? Decision.refuse(
              Reason.SHARED_MODULE,
              "'%s' is called %d times, and at '%s' it is not followed by '%s', so that fusing it would change that call",
              names.get(0),
              calls.get(0).size(),
              before.first().label(),
              names.get(index))
          : notAdjacent(value, calls, index);
    }
    return NormPreconditions.check(graph, names.get(index), before, next.get(), fuser.mode())
        .then(
            sound -> {
              if (graph.isOutput(value)) {
                return Decision.refuse(
                    Reason.GRAPH_OUTPUT,
                    "what '%s' gives, '%s', is an output of the graph and must stay one",
                    names.get(index - 1),
                    value);
              }
              return graph.useCount(value) == 1
                  ? Decision.sound(next.get())
                  : Decision.refuse(
                      Reason.OTHER_USES,
                      "what '%s' gives is not only read by '%s': '%s' is read by %s",
                      names.get(index - 1),
                      names.get(index),
                      value,
                      readers(value));
            });
  }

  private Decision<ModuleCall> notAdjacent(String value, List<List<ModuleCall>> calls, int index) {
    String read = calls.get(index).get(0).first().input(0);
    Node producer = modules.graph().producer(read);
    return Decision.refuse(
        Reason.NOT_ADJACENT,
        "'%s' does not follow '%s': it reads %s, and '%s' is read by %s",
        names.get(index),
        names.get(index - 1),
        producer == null ? "'" + read + "'" : producer.op() + " '" + producer.label() + "'",
        value,
        readers(value));
  }

  private String readers(String value) {
    List<Use> uses = modules.graph().uses(value);
    return uses.isEmpty()
        ? "nobody"
        : uses.stream()
            .limit(4)
            .map(use -> use.node().op() + " '" + use.node().label() + "'")
            .collect(Collectors.joining(", "));
  }

  /** Says which further calls of the modules stay, and which weights are shared. */
  private SequenceRewrite noting(SequenceRewrite site, List<ModuleSequence> all) {
    List<String> said = new ArrayList<>(notes);
    for (int i = 1; i < names.size(); i++) {
      int index = i;
      List<String> taken =
          all.stream().map(sequence -> sequence.calls().get(index).first().label()).toList();
      List<String> staying =
          modules.calls(names.get(i)).stream()
              .map(call -> call.first().label())
              .filter(label -> !taken.contains(label))
              .toList();
      if (!staying.isEmpty()) {
        said.add(
            "'%s' is called elsewhere too, and stays there: %s"
                .formatted(names.get(i), String.join(", ", staying)));
      }
    }
    for (Rewrite.Parameter parameter : site.rewrite().parameters()) {
      site.rewrite().replaced().stream()
          .filter(node -> node.id() == parameter.node() && node.hasInput(parameter.input()))
          .map(node -> node.input(parameter.input()))
          .filter(name -> modules.graph().useCount(name) > 1)
          .forEach(
              name ->
                  said.add(
                      "'%s' is shared: %s; the fused one is stored beside it"
                          .formatted(name, readers(name))));
    }
    return new SequenceRewrite(site.sequence(), site.rule(), site.rewrite().noting(said));
  }
}
