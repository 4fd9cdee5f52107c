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
package dev.fusewright.core.rule.qat;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of which a module is built.
 *
 * @param layer null for a BatchNorm that no layer takes
 * @param activation null where none belongs to the module
 * @param weight the value that holds the layer's weight as PyTorch has it
 * @param attributes of the layer that are passed on
 */
record QatSite(
    @Nullable Node layer,
    @Nullable Node norm,
    @Nullable Node activation,
    String weight,
    String bias,
    Map<String, Attribute> attributes) {
  private static final float DEFAULT_EPSILON = 1e-5f;

  List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    Optional.ofNullable(layer).ifPresent(nodes::add);
    Optional.ofNullable(norm).ifPresent(nodes::add);
    Optional.ofNullable(activation).ifPresent(nodes::add);
    return nodes;
  }

  Node first() {
    return nodes().get(0);
  }

  Node last() {
    List<Node> nodes = nodes();
    return nodes.get(nodes.size() - 1);
  }

  /** The call of {@code module}, its scale and zero point still absent. */
  Node call(QatModule module) {
    List<String> inputs = new ArrayList<>(List.of(first().input(0)));
    if (layer != null) {
      inputs.add(weight);
    }
    Map<String, Attribute> passed = new LinkedHashMap<>();
    module
        .layerAttributes()
        .forEach(
            name -> Optional.ofNullable(attributes.get(name)).ifPresent(a -> passed.put(name, a)));
    List<String> outputs = new ArrayList<>(List.of(last().output()));
    if (norm != null) {
      inputs.addAll(norm.inputs().subList(1, 5));
      passed.put("epsilon", new Attribute.Real(norm.realAttribute("epsilon", DEFAULT_EPSILON)));
      Optional.ofNullable(norm.attributes().get("momentum"))
          .ifPresent(momentum -> passed.put("momentum", momentum));
      // A call names all outputs of its function, with empty names for those that nobody reads.
      for (int i = 1; i < module.outputs().size(); i++) {
        outputs.add(i < norm.outputs().size() ? norm.outputs().get(i) : "");
      }
    }
    if (module.isQuantized()) {
      inputs.addAll(List.of("", ""));
    }
    if (!bias.isEmpty()) {
      inputs.add(bias);
    }
    return new Node(
        first().id(),
        first().name(),
        module.op(),
        inputs,
        outputs,
        passed,
        first().docString(),
        first().metadata());
  }
}
