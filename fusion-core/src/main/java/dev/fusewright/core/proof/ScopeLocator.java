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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.ScopePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds a scope of a model by steps that any copy of the model has: {@code function my.CB}, or the
 * first output of a node, its attribute and the index of the body in it, {@code y.then_branch.0}.
 */
final class ScopeLocator {
  private ScopeLocator() {}

  /** A scope, the ones around it outermost first, and the operator sets that it uses. */
  record Located(Graph graph, List<Graph> outer, Map<String, Long> opsets) {}

  /** The steps to a scope that a plan names by node ids. */
  static List<String> steps(ModelGraph model, ScopePath path) {
    if (path.equals(ScopePath.MAIN)) {
      return List.of();
    }
    for (Function function : model.functions()) {
      ScopePath own = ScopePath.of(function);
      if (path.equals(own)) {
        return List.of(own.text());
      }
      List<String> found = steps(function.body(), own, path);
      if (found != null) {
        found.add(0, own.text());
        return found;
      }
    }
    List<String> found = steps(model.graph(), ScopePath.MAIN, path);
    if (found == null) {
      throw new GraphException("the model has no scope '" + path.text() + "'");
    }
    return found;
  }

  private static @org.jspecify.annotations.Nullable List<String> steps(
      Graph graph, ScopePath here, ScopePath wanted) {
    for (Node node : graph.nodes()) {
      for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
        List<Graph> bodies = bodies(entry.getValue());
        for (int i = 0; i < bodies.size(); i++) {
          ScopePath inner = here.body(node, entry.getKey(), i);
          List<String> rest =
              inner.equals(wanted) ? new ArrayList<>() : steps(bodies.get(i), inner, wanted);
          if (rest != null) {
            rest.add(0, step(node, entry.getKey(), i));
            return rest;
          }
        }
      }
    }
    return null;
  }

  static String step(Node node, String attribute, int index) {
    return node.output() + "." + attribute + "." + index;
  }

  static List<Graph> bodies(Attribute attribute) {
    if (attribute instanceof Attribute.Body body) {
      return List.of(body.value());
    }
    return attribute instanceof Attribute.Bodies bodies ? bodies.values() : List.of();
  }

  /** The scope at the end of the steps. */
  static Located locate(ModelGraph model, List<String> steps) {
    Located here = new Located(model.graph(), List.of(), model.opsets());
    for (String step : steps) {
      here = step(model, here, step);
    }
    return here;
  }

  private static Located step(ModelGraph model, Located here, String step) {
    for (Function function : model.functions()) {
      if (ScopePath.of(function).text().equals(step)) {
        return new Located(function.body(), List.of(), function.opsets());
      }
    }
    for (Node node : here.graph().nodes()) {
      for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
        List<Graph> bodies = bodies(entry.getValue());
        for (int i = 0; i < bodies.size(); i++) {
          if (step(node, entry.getKey(), i).equals(step)) {
            List<Graph> outer = new ArrayList<>(here.outer());
            outer.add(here.graph());
            return new Located(bodies.get(i), outer, here.opsets());
          }
        }
      }
    }
    throw new GraphException("the model has no scope '" + step + "'");
  }
}
