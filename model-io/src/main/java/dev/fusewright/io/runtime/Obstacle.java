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
package dev.fusewright.io.runtime;

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.verify.RunFailure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A reason in a model's graph for which ONNX Runtime cannot load it, whatever words it finds for
 * that.
 *
 * @param failure either {@link RunFailure#NO_KERNEL} or {@link RunFailure#DUPLICATE_NAMES}
 * @param sentence names the nodes
 */
record Obstacle(RunFailure failure, String sentence) {
  private static final int NAMED = 3;

  /** The obstacle in a model: operators without a kernel before names, empty if there is none. */
  static Optional<Obstacle> in(ModelGraph model) {
    Search search = new Search(model.functions());
    search.scope(model.graph(), model.opsets());
    if (!search.withoutKernel.isEmpty()) {
      return Optional.of(
          new Obstacle(
              RunFailure.NO_KERNEL,
              "ONNX Runtime has no CPU kernel for " + some(search.withoutKernel)));
    }
    if (!search.duplicates.isEmpty()) {
      return Optional.of(
          new Obstacle(
              RunFailure.DUPLICATE_NAMES,
              "ONNX Runtime takes no two nodes of the same name: " + some(search.duplicates)));
    }
    return Optional.empty();
  }

  private static String some(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() > NAMED ? first + " and %d more".formatted(names.size() - NAMED) : first;
  }

  /** A walk over all scopes, and over the functions that are called, each once. */
  private static final class Search {
    final List<String> withoutKernel = new ArrayList<>();
    final List<String> duplicates = new ArrayList<>();
    private final Map<OpKind, List<Function>> functions;
    private final Set<OpKind> called = new HashSet<>();

    Search(List<Function> functions) {
      this.functions = functions.stream().collect(Collectors.groupingBy(Function::op));
    }

    void scope(Graph graph, Map<String, Long> opsets) {
      Set<String> names = new HashSet<>();
      for (Node node : graph.nodes()) {
        if (!node.name().isEmpty() && !names.add(node.name())) {
          duplicates.add("'" + node.name() + "'");
        }
        List<Function> overloads = functions.getOrDefault(node.op(), List.of());
        if (overloads.isEmpty()) {
          long version = opsets.getOrDefault(node.op().domain(), 0L);
          if (!OrtKernels.INSTANCE.have(node.op(), version)) {
            withoutKernel.add(describe(node, version));
          }
        } else if (called.add(node.op())) {
          overloads.forEach(function -> scope(function.body(), function.opsets()));
        }
        node.bodies().forEach(body -> scope(body, opsets));
      }
    }

    private static String describe(Node node, long version) {
      String domain = node.op().domain().isEmpty() ? "" : node.op().domain() + ".";
      return "%s%s in version %d (node '%s')"
          .formatted(domain, node.op().type(), version, node.name());
    }
  }
}
