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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.Node;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.StoredConstants;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.text.Amounts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads Conv, ConvTranspose, Gemm and MatMul by their definitions in ONNX's operator list. */
final class LinearLayers {
  private static final Set<String> OPERATORS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

  /** Elements of a weight that is computed: it is held until its site is proven. */
  static final long MOST_DERIVED =
      Math.min(
          1 << 25,
          Runtime.getRuntime().maxMemory()
              / (32L * (Runtime.getRuntime().availableProcessors() + 1)));

  private LinearLayers() {}

  static boolean isOne(Node node) {
    return node.op().domain().isEmpty() && OPERATORS.contains(node.op().type());
  }

  /**
   * A layer and the shape that its result is given for the proof.
   *
   * @param bias one value for each output channel
   */
  @SuppressWarnings("ArrayRecordComponent") // Taken apart at once.
  record Made(RawLayer layer, Shape shape, int channelAxis, double[] bias) {}

  /**
   * Reads a layer.
   *
   * @param input what arrives, in terms of what this layer has to account for
   * @param whole what arrives
   * @param result the shape of its result, as far as it is known
   */
  static Made make(Subgraph side, Node node, Field input, Field whole, @Nullable Shape result) {
    Tensor weight = weight(side, node);
    Made made =
        switch (node.op().type()) {
          case "Conv", "ConvTranspose" -> convolution(side, node, input, weight, result);
          case "Gemm" -> gemm(side, node, input, weight);
          default -> matMul(node, input, weight);
        };
    RawLayer layer = made.layer();
    return new Made(
        new RawLayer(layer.node(), layer.form(), layer.weights(), List.of(whole)),
        made.shape(),
        made.channelAxis(),
        made.bias());
  }

  /**
   * The weight as it is stored; one that the graph computes is asked for, if it is not too large.
   */
  private static Tensor weight(Subgraph side, Node node) {
    String name = node.input(1);
    Tensor stored = new StoredConstants(side.graph()).find(name);
    if (stored != null) {
      return stored;
    }
    NdArray derived = side.constant(name);
    if (derived.size() > MOST_DERIVED) {
      throw UncertifiableException.forSize(
          "the weight '" + name + "' is computed and too large to hold");
    }
    return derived.toTensor();
  }

  /** The shape of a layer's weight. */
  static Shape weightShape(Subgraph side, Node node) {
    return weight(side, node).shape();
  }

  private static Made convolution(
      Subgraph side, Node node, Field input, Tensor weight, @Nullable Shape result) {
    boolean transposed = node.op().type().equals("ConvTranspose");
    Shape shape = weight.shape();
    int spatial = shape.rank() - 2;
    int first = Math.toIntExact(shape.dim(0));
    int second = Math.toIntExact(shape.dim(1));
    int group = group(node, first);
    int channels = transposed ? second * group : first;
    int taken = transposed ? first : second * group;
    PerChannel arriving = PerChannel.along(input, 1, taken, node);
    if (padsOrSkips(node, spatial, input) && arriving.shifts()) {
      throw new UncertifiableException("'" + node.label() + "' pads a value that has been shifted");
    }
    String form =
        Geometry.ofLayer(node, spatial, input) + " kernel " + shape.dims().subList(2, shape.rank());
    RawLayer.Weights weights =
        new RawLayer.Weights(
            weight, 1, transposed, group, channels, arriving.scale(), arriving.shift());
    return new Made(
        new RawLayer(node, form, weights, List.of(input)),
        result == null ? small(input, channels, spatial) : result,
        1,
        bias(side, node, 2, channels, 1));
  }

  private static int group(Node node, int channels) {
    long group = node.intAttribute("group", 1);
    if (group < 1 || group > channels || channels % group != 0) {
      throw new UncertifiableException(
          "'%s' has group = %d and %s"
              .formatted(node.label(), group, Amounts.count(channels, "channel")));
    }
    return (int) group;
  }

  private static Shape small(Field input, long channels, int spatial) {
    List<Long> dims = new ArrayList<>(List.of(input.source().shape().dim(0), channels));
    for (int axis = 0; axis < spatial; axis++) {
      dims.add(axis == 0 ? 3L : 2L);
    }
    return new Shape(dims);
  }

  /** Where zeros stand in for the input: in the pads, and between the cells of a ConvTranspose. */
  private static boolean padsOrSkips(Node node, int spatial, Field input) {
    String auto = node.textAttribute("auto_pad", "NOTSET");
    return node.op().type().equals("ConvTranspose")
        || !(auto.equals("NOTSET") || auto.equals("VALID"))
        || Geometry.pads(node, spatial, input).stream().anyMatch(pad -> pad != 0);
  }

  private static Made gemm(Subgraph side, Node node, Field input, Tensor weight) {
    boolean transA = node.intAttribute("transA", 0) != 0;
    boolean transB = node.intAttribute("transB", 0) != 0;
    int columns = Math.toIntExact(weight.shape().dim(transB ? 0 : 1));
    int rows = Math.toIntExact(weight.shape().dim(transB ? 1 : 0));
    PerChannel arriving = PerChannel.along(input, transA ? 0 : 1, rows, node);
    double[] bias = bias(side, node, 2, columns, node.realAttribute("beta", 1));
    Shape shape = Shape.of(input.source().shape().dim(transA ? 1 : 0), columns);
    return linear(
        node,
        weight,
        node.realAttribute("alpha", 1),
        transB,
        arriving,
        input,
        "transA " + transA,
        shape,
        bias);
  }

  private static Made matMul(Node node, Field input, Tensor weight) {
    Shape given = input.source().shape();
    if (weight.shape().rank() != 2 || given.rank() < 1) {
      throw new UncertifiableException(
          "'" + node.label() + "' multiplies no matrix from the right");
    }
    int columns = Math.toIntExact(weight.shape().dim(1));
    PerChannel arriving =
        PerChannel.along(input, given.rank() - 1, Math.toIntExact(weight.shape().dim(0)), node);
    List<Long> dims = new ArrayList<>(given.dims());
    dims.set(given.rank() - 1, (long) columns);
    return linear(
        node,
        weight,
        1,
        false,
        arriving,
        input,
        "transA false",
        new Shape(dims),
        new double[columns]);
  }

  private static Made linear(
      Node node,
      Tensor weight,
      double alpha,
      boolean transB,
      PerChannel arriving,
      Field input,
      String form,
      Shape shape,
      double[] bias) {
    RawLayer.Weights weights =
        new RawLayer.Weights(
            weight, alpha, !transB, 1, bias.length, arriving.scale(), arriving.shift());
    return new Made(
        new RawLayer(node, "linear " + form, weights, List.of(input)),
        shape,
        shape.rank() - 1,
        bias);
  }

  private static double[] bias(Subgraph side, Node node, int operand, int channels, double factor) {
    double[] bias = new double[channels];
    if (!node.hasInput(operand)) {
      return bias;
    }
    NdArray given = side.constant(node.input(operand));
    if (given.size() != 1
        && (given.size() != channels || given.shape().dim(given.rank() - 1) != channels)) {
      throw new UncertifiableException(
          "the bias of '" + node.label() + "' is not one value per channel");
    }
    Arrays.setAll(bias, c -> factor * given.values()[given.size() == 1 ? 0 : c]);
    return bias;
  }
}
