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
package dev.fusewright.core.companion;

import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Which node of a graph is which module of a state dict, by the names of its parameters. */
final class ParameterNodes {
  static final int WEIGHT = 1;
  static final int BIAS = 2;
  static final int MEAN = 3;

  private final Set<String> initializers = new HashSet<>();

  ParameterNodes(ModelGraph model) {
    model.graph().initializers().forEach(initializer -> initializers.add(initializer.name()));
  }

  /** The module of a Conv, a ConvTranspose, or a Gemm that has a Linear's layout. */
  Optional<String> layer(Node node) {
    boolean linear =
        node.is(OpKind.GEMM)
            && node.intAttribute("transB", 0) == 1
            && node.intAttribute("transA", 0) == 0
            && node.realAttribute("alpha", 1) == 1
            && node.realAttribute("beta", 1) == 1;
    boolean convolution = node.is(OpKind.CONV) || node.is(OpKind.CONV_TRANSPOSE);
    return linear || convolution ? module(node, WEIGHT, ".weight") : Optional.empty();
  }

  /**
   * The module of a BatchNorm in eval form; by its mean, since one without affine has constants for
   * the rest.
   */
  Optional<String> norm(Node node) {
    boolean isEval =
        node.is(OpKind.BATCH_NORMALIZATION)
            && node.intAttribute("training_mode", 0) == 0
            && node.intAttribute("spatial", 1) == 1
            && !node.hasFurtherOutputs();
    return isEval ? module(node, MEAN, ".running_mean") : Optional.empty();
  }

  private Optional<String> module(Node node, int input, String suffix) {
    String name = node.input(input);
    return initializers.contains(name) && name.endsWith(suffix)
        ? Optional.of(name.substring(0, name.length() - suffix.length()))
        : Optional.empty();
  }
}
