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
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.Use;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PyTorch's names of the modules that fusing makes. */
final class Modules {
  private Modules() {}

  /** The Relu that alone reads {@code value}, if it is so. */
  static @Nullable Node onlyRelu(GraphView graph, String value) {
    if (graph.isOutput(value) || graph.useCount(value) != 1) {
      return null;
    }
    List<Use> uses = graph.uses(value);
    return uses.get(0).node().is(OpKind.RELU) ? uses.get(0).node() : null;
  }

  static String conv(int spatialRank) {
    return "Conv" + spatialRank + "d";
  }

  static String convRelu(int spatialRank) {
    return "ConvReLU" + spatialRank + "d";
  }

  static String convTranspose(int spatialRank) {
    return "ConvTranspose" + spatialRank + "d";
  }
}
