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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.diff.ParameterDiff;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.format.Checkpoint;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.pipeline.settings.RequestException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Parameters of two files by names that both may have, of which at least one has no graph.
 *
 * @param first of the first file
 * @param second of the second
 */
public record NamedParameters(
    Map<String, ? extends Tensor> first, Map<String, ? extends Tensor> second) {
  /** A counter that inference does not read, and exports leave out. */
  private static final String COUNTER = "num_batches_tracked";

  /** Those of two files of state dicts: the one dict of each, or dict by dict. */
  static NamedParameters ofStates(StateCheckpoint first, StateCheckpoint second) {
    boolean isOne = first.states().size() == 1 && second.states().size() == 1;
    return new NamedParameters(tensors(first, isOne), tensors(second, isOne));
  }

  /**
   * Those of two files, one of a state dict and one of a graph, in either order.
   *
   * @throws RequestException if one has several state dicts
   */
  static NamedParameters mixed(Checkpoint first, Checkpoint second) throws RequestException {
    Map<String, Tensor> before = new LinkedHashMap<>(tensors(first));
    Map<String, Tensor> after = new LinkedHashMap<>(tensors(second));
    if (first instanceof StateCheckpoint) {
      removeCounters(before, after);
    } else {
      removeCounters(after, before);
    }
    return new NamedParameters(before, after);
  }

  private static void removeCounters(Map<String, Tensor> state, Map<String, Tensor> graph) {
    state.keySet().removeIf(name -> name.endsWith(COUNTER) && !graph.containsKey(name));
    // Axes and shapes, which are the graph's own and no parameters.
    graph.entrySet().removeIf(it -> isNumbers(it.getValue()) && !state.containsKey(it.getKey()));
  }

  private static boolean isNumbers(Tensor tensor) {
    return tensor.type() == ElementType.INT64 && tensor.shape().rank() <= 1;
  }

  /**
   * Difference of two files, one of which at least has no graph.
   *
   * @throws RequestException if they have nothing to compare: no name in common, or several state
   *     dicts and a graph
   */
  public static ParameterDiff difference(Checkpoint first, Checkpoint second)
      throws RequestException {
    if (first instanceof StateCheckpoint before && second instanceof StateCheckpoint after) {
      return ofStates(before, after).difference();
    }
    NamedParameters parameters = mixed(first, second);
    ParameterDiff found = parameters.difference();
    if (found.same().isEmpty() && found.changed().isEmpty() && found.uncompared().isEmpty()) {
      throw new RequestException(
          "%s and %s: expected parameters of the same names, found none of the %,d and %,d: exports that rename parameters cannot be compared with a state dict"
              .formatted(
                  first.path(), second.path(), parameters.first.size(), parameters.second.size()));
    }
    return found;
  }

  ParameterDiff difference() {
    return ParameterDiff.of(first, second);
  }

  private static Map<String, ? extends Tensor> tensors(Checkpoint checkpoint)
      throws RequestException {
    if (checkpoint instanceof GraphCheckpoint model) {
      return tensors(model.graph());
    }
    StateCheckpoint states = (StateCheckpoint) checkpoint;
    if (states.states().size() != 1) {
      throw new RequestException(
          "%s: expected one state dict to hold against a graph, found %d"
              .formatted(states.path(), states.states().size()));
    }
    return states.states().get(0).state().tensors();
  }

  private static Map<String, Tensor> tensors(ModelGraph model) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Initializer initializer : model.graph().initializers()) {
      tensors.put(initializer.name(), initializer.tensor());
    }
    return tensors;
  }

  /**
   * The tensors of a file by their names.
   *
   * @param isOne whether both files have one state dict, wherever it lies in them
   */
  private static Map<String, Tensor> tensors(StateCheckpoint checkpoint, boolean isOne) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (NestedState nested : checkpoint.states()) {
      String prefix = isOne ? "" : StateDictCandidates.scope(StatePlanning.label(nested));
      nested
          .state()
          .tensors()
          .forEach(
              (name, tensor) ->
                  tensors.put(prefix.isEmpty() ? name : prefix + ": " + name, tensor));
    }
    return tensors;
  }

  /** Names of what a file carries that is no plain tensor, and is not compared. */
  public static SortedSet<String> opaque(Checkpoint checkpoint) {
    TreeSet<String> names = new TreeSet<>();
    if (checkpoint instanceof StateCheckpoint states) {
      for (NestedState nested : states.states()) {
        nested
            .state()
            .entries()
            .forEach(
                (name, entry) -> {
                  if (entry instanceof StateEntry.Opaque) {
                    names.add(name);
                  }
                });
      }
    }
    return names;
  }
}
