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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import java.util.Map;

/** The form of a Gemm whose bias has been computed anew. */
final class GemmForm {
  private GemmForm() {}

  /** The attributes of an Add or Gemm that broadcasts its bias: before opset 7 it must say so. */
  static Map<String, Attribute> broadcasting(GraphView graph) {
    return graph.opset() < 7 ? Map.of("broadcast", new Attribute.Int(1)) : Map.of();
  }

  /**
   * {@code beta} is in the new bias, and before opset 7 a bias is broadcast only if the node says
   * so.
   */
  static Node withPlainBias(GraphView graph, Node gemm) {
    Node plain =
        gemm.realAttribute("beta", 1) == 1
            ? gemm
            : gemm.withAttribute("beta", new Attribute.Real(1));
    return graph.opset() < 7 ? plain.withAttribute("broadcast", new Attribute.Int(1)) : plain;
  }
}
