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
import org.jspecify.annotations.Nullable;

/**
 * Finds a scope of a model by steps that any copy of the model has: {@code function my.CB}, or the
 * first output of a node, its attribute and the index of the body in it, {@code y.then_branch.0}.
 */
final class ScopeLocator {
  private static final int MOST_PASSED = 8;

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

  private static @Nullable List<String> steps(
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

  /**
   * For each step, as it is and as another model may have it: a fold moves the name of what it
   * leaves out to the node before it.
   */
  static List<List<String>> names(ModelGraph model, List<String> steps) {
    List<List<String>> names = new ArrayList<>();
    Located here = new Located(model.graph(), List.of(), model.opsets());
    for (String step : steps) {
      List<String> own = new ArrayList<>(List.of(step));
      for (Node node : here.graph().nodes()) {
        if (step.startsWith(node.output() + ".") && !node.bodies().isEmpty()) {
          String rest = step.substring(node.output().length());
          passedTo(here.graph(), node.output()).forEach(name -> own.add(name + rest));
        }
      }
      names.add(own);
      here = step(model, here, step);
    }
    return names;
  }

  /** The results of the nodes through which a value goes, as long as each is read by one node. */
  private static List<String> passedTo(Graph graph, String value) {
    List<String> passed = new ArrayList<>();
    String last = value;
    while (passed.size() < MOST_PASSED) {
      String read = last;
      List<Node> readers =
          graph.nodes().stream().filter(node -> node.inputs().contains(read)).toList();
      if (readers.size() != 1 || readers.get(0).outputs().size() != 1) {
        break;
      }
      last = readers.get(0).output();
      passed.add(last);
    }
    return passed;
  }

  /** The steps by which a model has a scope, each by the first of its names that there is. */
  static List<String> steps(ModelGraph model, List<List<String>> names) {
    List<String> steps = new ArrayList<>();
    Located here = new Located(model.graph(), List.of(), model.opsets());
    for (List<String> own : names) {
      Located inside = null;
      for (int i = 0; inside == null && i < own.size(); i++) {
        inside = stepOrNull(model, here, own.get(i));
        if (inside != null) {
          steps.add(own.get(i));
        }
      }
      if (inside == null) {
        throw new GraphException("the model has no scope '" + own.get(0) + "'");
      }
      here = inside;
    }
    return steps;
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
    Located inside = stepOrNull(model, here, step);
    if (inside == null) {
      throw new GraphException("the model has no scope '" + step + "'");
    }
    return inside;
  }

  private static @Nullable Located stepOrNull(ModelGraph model, Located here, String step) {
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
    return null;
  }
}
