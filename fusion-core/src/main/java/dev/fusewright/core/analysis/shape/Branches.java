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
package dev.fusewright.core.analysis.shape;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** If: what both branches say, where they agree. */
final class Branches {
  private Branches() {}

  static List<ValueFacts> infer(InferenceCall call) {
    GraphScope first = branch(call.scope(), call.node(), "then_branch");
    GraphScope second = branch(call.scope(), call.node(), "else_branch");
    List<ValueFacts> results = new ArrayList<>();
    for (int i = 0; first != null && second != null && i < call.node().outputs().size(); i++) {
      results.add(ValueFacts.of(output(first, i).joined(output(second, i))));
    }
    return results;
  }

  /** A body of a node that reads nothing but values of the scopes around it. */
  static @Nullable GraphScope branch(ValueScope scope, Node node, String attribute) {
    return node.attributes().get(attribute) instanceof Attribute.Body body
        ? GraphScope.body(scope, body.value(), Map.of())
        : null;
  }

  static SymbolicShape output(GraphScope body, int index) {
    return index < body.graph().outputs().size()
        ? body.shapes().of(body.graph().outputs().get(index).name())
        : SymbolicShape.UNKNOWN;
  }
}
