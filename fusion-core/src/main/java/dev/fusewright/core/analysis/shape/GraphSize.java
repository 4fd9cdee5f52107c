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
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;

/** How much there is to look at in a graph. */
public final class GraphSize {
  private GraphSize() {}

  /** Its nodes and declarations, with those of the bodies of its nodes. */
  public static long of(Graph graph) {
    long size =
        (long) graph.nodes().size()
            + graph.initializers().size()
            + graph.valueInfos().size()
            + graph.inputs().size()
            + graph.outputs().size();
    for (Node node : graph.nodes()) {
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.Body body) {
          size += of(body.value());
        }
      }
    }
    return size;
  }
}
