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
package dev.fusewright.core.plan;

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Node;

/**
 * Names one scope of a model: the main graph, a function, or a body inside one of them.
 *
 * @param text empty for the main graph; {@code function my.CB}; {@code 12.then_branch}: the body
 *     that node 12 holds in its attribute {@code then_branch}
 */
public record ScopePath(String text) {
  /** The main graph. */
  public static final ScopePath MAIN = new ScopePath("");

  /** The body of a function. */
  public static ScopePath of(Function function) {
    String overload = function.overload().isEmpty() ? "" : ":" + function.overload();
    return new ScopePath("function " + function.op() + overload);
  }

  /** A graph held by an attribute of {@code node}, a node of this scope. */
  public ScopePath body(Node node, String attribute, int index) {
    String step = node.id() + "." + attribute + (index == 0 ? "" : "[" + index + "]");
    return new ScopePath(text.isEmpty() ? step : text + "/" + step);
  }
}
