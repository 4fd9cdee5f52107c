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
package dev.fusewright.core.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model-local function.
 *
 * @param op what nodes call it by
 * @param overload empty for the only one
 * @param attributes names of attributes that calls pass, and that are absent where one does not
 * @param defaults what other attributes are where a call does not pass them, by name
 * @param opsets the operator sets of the body, by domain
 * @param body inputs and outputs without types, no initializers
 */
public record Function(
    OpKind op,
    String overload,
    List<String> attributes,
    Map<String, Attribute> defaults,
    Map<String, Long> opsets,
    Graph body) {
  /** Copies the collections. */
  public Function {
    attributes = List.copyOf(attributes);
    defaults = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(defaults));
    opsets = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
  }

  /** A function none of whose attributes has a default. */
  public Function(
      OpKind op, String overload, List<String> attributes, Map<String, Long> opsets, Graph body) {
    this(op, overload, attributes, Map.of(), opsets, body);
  }

  /** What the attributes of the function are in a call: what it passes, and the defaults. */
  public Map<String, Attribute> arguments(Node call) {
    Map<String, Attribute> arguments = new LinkedHashMap<>(defaults);
    arguments.putAll(call.attributes());
    return arguments;
  }

  /**
   * Functions by what nodes call them by; those that are overloaded are left out, since a call does
   * not say which it means.
   */
  public static Map<OpKind, Function> byOperator(List<Function> functions) {
    Map<OpKind, Function> byOperator = new HashMap<>();
    Set<OpKind> overloaded = new HashSet<>();
    for (Function function : functions) {
      if (byOperator.put(function.op(), function) != null) {
        overloaded.add(function.op());
      }
    }
    byOperator.keySet().removeAll(overloaded);
    return byOperator;
  }

  /** This function with another body. */
  public Function withBody(Graph newBody) {
    return new Function(op, overload, attributes, defaults, opsets, newBody);
  }
}
