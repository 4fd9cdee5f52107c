package dev.fusewright.core.graph;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** The values that bodies read from the scopes around them. */
public final class Captures {
  private Captures() {}

  /** Names that the bodies of {@code node} read without defining them, each once. */
  public static Set<String> of(Node node) {
    Set<String> captured = new LinkedHashSet<>();
    for (Graph body : node.bodies()) {
      captured.addAll(of(body));
    }
    return captured;
  }

  private static Set<String> of(Graph body) {
    Set<String> defined = new HashSet<>();
    body.inputs().forEach(input -> defined.add(input.name()));
    body.initializers().forEach(initializer -> defined.add(initializer.name()));
    defined.addAll(body.sparseInitializers());
    body.nodes().forEach(node -> defined.addAll(node.outputs()));
    Set<String> read = new LinkedHashSet<>();
    for (Node node : body.nodes()) {
      read.addAll(node.inputs());
      read.addAll(of(node));
    }
    body.outputs().forEach(output -> read.add(output.name()));
    read.removeAll(defined);
    read.remove("");
    return read;
  }
}
