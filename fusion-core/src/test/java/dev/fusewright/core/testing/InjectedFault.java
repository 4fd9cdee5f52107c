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
package dev.fusewright.core.testing;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.reference.StoredConstants;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A kind of fault that a fold, or whoever edits a model, may make. Injected into an original before
 * it is folded, so that the rounding of a right fold is on top of it.
 */
public enum InjectedFault {
  WEIGHT_OF_ONE_CHANNEL_OFF(Site.LAYER),
  WHOLE_WEIGHT_OFF(Site.LAYER),
  WEIGHT_SCALED_ALONG_INPUT_AXIS(Site.LAYER),
  CHANNELS_SWAPPED(Site.LAYER),
  INPUT_CHANNELS_SHIFTED(Site.LAYER),
  GROUPS_MIXED_UP(Site.LAYER),
  KERNEL_TRANSPOSED(Site.KERNEL),
  SIGN_LOST(Site.LAYER),
  CHANNEL_ZEROED(Site.LAYER),
  WEIGHT_STORED_TOO_COARSELY(Site.LAYER),
  GAMMA_OF_ONE_CHANNEL_OFF(Site.NORM),
  BETA_OF_ONE_CHANNEL_OFF(Site.NORM),
  MEAN_STALE(Site.NORM),
  VARIANCE_STALE(Site.NORM),
  EPS_WRONG(Site.NORM),
  ACTIVATION_DROPPED(Site.ACTIVATION);

  /** Sizes of a fault, small to large. */
  public static final List<Double> SIZES = List.of(1e-4, 1e-3, 1e-2);

  private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");
  private static final Set<String> ACTIVATIONS = Set.of("Relu", "Clip", "LeakyRelu", "Sigmoid");
  private static final int KERNEL_AXES = 2;

  private final Site site;

  InjectedFault(Site site) {
    this.site = site;
  }

  private enum Site {
    LAYER,
    KERNEL,
    NORM,
    ACTIVATION
  }

  /**
   * The model with the fault; empty if it has no place for it.
   *
   * @param part of the way through the model at which the fault lies, below 1
   * @param size how far off what is wrong is, relative
   */
  public Optional<ModelGraph> inject(ModelGraph model, double part, double size) {
    StoredConstants constants = new StoredConstants(model.graph());
    List<Node> sites =
        model.graph().nodes().stream().filter(node -> isSite(node, constants)).toList();
    if (sites.isEmpty()) {
      return Optional.empty();
    }
    Node node = sites.get((int) (part * sites.size()));
    return switch (this) {
      case ACTIVATION_DROPPED ->
          Optional.of(
              replaced(
                  model,
                  node,
                  new Node(
                      node.id(),
                      node.name(),
                      OpKind.onnx("Identity"),
                      node.inputs().subList(0, 1),
                      node.outputs(),
                      java.util.Map.of())));
      case EPS_WRONG -> {
        double eps = node.realAttribute("epsilon", 1e-5);
        yield Optional.of(
            replaced(
                model,
                node,
                node.withAttribute("epsilon", new Attribute.Real(eps * (1 + 1e4 * size)))));
      }
      case GAMMA_OF_ONE_CHANNEL_OFF -> changed(model, node, 1, constants, v -> v[0] *= 1 + size);
      case BETA_OF_ONE_CHANNEL_OFF ->
          changed(model, node, 2, constants, v -> v[0] += size * largest(v));
      case MEAN_STALE -> changed(model, node, 3, constants, v -> v[0] += size * largest(v));
      case VARIANCE_STALE -> changed(model, node, 4, constants, v -> v[0] *= 1 + 2 * size);
      case WEIGHT_OF_ONE_CHANNEL_OFF,
          WHOLE_WEIGHT_OFF,
          WEIGHT_SCALED_ALONG_INPUT_AXIS,
          CHANNELS_SWAPPED,
          INPUT_CHANNELS_SHIFTED,
          GROUPS_MIXED_UP,
          KERNEL_TRANSPOSED,
          SIGN_LOST,
          CHANNEL_ZEROED,
          WEIGHT_STORED_TOO_COARSELY -> {
        Shape shape = constants.find(node.input(1)).shape();
        yield changed(model, node, 1, constants, v -> changeWeight(v, shape, size));
      }
    };
  }

  private boolean isSite(Node node, StoredConstants constants) {
    return switch (site) {
      case ACTIVATION -> ACTIVATIONS.contains(node.op().type());
      case NORM ->
          node.is(OpKind.onnx("BatchNormalization"))
              && node.inputs().stream().skip(1).allMatch(it -> constants.find(it) != null);
      case LAYER, KERNEL -> {
        Tensor weight = LAYERS.contains(node.op().type()) ? constants.find(node.input(1)) : null;
        boolean fits = weight != null && weight.shape().rank() >= 2 && weight.type().isFoldable();
        yield fits && (site == Site.LAYER || isSquare(weight.shape()));
      }
    };
  }

  private static boolean isSquare(Shape shape) {
    return shape.rank() == 2 + KERNEL_AXES && shape.dim(2) == shape.dim(3) && shape.dim(2) > 1;
  }

  private void changeWeight(double[] w, Shape shape, double size) {
    int rows = (int) shape.dim(0);
    int row = w.length / rows;
    int columns = (int) shape.dim(1);
    int cell = row / columns;
    switch (this) {
      case WEIGHT_OF_ONE_CHANNEL_OFF -> scale(w, 0, row, 1 + size);
      case WHOLE_WEIGHT_OFF -> scale(w, 0, w.length, 1 + size);
      case WEIGHT_SCALED_ALONG_INPUT_AXIS -> {
        for (int r = 0; r < rows; r++) {
          scale(w, r * row, r * row + cell, 1 + size);
        }
      }
      case CHANNELS_SWAPPED -> swap(w, 0, (rows - 1) * row, row);
      case INPUT_CHANNELS_SHIFTED -> {
        for (int r = 0; r < rows; r++) {
          rotate(w, r * row, row, cell);
        }
      }
      case GROUPS_MIXED_UP -> rotate(w, 0, w.length, rows / 2 * row);
      case KERNEL_TRANSPOSED -> transpose(w, (int) shape.dim(2));
      case SIGN_LOST -> scale(w, 0, Math.max(1, (int) (row * size)), -1);
      case CHANNEL_ZEROED -> scale(w, 0, row, 0);
      case WEIGHT_STORED_TOO_COARSELY -> {
        int bits = (int) Math.round(-Math.log(size) / Math.log(2));
        Arrays.setAll(
            w,
            i -> {
              double unit = Math.scalb(1.0, Math.getExponent(w[i]) - bits);
              return Math.rint(w[i] / unit) * unit;
            });
      }
      default -> throw new IllegalStateException(name());
    }
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  private static void scale(double[] w, int from, int to, double factor) {
    for (int i = from; i < to; i++) {
      w[i] *= factor;
    }
  }

  private static void swap(double[] w, int one, int other, int count) {
    for (int i = 0; i < count; i++) {
      double kept = w[one + i];
      w[one + i] = w[other + i];
      w[other + i] = kept;
    }
  }

  private static void rotate(double[] w, int from, int count, int by) {
    double[] kept = Arrays.copyOfRange(w, from, from + count);
    for (int i = 0; i < count; i++) {
      w[from + (i + by) % count] = kept[i];
    }
  }

  private static void transpose(double[] w, int side) {
    double[] kept = w.clone();
    int area = side * side;
    for (int i = 0; i < w.length; i++) {
      int place = i % area;
      w[i] = kept[i - place + place % side * side + place / side];
    }
  }

  private interface Change {
    void apply(double[] values);
  }

  /** The model with another constant as one node's input, and as no other's. */
  private static Optional<ModelGraph> changed(
      ModelGraph model, Node node, int input, StoredConstants constants, Change change) {
    Tensor tensor = constants.find(node.input(input));
    if (tensor == null) {
      return Optional.empty();
    }
    double[] values = Tensors.doubles(tensor, Integer.MAX_VALUE);
    double[] before = values.clone();
    change.apply(values);
    if (Arrays.equals(before, values)) {
      return Optional.empty();
    }
    String name = "faulty " + node.input(input);
    List<Initializer> initializers = new ArrayList<>(model.graph().initializers());
    initializers.add(
        new Initializer(name, LiteralTensor.ofDoubles(tensor.type(), tensor.shape(), values)));
    Graph graph = model.graph().withInitializers(initializers);
    return Optional.of(replaced(model.withGraph(graph), node, node.withInput(input, name)));
  }

  private static ModelGraph replaced(ModelGraph model, Node node, Node other) {
    List<Node> nodes =
        model.graph().nodes().stream().map(it -> it.id() == node.id() ? other : it).toList();
    return model.withGraph(model.graph().withNodes(nodes));
  }
}
