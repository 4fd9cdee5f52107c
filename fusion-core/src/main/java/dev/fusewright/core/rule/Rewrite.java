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
package dev.fusewright.core.rule;

import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What is to be put in the place of a site, in terms of nodes and parameters. Where a parameter is
 * kept (in place, in a copy because it is shared, in a Constant node because a function has no
 * initializers) is the engine's business, and so are the ids and names of what is new.
 *
 * <p>A value that keeps its name keeps its shape. Readers that take only the shape of a value which
 * nothing computes any more are rewired by the engine.
 *
 * @param module what PyTorch calls the result
 * @param site the nodes of the site in data order, as they were
 * @param replaced nodes in their new form, each with the id of the node it replaces
 * @param inserted new nodes
 * @param removed nodes that go
 * @param parameters new values of operands
 * @param functions that the new nodes call, and that the model may not have yet
 * @param output the value that the site computes, before and after
 * @param notes what a person should know, each one sentence
 */
public record Rewrite(
    String module,
    List<Node> site,
    List<Node> replaced,
    List<Insertion> inserted,
    List<Node> removed,
    List<Parameter> parameters,
    List<NewFunction> functions,
    String output,
    List<String> notes) {

  private static final char NEW_VALUE = '\u0001';

  /**
   * A new value of one operand.
   *
   * @param node id of one of the replaced or inserted nodes
   * @param input index of the operand
   * @param nameHint how to call it where it needs a new name
   */
  public record Parameter(int node, int input, Tensor tensor, String nameHint) {}

  /**
   * A new node.
   *
   * @param node with a negative id, other than that of any other insertion of the rewrite
   * @param before id of the node of the scope before which it stands
   */
  public record Insertion(Node node, int before) {}

  /**
   * A function that the rewrite needs.
   *
   * @param version of its domain
   */
  public record NewFunction(Function function, long version) {}

  /** Copies the lists. */
  public Rewrite {
    site = List.copyOf(site);
    replaced = List.copyOf(replaced);
    inserted = List.copyOf(inserted);
    removed = List.copyOf(removed);
    parameters = List.copyOf(parameters);
    functions = List.copyOf(functions);
    notes = List.copyOf(notes);
  }

  /** Whether the graph stays as it is: the site only forms a container. */
  public boolean isContainer() {
    return replaced.isEmpty() && inserted.isEmpty() && removed.isEmpty() && parameters.isEmpty();
  }

  /** The same change of the graph, said to be another module of other nodes. */
  public Rewrite as(String otherModule, List<Node> otherSite, String otherOutput) {
    return new Rewrite(
        otherModule,
        otherSite,
        replaced,
        inserted,
        removed,
        parameters,
        functions,
        otherOutput,
        notes);
  }

  /** The same with further notes. */
  public Rewrite noting(List<String> further) {
    List<String> all = new ArrayList<>(notes);
    all.addAll(further);
    return new Rewrite(
        module, site, replaced, inserted, removed, parameters, functions, output, all);
  }

  /** The same, of a site that has further nodes, whose new form is given. */
  public Rewrite alsoChanging(Collection<Node> further) {
    List<Node> wider = new ArrayList<>(site);
    List<Node> all = new ArrayList<>(replaced);
    wider.addAll(further);
    all.addAll(further);
    return new Rewrite(module, wider, all, inserted, removed, parameters, functions, output, notes);
  }

  /** The same with each replaced node changed once more. */
  public Rewrite changingReplaced(UnaryOperator<Node> change) {
    return new Rewrite(
        module,
        site,
        replaced.stream().map(change).toList(),
        inserted,
        removed,
        parameters,
        functions,
        output,
        notes);
  }

  /**
   * The name of a value that the rewrite makes, wherever its nodes name it: {@code hint}, or where
   * the model has a value of that name, something like it.
   */
  public static String newValue(String hint) {
    return NEW_VALUE + hint;
  }

  /** Whether {@code name} was made by {@link #newValue}. */
  public static boolean isNewValue(String name) {
    return !name.isEmpty() && name.charAt(0) == NEW_VALUE;
  }

  /** The hint of a {@link #newValue}. */
  public static String hint(String newValue) {
    return newValue.substring(1);
  }

  /** Starts a rewrite of the nodes of a site, given in data order. */
  public static Builder of(List<Node> site) {
    return new Builder(site);
  }

  /** Collects the parts of a rewrite. */
  public static final class Builder {
    private final List<Node> site;
    private final List<Node> replaced = new ArrayList<>();
    private final List<Insertion> inserted = new ArrayList<>();
    private final List<Node> removed = new ArrayList<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<NewFunction> functions = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private Builder(List<Node> site) {
      this.site = site;
    }

    /** Puts {@code after} in the place of the node with the same id. */
    public Builder replace(Node after) {
      replaced.add(after);
      return this;
    }

    /** Puts a new node, of a negative id, before a node of the scope. */
    public Builder insert(Node node, Node before) {
      if (node.id() >= 0) {
        throw new IllegalArgumentException("a new node needs a negative id, not " + node.id());
      }
      inserted.add(new Insertion(node, before.id()));
      return this;
    }

    /** Takes a node away. */
    public Builder remove(Node node) {
      removed.add(node);
      return this;
    }

    /** Gives an operand of a replaced or inserted node a new value. */
    public Builder parameter(Node node, int input, Tensor tensor, String nameHint) {
      parameters.add(new Parameter(node.id(), input, tensor, nameHint));
      return this;
    }

    /** Adds a function, unless the model has it. */
    public Builder function(Function function, long version) {
      functions.add(new NewFunction(function, version));
      return this;
    }

    /** Says something that a person should know. */
    public Builder note(String sentence) {
      notes.add(sentence);
      return this;
    }

    /** The site now is a {@code module} that computes the value {@code output}. */
    public Rewrite into(String module, String output) {
      return new Rewrite(
          module, site, replaced, inserted, removed, parameters, functions, output, notes);
    }
  }
}
