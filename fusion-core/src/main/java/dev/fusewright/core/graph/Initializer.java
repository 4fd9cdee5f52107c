package dev.fusewright.core.graph;

import dev.fusewright.core.tensor.Tensor;

/** A named constant of a graph, or the default of the graph input of that name. */
public record Initializer(String name, Tensor tensor) {}
