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
package dev.fusewright.core.graph;

import dev.fusewright.core.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One operator of a graph.
 *
 * @param id unique in the model over all scopes; readers count from 0, new nodes get the numbers
 *     after that, and an edited node keeps its own
 * @param name may be empty
 * @param inputs names of values; an empty name is an absent optional input
 * @param outputs names of values; an empty name is an output that nobody asked for
 * @param attributes in file order
 * @param metadata {@code metadata_props}, in file order
 */
public record Node(
    int id,
    String name,
    OpKind op,
    List<String> inputs,
    List<String> outputs,
    Map<String, Attribute> attributes,
    String docString,
    Map<String, String> metadata) {
  private static final Set<String> RANDOM =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli",
          "Dropout");

  /** Copies the collections, keeping order. */
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** A node without documentation or metadata. */
  public Node(
      int id,
      String name,
      OpKind op,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {
    this(id, name, op, inputs, outputs, attributes, "", Map.of());
  }

  /** Whether this is an operator {@code kind}. */
  public boolean is(OpKind kind) {
    return op.equals(kind);
  }

  /**
   * Whether two such nodes with the same inputs may answer differently, as far as is known: then
   * one does not stand for two, and its result is no constant though all of its inputs are.
   */
  public boolean mayVary() {
    return !op.domain().isEmpty() || RANDOM.contains(op.type()) || !bodies().isEmpty();
  }

  /** The name of the {@code index}-th input; empty if it is absent or beyond the last one. */
  public String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /** Whether the {@code index}-th input is given. */
  public boolean hasInput(int index) {
    return !input(index).isEmpty();
  }

  /** The name of the first output. */
  public String output() {
    return outputs.isEmpty() ? "" : outputs.get(0);
  }

  /** Whether an output beyond the first is asked for. */
  public boolean hasFurtherOutputs() {
    return outputs.stream().skip(1).anyMatch(name -> !name.isEmpty());
  }

  /**
   * How users recognise this node: its name, or where it has none its operator and first output.
   */
  public String label() {
    return name.isEmpty() ? op + "→" + output() : name;
  }

  /** An INT attribute, or {@code absent} where it is not given. */
  public long intAttribute(String attribute, long absent) {
    return attributes.get(attribute) instanceof Attribute.Int value ? value.value() : absent;
  }

  /** An INT attribute, if given. */
  public OptionalLong intAttribute(String attribute) {
    return attributes.get(attribute) instanceof Attribute.Int value
        ? OptionalLong.of(value.value())
        : OptionalLong.empty();
  }

  /** A real attribute, or {@code absent} where it is not given. */
  public double realAttribute(String attribute, double absent) {
    return attributes.get(attribute) instanceof Attribute.Real value ? value.value() : absent;
  }

  /** A STRING attribute, or {@code absent} where it is not given. */
  public String textAttribute(String attribute, String absent) {
    return attributes.get(attribute) instanceof Attribute.Text value ? value.value() : absent;
  }

  /** An INTS attribute, or null where it is not given. */
  public @Nullable List<Long> intsAttribute(String attribute) {
    return attributes.get(attribute) instanceof Attribute.Ints value ? value.values() : null;
  }

  /** A TENSOR attribute, or null where it is not given. */
  public @Nullable Tensor tensorAttribute(String attribute) {
    return attributes.get(attribute) instanceof Attribute.TensorValue value ? value.value() : null;
  }

  /** The graphs held by attributes: bodies of control flow. */
  public List<Graph> bodies() {
    return attributes.values().stream()
        .flatMap(
            attribute ->
                attribute instanceof Attribute.Body body
                    ? List.of(body.value()).stream()
                    : attribute instanceof Attribute.Bodies bodies
                        ? bodies.values().stream()
                        : java.util.stream.Stream.<Graph>empty())
        .toList();
  }

  /** This node with other inputs. */
  public Node withInputs(List<String> newInputs) {
    return new Node(id, name, op, newInputs, outputs, attributes, docString, metadata);
  }

  /**
   * This node with one input replaced; positions up to {@code index} are filled with absent inputs.
   */
  public Node withInput(int index, String value) {
    List<String> changed = new java.util.ArrayList<>(inputs);
    while (changed.size() <= index) {
      changed.add("");
    }
    changed.set(index, value);
    return withInputs(changed);
  }

  /** This node with other outputs. */
  public Node withOutputs(List<String> newOutputs) {
    return new Node(id, name, op, inputs, newOutputs, attributes, docString, metadata);
  }

  /** This node with another id, for copies. */
  public Node withId(int newId) {
    return new Node(newId, name, op, inputs, outputs, attributes, docString, metadata);
  }

  /** This node with another name. */
  public Node withName(String newName) {
    return new Node(id, newName, op, inputs, outputs, attributes, docString, metadata);
  }

  /** This node with other documentation and metadata. */
  public Node withDocumentation(String newDocString, Map<String, String> newMetadata) {
    return new Node(id, name, op, inputs, outputs, attributes, newDocString, newMetadata);
  }

  /** This node with one attribute set. */
  public Node withAttribute(String attribute, Attribute value) {
    Map<String, Attribute> changed = new LinkedHashMap<>(attributes);
    changed.put(attribute, value);
    return new Node(id, name, op, inputs, outputs, changed, docString, metadata);
  }

  /** This node without one attribute. */
  public Node withoutAttribute(String attribute) {
    Map<String, Attribute> changed = new LinkedHashMap<>(attributes);
    changed.remove(attribute);
    return new Node(id, name, op, inputs, outputs, changed, docString, metadata);
  }
}
