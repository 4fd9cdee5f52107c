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
package dev.fusewright.io.onnx;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorSource;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes every tensor of some data files another instance, so that the writer takes it for changed
 * and says anew where it lies: for data files that get another name.
 */
final class Relocation {
  /** The bytes of a tensor whose data file gets another name; they stay where they are in it. */
  record Moved(TensorSource bytes, ExternalRegion region) implements TensorSource {
    @Override
    public void read(long offset, ByteBuffer destination) {
      bytes.read(offset, destination);
    }
  }

  /** How {@code tensor} was moved; null if it was not. */
  static @Nullable Moved moved(Tensor tensor) {
    return tensor instanceof StoredTensor stored && stored.source() instanceof Moved moved
        ? moved
        : null;
  }

  private final ModelIndex index;
  private final Set<String> locations;

  Relocation(ModelIndex index, Set<String> locations) {
    this.index = index;
    this.locations = locations;
  }

  ModelGraph of(ModelGraph model) {
    List<Function> functions =
        model.functions().stream().map(each -> each.withBody(of(each.body()))).toList();
    return new ModelGraph(model.irVersion(), model.opsets(), of(model.graph()), functions);
  }

  private Graph of(Graph graph) {
    return new Graph(
        graph.name(),
        graph.nodes().stream().map(this::of).toList(),
        graph.initializers().stream()
            .map(each -> new Initializer(each.name(), of(each.tensor())))
            .toList(),
        graph.inputs(),
        graph.outputs(),
        graph.valueInfos(),
        graph.annotations(),
        graph.sparseInitializers());
  }

  private Node of(Node node) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    node.attributes().forEach((name, value) -> attributes.put(name, of(value)));
    return new Node(
        node.id(),
        node.name(),
        node.op(),
        node.inputs(),
        node.outputs(),
        attributes,
        node.docString(),
        node.metadata());
  }

  private Attribute of(Attribute attribute) {
    if (attribute instanceof Attribute.TensorValue tensor) {
      return new Attribute.TensorValue(of(tensor.value()));
    } else if (attribute instanceof Attribute.Body body) {
      return new Attribute.Body(of(body.value()));
    } else if (attribute instanceof Attribute.Bodies bodies) {
      return new Attribute.Bodies(bodies.values().stream().map(this::of).toList());
    }
    return attribute;
  }

  private Tensor of(Tensor tensor) {
    ExternalRegion region = index.external(tensor);
    return region != null
            && locations.contains(region.location())
            && tensor instanceof StoredTensor stored
        ? new StoredTensor(stored.type(), stored.shape(), new Moved(stored.source(), region))
        : tensor;
  }
}
