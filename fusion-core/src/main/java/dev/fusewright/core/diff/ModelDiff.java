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
package dev.fusewright.core.diff;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * Structural difference of two models.
 *
 * <p>Nodes are told apart by their label, in bodies and functions by that of what holds them too.
 * Parameters differ in type, shape or any of their bytes, which are read for it. Where a text has
 * only the type and shape of one of two, there are no bytes to compare.
 *
 * @param operatorSets by domain
 * @param inputs of the main graph
 * @param outputs of the main graph
 * @param parameters of the main graph, bodies and functions, with constants in attributes
 */
public record ModelDiff(
    Changes operatorSets,
    Changes inputs,
    Changes outputs,
    Changes nodes,
    ParameterDiff parameters) {

  /** The difference from {@code first} to {@code second}. */
  public static ModelDiff of(ModelGraph first, ModelGraph second) {
    Parts before = new Parts(first);
    Parts after = new Parts(second);
    return new ModelDiff(
        changes(first.opsets(), second.opsets(), Object::equals),
        changes(named(first.graph().inputs()), named(second.graph().inputs()), Object::equals),
        changes(named(first.graph().outputs()), named(second.graph().outputs()), Object::equals),
        changes(before.nodes, after.nodes, ModelDiff::isSame),
        ParameterDiff.of(before.parameters, after.parameters));
  }

  /** Whether the structure is the same. */
  public boolean isEmpty() {
    return operatorSets.isEmpty()
        && inputs.isEmpty()
        && outputs.isEmpty()
        && nodes.isEmpty()
        && parameters.isEmpty();
  }

  /** The nodes and parameters of all scopes, by a name that is unique in the model. */
  private static final class Parts {
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();

    Parts(ModelGraph model) {
      add("", model.graph());
      for (Function function : model.functions()) {
        add("function " + function.op() + function.overload() + "/", function.body());
      }
    }

    private void add(String scope, Graph graph) {
      for (Initializer initializer : graph.initializers()) {
        put(parameters, scope + initializer.name(), initializer.tensor());
      }
      for (Node node : graph.nodes()) {
        String name = put(nodes, scope + node.op() + " " + node.label(), node);
        node.attributes()
            .forEach(
                (attribute, value) -> {
                  if (value instanceof Attribute.TensorValue constant) {
                    put(parameters, name + "." + attribute, constant.value());
                  }
                });
        node.bodies().forEach(body -> add(name + "/", body));
      }
    }

    private static <T> String put(Map<String, T> all, String name, T part) {
      String unique = name;
      for (int i = 2; all.containsKey(unique); i++) {
        unique = name + " #" + i;
      }
      all.put(unique, part);
      return unique;
    }
  }

  private static Map<String, ValueInfo> named(List<ValueInfo> values) {
    Map<String, ValueInfo> named = new LinkedHashMap<>();
    values.forEach(value -> named.put(value.name(), value));
    return named;
  }

  private static <T> Changes changes(
      Map<String, T> before, Map<String, T> after, BiPredicate<T, T> same) {
    List<String> removed = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    before.forEach(
        (name, part) -> {
          T now = after.get(name);
          if (now == null) {
            removed.add(name);
          } else if (!same.test(part, now)) {
            changed.add(name);
          }
        });
    List<String> added = after.keySet().stream().filter(name -> !before.containsKey(name)).toList();
    return new Changes(removed, added, changed);
  }

  /** Bodies and tensors are compared as parts of their own. */
  private static boolean isSame(Node before, Node after) {
    return before.inputs().equals(after.inputs())
        && before.outputs().equals(after.outputs())
        && plain(before).equals(plain(after));
  }

  private static Map<String, Attribute> plain(Node node) {
    Map<String, Attribute> plain = new LinkedHashMap<>(node.attributes());
    plain
        .values()
        .removeIf(
            value ->
                value instanceof Attribute.TensorValue
                    || value instanceof Attribute.Body
                    || value instanceof Attribute.Bodies);
    return plain;
  }
}
