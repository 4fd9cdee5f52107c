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
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where everything lies that was read from a model's file. The writer asks it by instance: what the
 * edited model still holds is copied from here.
 */
final class ModelIndex {
  private final List<@Nullable Part> nodes = new ArrayList<>();
  private final IdentityHashMap<Graph, ScopeLayout> scopes = new IdentityHashMap<>();
  private final IdentityHashMap<Graph, ScopeLayout> functions = new IdentityHashMap<>();
  private final IdentityHashMap<Attribute, Part> opaque = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, ExternalRegion> externals = new IdentityHashMap<>();
  private final List<ExternalRegion> externalRegions = new ArrayList<>();
  private final Set<String> fixedDataFiles = new HashSet<>();

  /** The id that the next node gets. */
  int nextNode() {
    nodes.add(null);
    return nodes.size() - 1;
  }

  void node(Part part, Node node) {
    nodes.set(node.id(), part);
  }

  void scope(ScopeLayout scope) {
    scopes.put(scope.graph(), scope);
  }

  void function(ScopeLayout body) {
    functions.put(body.graph(), body);
  }

  void opaque(Attribute.Opaque attribute, Part part) {
    opaque.put(attribute, part);
  }

  /**
   * Notes where a tensor lies outside the file.
   *
   * @param tensor null for one that is not part of the graph model, and is only copied
   */
  void external(@Nullable Tensor tensor, ExternalRegion region) {
    externalRegions.add(region);
    if (tensor == null || region.hasChecksum()) {
      fixedDataFiles.add(region.location());
    }
    if (tensor != null) {
      externals.put(tensor, region);
    }
  }

  /**
   * Notes that what was read since there were so many external regions is only copied.
   *
   * @param regions how many there were
   */
  void onlyCopiedSince(int regions) {
    externalRegions
        .subList(regions, externalRegions.size())
        .forEach(region -> fixedDataFiles.add(region.location()));
  }

  /** Where the node with this id lies; null for a node that is not from the file. */
  @Nullable Part node(int id) {
    return id >= 0 && id < nodes.size() ? nodes.get(id) : null;
  }

  /** Where this graph lies; null for one that is not from the file. */
  @Nullable ScopeLayout scope(Graph graph) {
    return scopes.get(graph);
  }

  /** Where the function with this body lies; null for one that is not from the file. */
  @Nullable ScopeLayout function(Graph body) {
    return functions.get(body);
  }

  /** Where an attribute lies of which only the bytes are known; null if it is not from the file. */
  @Nullable Part opaque(Attribute.Opaque attribute) {
    return opaque.get(attribute);
  }

  /** Where the payload of this tensor lies outside the file; null if it does not. */
  @Nullable ExternalRegion external(Tensor tensor) {
    return externals.get(tensor);
  }

  /**
   * Data files that must keep their bytes and their name: the model states their SHA-1, or
   * something reads them that is only copied.
   */
  Set<String> fixedDataFiles() {
    return fixedDataFiles;
  }

  /**
   * The payload of every external tensor, in file order; a region that two tensors share comes
   * twice.
   */
  List<ExternalRegion> externalRegions() {
    return externalRegions;
  }
}
