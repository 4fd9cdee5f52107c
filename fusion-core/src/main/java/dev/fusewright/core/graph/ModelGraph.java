package dev.fusewright.core.graph;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A whole model.
 *
 * @param irVersion ONNX's IR version; from 4 on an initializer that is also an input is only a default
 * @param opsets version of each imported operator set, by domain; {@code ai.onnx} is the empty one
 */
public record ModelGraph(
    long irVersion, Map<String, Long> opsets, Graph graph, List<Function> functions) {
  /** The first IR version in which callers may override an initializer that is listed as an input. */
  public static final long OVERRIDABLE_INITIALIZERS_SINCE = 4;

  /** Copies the collections. */
  public ModelGraph {
    opsets = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
    functions = List.copyOf(functions);
  }

  /** This model with another main graph. */
  public ModelGraph withGraph(Graph newGraph) {
    return new ModelGraph(irVersion, opsets, newGraph, functions);
  }
}
