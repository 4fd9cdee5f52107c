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
package dev.fusewright.io.proof;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.reference.ReferenceEvaluator;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ComputedTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** One folded layer with its norm, into which faults can be put. */
final class FaultySite {
  private static final int LARGEST = 1 << 24;

  private final FusionPlan plan;
  private final ModelGraph fused;
  private final Node layer;
  private final Node norm;
  private final ChannelScaled weight;
  private final double[] bias;

  private FaultySite(
      FusionPlan plan, ModelGraph fused, Node layer, Node norm, ChannelScaled weight, Tensor bias) {
    this.plan = plan;
    this.fused = fused;
    this.layer = layer;
    this.norm = norm;
    this.weight = weight;
    this.bias = Tensors.doubles(bias, 1 << 20);
  }

  /** The site of a fold of a norm into a layer, if that is what the fusion is. */
  static Optional<FaultySite> of(FusionPlan plan, ModelGraph fused, Fusion fusion) {
    if (!fusion.rule().endsWith("batch-norm")
        || fusion.nodeIds().size() < 2
        || !fusion.scope().text().isEmpty()) {
      return Optional.empty();
    }
    Node layer = byId(fused.graph(), fusion.nodeIds().get(0));
    Node norm = byId(plan.original().graph(), fusion.nodeIds().get(1));
    if (layer == null
        || norm == null
        || !norm.is(OpKind.BATCH_NORMALIZATION)
        || !layer.hasInput(2)) {
      return Optional.empty();
    }
    Tensor weight = held(fused.graph(), layer.input(1));
    Tensor bias = held(fused.graph(), layer.input(2));
    return weight instanceof ChannelScaled scaled && bias != null
        ? Optional.of(new FaultySite(plan, fused, layer, norm, scaled, bias))
        : Optional.empty();
  }

  private static @org.jspecify.annotations.Nullable Node byId(Graph graph, int id) {
    return graph.nodes().stream().filter(node -> node.id() == id).findFirst().orElse(null);
  }

  private static @org.jspecify.annotations.Nullable Tensor held(Graph graph, String name) {
    for (Initializer initializer : graph.initializers()) {
      if (initializer.name().equals(name)) {
        return initializer.tensor();
      }
    }
    for (Node node : graph.nodes()) {
      if (node.outputs().contains(name)
          && node.attributes().get("value") instanceof Attribute.TensorValue value) {
        return value.value();
      }
    }
    return null;
  }

  int layerId() {
    return layer.id();
  }

  String label() {
    return layer.label();
  }

  /** A channel whose weights are not all zero, and whose scale is not. */
  private int liveChannel() {
    double[] factors = weight.factors();
    boolean[] live = new boolean[factors.length];
    Tensors.forEachChunk(
        weight.source(),
        (first, values, count) -> {
          for (int i = 0; i < count; i++) {
            live[weight.axis().channelOf(weight.shape(), first + i)] |= Math.abs(values[i]) > 1e-20;
          }
        });
    for (int c = factors.length / 2; c < factors.length; c++) {
      if (live[c] && Math.abs(factors[c]) > 1e-20) {
        return c;
      }
    }
    throw new IllegalStateException("no live channel in '" + label() + "'");
  }

  /** The fused model with one channel's weights off by a part of themselves. */
  ModelGraph offBy(double part) {
    double[] factors = weight.factors();
    factors[liveChannel()] *= 1 + part;
    return with(scaled(factors), bias);
  }

  /**
   * The fused model with a fault; empty where the fault changes nothing here, such as a lost bias
   * of zeros.
   */
  Optional<ModelGraph> with(Fault fault) {
    double[] s = weight.factors();
    double[] b = bias.clone();
    double[] gamma = parameter(1);
    double[] beta = parameter(2);
    double[] mean = parameter(3);
    double[] variance = parameter(4);
    double epsilon = norm.realAttribute("epsilon", 1e-5f);
    int live = liveChannel();
    Tensor changed = null;
    switch (fault) {
      case SCALE_ALONG_THE_WRONG_AXIS -> {
        int other = 1 - weight.axis().axis();
        if (weight.axis().groups() != 1 || weight.shape().dim(other) != s.length) {
          return Optional.empty();
        }
        changed = new ChannelScaled(weight.source(), ChannelAxis.of(other), s);
      }
      case SCALE_TRANSPOSED -> reverse(s);
      case NEIGHBOURS_SCALE -> rotate(s);
      case NEIGHBOURS_WEIGHT -> {
        if (weight.shape().dim(0) == 1) {
          return Optional.empty();
        }
        changed = neighbours();
      }
      case GROUPS_SWAPPED -> {
        int size = s.length / (int) layer.intAttribute("group", 1);
        if (size == s.length) {
          return Optional.empty();
        }
        for (int c = 0; c < size; c++) {
          swap(s, c, c + size);
        }
      }
      case REPEATED_IN_THE_WRONG_ORDER -> {
        if (s.length % 2 != 0) {
          return Optional.empty();
        }
        double[] right = s.clone();
        Arrays.setAll(s, c -> right[c % 2 * (s.length / 2) + c / 2]);
      }
      case TWO_CHANNELS_SWAPPED -> swap(s, live, (live + 1) % s.length);
      case ONE_CHANNEL_OFF_BY_ONE_PERCENT -> s[live] *= 1.01;
      case ONE_CHANNEL_NEGATED -> s[live] = -s[live];
      case EPSILON_DROPPED ->
          Arrays.setAll(s, c -> s[c] * Math.sqrt((variance[c] + epsilon) / positive(variance[c])));
      case VARIANCE_FOR_DEVIATION -> Arrays.setAll(s, c -> s[c] / Math.sqrt(variance[c] + epsilon));
      case GAMMA_FORGOTTEN -> Arrays.setAll(s, c -> gamma[c] == 0 ? 1 : s[c] / gamma[c]);
      case BETA_FORGOTTEN -> Arrays.setAll(b, c -> b[c] - beta[c]);
      case MEAN_STALE -> Arrays.setAll(b, c -> b[c] + mean[c] * s[c]);
      case BIAS_LOST -> Arrays.fill(b, 0);
      case BIAS_DOUBLED -> Arrays.setAll(b, c -> 2 * b[c]);
      case WEIGHT_NOT_SCALED -> Arrays.fill(s, 1);
      case RELU_BEFORE_THE_NORM -> {
        return isReadByRelusAlone() ? Optional.empty() : Optional.of(withRelu());
      }
    }
    Tensor faulty = changed == null ? scaled(s) : changed;
    return isNear(Tensors.doubles(faulty, LARGEST), Tensors.doubles(weight, LARGEST))
            && isNear(b, bias)
        ? Optional.empty()
        : Optional.of(with(faulty, b));
  }

  /** Whether two vectors are the same up to what rounding does to every fold. */
  private static boolean isNear(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Math.abs(a[i] - b[i]) > 1e-6 * Math.abs(b[i])) {
        return false;
      }
    }
    return true;
  }

  private static double positive(double variance) {
    return variance > 0 ? variance : 1;
  }

  private static void reverse(double[] values) {
    for (int i = 0; i < values.length / 2; i++) {
      swap(values, i, values.length - 1 - i);
    }
  }

  private static void rotate(double[] values) {
    double first = values[0];
    System.arraycopy(values, 1, values, 0, values.length - 1);
    values[values.length - 1] = first;
  }

  private static void swap(double[] values, int i, int j) {
    double kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }

  private double[] parameter(int input) {
    String name = norm.input(input);
    ModelGraph model = plan.original();
    return Objects.requireNonNull(
            new ReferenceEvaluator(model.opsets(), model.functions())
                .values(model.graph(), Map.of(), Set.of(name))
                .get(name))
        .values();
  }

  /** Along the first axis, each index with the weights of the next. */
  private Tensor neighbours() {
    double[] values = Tensors.doubles(weight, LARGEST);
    int block = values.length / Math.toIntExact(weight.shape().dim(0));
    double[] moved = new double[values.length];
    Arrays.setAll(moved, i -> values[(i + block) % values.length]);
    return new ComputedTensor(weight.type(), weight.shape(), moved);
  }

  private Tensor scaled(double[] factors) {
    return new ChannelScaled(weight.source(), weight.axis(), factors);
  }

  private ModelGraph with(Tensor newWeight, double[] newBias) {
    Tensor held = Objects.requireNonNull(held(fused.graph(), layer.input(2)));
    return replaced(
        replaced(fused, layer.input(1), newWeight),
        layer.input(2),
        new ComputedTensor(held.type(), held.shape(), newBias));
  }

  private static ModelGraph replaced(ModelGraph model, String name, Tensor tensor) {
    Graph graph = model.graph();
    List<Initializer> initializers = new ArrayList<>();
    graph
        .initializers()
        .forEach(
            constant ->
                initializers.add(
                    constant.name().equals(name) ? new Initializer(name, tensor) : constant));
    List<Node> nodes = new ArrayList<>();
    graph
        .nodes()
        .forEach(
            node ->
                nodes.add(
                    node.outputs().contains(name)
                        ? node.withAttribute("value", new Attribute.TensorValue(tensor))
                        : node));
    return model.withGraph(
        new Graph(
            graph.name(),
            nodes,
            initializers,
            graph.inputs(),
            graph.outputs(),
            graph.valueInfos(),
            graph.annotations(),
            graph.sparseInitializers()));
  }

  /** Then one Relu more changes nothing. */
  private boolean isReadByRelusAlone() {
    String value = layer.output();
    List<Node> readers =
        fused.graph().nodes().stream().filter(node -> node.inputs().contains(value)).toList();
    return !readers.isEmpty() && readers.stream().allMatch(node -> node.is(OpKind.RELU));
  }

  private ModelGraph withRelu() {
    Graph graph = fused.graph();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.id() == layer.id()) {
        nodes.add(node.withOutputs(List.of("before relu")));
        nodes.add(
            new Node(
                Integer.MAX_VALUE,
                "",
                OpKind.RELU,
                List.of("before relu"),
                node.outputs(),
                Map.of()));
      } else {
        nodes.add(node);
      }
    }
    return fused.withGraph(
        new Graph(
            graph.name(),
            nodes,
            graph.initializers(),
            graph.inputs(),
            graph.outputs(),
            graph.valueInfos(),
            graph.annotations(),
            graph.sparseInitializers()));
  }
}
