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
package dev.fusewright.core.reference;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;

/**
 * A node has no value for the inputs it was given; the message names the node and what is wrong.
 */
public class ReferenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String node;
  private final String operator;

  ReferenceException(Node node, String message) {
    this(node.label(), node.op(), message);
  }

  ReferenceException(String node, OpKind operator, String message) {
    super("node '%s' (%s): %s".formatted(node, operator, message));
    this.node = node;
    this.operator = operator.toString();
  }

  /** How users recognise the node. */
  public String node() {
    return node;
  }

  /** The node's operator, for example {@code Conv} or {@code com.microsoft.FusedConv}. */
  public String operator() {
    return operator;
  }
}
