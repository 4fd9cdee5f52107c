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
package dev.fusewright.core.rules;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be put in the place of a site, in terms of nodes and parameters. Where a parameter is
 * kept (in place, in a copy because it is shared, in a Constant node because a function has no
 * initializers) is the engine's business.
 *
 * @param module what PyTorch calls the result
 * @param site the nodes of the site in data order, as they were
 * @param replaced nodes in their new form, each with the id of the node it replaces
 * @param removed nodes that go
 * @param parameters new values of operands
 * @param output the value that the site computes, before and after
 */
public record Rewrite(
    String module,
    List<Node> site,
    List<Node> replaced,
    List<Node> removed,
    List<Parameter> parameters,
    String output) {

  /**
   * A new value of one operand.
   *
   * @param node id of one of the replaced nodes
   * @param input index of the operand
   * @param nameHint how to call it where it needs a new name
   */
  public record Parameter(int node, int input, Tensor tensor, String nameHint) {}

  /** Copies the lists. */
  public Rewrite {
    site = List.copyOf(site);
    replaced = List.copyOf(replaced);
    removed = List.copyOf(removed);
    parameters = List.copyOf(parameters);
  }

  /** Whether the graph stays as it is: the site only forms a container. */
  public boolean isContainer() {
    return replaced.isEmpty() && removed.isEmpty() && parameters.isEmpty();
  }

  /** Starts a rewrite of the nodes of a site, given in data order. */
  public static Builder of(List<Node> site) {
    return new Builder(site);
  }

  /** Collects the parts of a rewrite. */
  public static final class Builder {
    private final List<Node> site;
    private final List<Node> replaced = new ArrayList<>();
    private final List<Node> removed = new ArrayList<>();
    private final List<Parameter> parameters = new ArrayList<>();

    private Builder(List<Node> site) {
      this.site = site;
    }

    /** Puts {@code after} in the place of the node with the same id. */
    public Builder replace(Node after) {
      replaced.add(after);
      return this;
    }

    /** Takes a node away. */
    public Builder remove(Node node) {
      removed.add(node);
      return this;
    }

    /** Gives an operand of a replaced node a new value. */
    public Builder parameter(Node node, int input, Tensor tensor, String nameHint) {
      parameters.add(new Parameter(node.id(), input, tensor, nameHint));
      return this;
    }

    /** The site now is a {@code module} that computes the value {@code output}. */
    public Rewrite into(String module, String output) {
      return new Rewrite(module, site, replaced, removed, parameters, output);
    }
  }
}
