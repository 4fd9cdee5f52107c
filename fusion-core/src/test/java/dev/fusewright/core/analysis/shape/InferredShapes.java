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
package dev.fusewright.core.analysis.shape;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Compares what is inferred of the shapes of a model with those of a run. */
public final class InferredShapes {
  private final ShapeInference inference;
  private final Map<String, Long> sizes;
  private final Basis least;
  private final StringJoiner wrong = new StringJoiner("\n");
  private int known;
  private int all;

  private InferredShapes(ModelGraph model, Map<String, Long> sizes, Basis least) {
    this.inference = ShapeInference.of(model);
    this.sizes = sizes;
    this.least = least;
  }

  /**
   * Compares every value of the main graph that is no string.
   *
   * @param least what inference says must hold that rests on this or better
   */
  public static InferredShapes of(ModelGraph model, Map<String, NdArray> inputs, Basis least) {
    Set<String> names = new LinkedHashSet<>();
    for (Node node : model.graph().nodes()) {
      names.addAll(node.outputs());
    }
    names.remove("");
    model.graph().outputs().stream()
        .filter(output -> output.type() == ElementType.STRING) // Which no run here computes.
        .forEach(output -> names.remove(output.name()));
    Map<String, Shape> shapes = new HashMap<>();
    new ReferenceEvaluator(model.opsets(), model.functions())
        .values(model.graph(), inputs, names)
        .forEach((name, value) -> shapes.put(name, value.shape()));
    return of(model, sizes(model, inputs), shapes, least);
  }

  /** Compares these values. */
  public static InferredShapes of(
      ModelGraph model, Map<String, Long> sizes, Map<String, Shape> shapes, Basis least) {
    InferredShapes compared = new InferredShapes(model, sizes, least);
    shapes.forEach(compared::compare);
    return compared;
  }

  /** The sizes that the symbols of a model's inputs stand for in a run. */
  public static Map<String, Long> sizes(ModelGraph model, Map<String, NdArray> inputs) {
    Map<String, Long> sizes = new HashMap<>();
    for (ValueInfo input : model.graph().inputs()) {
      NdArray given = inputs.get(input.name());
      List<Dim> dims = input.dims();
      for (int axis = 0; given != null && dims != null && axis < dims.size(); axis++) {
        String name = dims.get(axis) instanceof Dim.Symbolic symbolic ? symbolic.name() : "";
        long size = axis < given.shape().rank() ? given.shape().dim(axis) : 1;
        sizes.put(name.isEmpty() ? input.name() + "#" + axis : name, size);
      }
    }
    return sizes;
  }

  private void compare(String name, Shape actual) {
    if (actual.elementCount() == 0) {
      return; // Nothing is promised of what is empty.
    }
    SymbolicShape inferred = inference.of(name).restingOn(least);
    all += actual.rank() + 1;
    if (!inferred.hasRank()) {
      return;
    }
    known++;
    if (inferred.rank() != actual.rank()) {
      wrong.add("%s: inferred %s, found %s".formatted(name, inferred, actual));
      return;
    }
    for (int axis = 0; axis < actual.rank(); axis++) {
      SymInt size = inferred.dim(axis).size();
      if (size != null) {
        known++;
        SymInt bound = size.substituted(sizes);
        if (bound == null || !bound.is(actual.dim(axis))) {
          wrong.add("%s: inferred %s, found %s with %s".formatted(name, inferred, actual, sizes));
        }
      }
    }
  }

  /** What was inferred wrongly, a line each; empty if nothing was. */
  public String wrong() {
    return wrong.toString();
  }

  /** How many ranks and sizes were known. */
  public int known() {
    return known;
  }

  /** How many there are. */
  public int all() {
    return all;
  }
}
