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
package dev.fusewright.core.rule.qat;

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.rule.FusedActivations;
import dev.fusewright.core.rule.FusedActivations.Predecessor;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One of PyTorch's modules as a function.
 *
 * <p>Its parameters are, in order and as far as the module has them:
 *
 * <pre>
 *   x, weight, bn_weight, bn_bias, running_mean, running_var, scale, zero_point, bias
 * </pre>
 *
 * The bias comes last, since calls may leave it out. A module with a BatchNorm in training form has
 * the updated statistics as its second and third output. Attributes are those of the operators of
 * which the module is made, and are passed through.
 *
 * @param layer what comes first
 * @param norm the form of the BatchNorm
 * @param activation that comes last
 * @param quantization of the weight
 * @param hasBias whether the layer has a bias; it makes another function only where the bias is
 *     added by itself
 * @param spatialRank 1, 2 or 3, or 0 for Linear
 */
record QatModule(
    LayerType layer,
    Norm norm,
    Optional<Activation> activation,
    Quantization quantization,
    boolean hasBias,
    int spatialRank) {
  static final String FUSED = "torch.ao.nn.intrinsic";
  static final String PREPARED = "torch.ao.nn.intrinsic.qat";
  static final String PREPARED_ALONE = "torch.ao.nn.qat";
  static final long VERSION = 1;

  /** What a module may end in: nothing, or an activation that some backend fuses. */
  static final List<Optional<Activation>> ACTIVATIONS = activations();

  /** Index of the weight among the parameters. */
  static final int WEIGHT = 1;

  /** What comes first in a module. */
  enum LayerType {
    CONV("Conv"),
    LINEAR("Linear"),
    NONE("BN");

    private final String text;

    LayerType(String text) {
      this.text = text;
    }

    /** Where an activation that belongs to the module stands; a Linear with a norm has none. */
    Optional<Predecessor> activatedAt(boolean hasNorm) {
      return switch (this) {
        case CONV -> Optional.of(hasNorm ? Predecessor.CONV_NORM : Predecessor.CONV);
        case LINEAR -> hasNorm ? Optional.empty() : Optional.of(Predecessor.LINEAR);
        case NONE -> Optional.of(Predecessor.NORM);
      };
    }
  }

  /** The form of a BatchNorm. */
  enum Norm {
    ABSENT,
    /** Normalizes with the running statistics. */
    INFERENCE,
    /** Normalizes with the statistics of the batch, and updates the running ones. */
    TRAINING
  }

  /** What happens to the weight. */
  enum Quantization {
    ABSENT,
    PER_CHANNEL,
    PER_TENSOR,
    /**
     * Per channel, by the path that is finite where bn_weight is 0: the convolution is computed
     * twice.
     */
    SLOW_PER_CHANNEL,
    /** Per tensor, by that path. */
    SLOW_PER_TENSOR;

    boolean isSlow() {
      return this == SLOW_PER_CHANNEL || this == SLOW_PER_TENSOR;
    }

    private String axis() {
      return this == PER_CHANNEL || this == SLOW_PER_CHANNEL ? "<axis = 0>" : "";
    }
  }

  /** Whether PyTorch has such a module. */
  boolean exists() {
    return layer == LayerType.NONE
        ? hasNorm() && endsAsFused() && !isQuantized() && spatialRank > 1
        : (hasNorm() || activation.isPresent() || isQuantized())
            && (hasNorm() || !quantization.isSlow())
            && (activation.isEmpty() || endsAsFused());
  }

  private static List<Optional<Activation>> activations() {
    List<Optional<Activation>> all = new ArrayList<>(List.of(Optional.empty()));
    for (Activation activation : Activation.values()) {
      if (Arrays.stream(Predecessor.values())
          .anyMatch(it -> FusedActivations.isKnown(it, activation))) {
        all.add(Optional.of(activation));
      }
    }
    return List.copyOf(all);
  }

  private boolean endsAsFused() {
    Optional<Predecessor> place = layer.activatedAt(hasNorm());
    return activation.isPresent()
        && place.isPresent()
        && FusedActivations.isKnown(place.get(), activation.get());
  }

  boolean hasNorm() {
    return norm != Norm.ABSENT;
  }

  boolean isQuantized() {
    return quantization != Quantization.ABSENT;
  }

  /** PyTorch's class. */
  String className() {
    String rank = layer == LayerType.LINEAR ? (hasNorm() ? "1d" : "") : spatialRank + "d";
    String norm = hasNorm() && layer != LayerType.NONE ? "Bn" : "";
    return layer.text + norm + activation.map(Activation::torchName).orElse("") + rank;
  }

  /** The kind of the nodes that call it. */
  OpKind op() {
    String domain =
        !isQuantized() ? FUSED : hasNorm() || activation.isPresent() ? PREPARED : PREPARED_ALONE;
    return new OpKind(domain, className() + variant());
  }

  /** Functions cannot be overloaded before IR version 10. */
  private String variant() {
    String perTensor =
        quantization == Quantization.PER_TENSOR || quantization == Quantization.SLOW_PER_TENSOR
            ? "_per_tensor"
            : "";
    return perTensor
        + (quantization.isSlow() ? "_slow" : "")
        + (isQuantized() && hasNorm() && hasBias ? "_bias" : "")
        + (norm == Norm.INFERENCE ? "_eval" : "");
  }

  /** Attributes of the layer that a call passes through. */
  List<String> layerAttributes() {
    return switch (layer) {
      case CONV -> List.of("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides");
      case LINEAR -> List.of("alpha", "beta", "transA", "transB");
      case NONE -> List.of();
    };
  }

  /** Attributes of the BatchNorm that a call passes through. */
  List<String> normAttributes() {
    return hasNorm() ? List.of("epsilon", "momentum") : List.of();
  }

  private String references() {
    return layerAttributes().stream()
        .map(name -> name + ": " + typeOf(name) + " = @" + name)
        .collect(Collectors.joining(", ", " <", ">"));
  }

  private static String typeOf(String attribute) {
    return switch (attribute) {
      case "auto_pad" -> "string";
      case "alpha", "beta" -> "float";
      case "group", "transA", "transB" -> "int";
      default -> "ints";
    };
  }

  private String operator() {
    return (layer == LayerType.CONV ? "Conv" : "Gemm") + references();
  }

  /** The function, for models of this operator set. */
  Function function(long opset) {
    List<String> attributes = new ArrayList<>(layerAttributes());
    attributes.addAll(normAttributes());
    List<String> body = new ArrayList<>();
    String last = isQuantized() ? quantizedBody(body, opset) : plainBody(body);
    if (activation.isPresent()) {
      body.add("y = %s (%s)".formatted(activation.get().operator().type(), last));
    } else {
      body.replaceAll(line -> line.replaceAll("\\b" + last + "\\b", "y"));
    }
    String text =
        """
        <ir_version: 8, opset_import: ["" : %1$d]> nothing () => () {}
        <domain: "%2$s", opset_import: ["" : %1$d]>
        %3$s <%4$s> (%5$s) => (%6$s)
        {
          %7$s
        }
        """
            .formatted(
                opset,
                op().domain(),
                op().type(),
                String.join(", ", attributes),
                String.join(", ", parameters()),
                String.join(", ", outputs()),
                String.join("\n  ", body));
    return GraphText.parse(text).functions().get(0);
  }

  private List<String> parameters() {
    List<String> names = new ArrayList<>(List.of("x"));
    if (layer != LayerType.NONE) {
      names.add("weight");
    }
    if (hasNorm()) {
      names.addAll(List.of("bn_weight", "bn_bias", "running_mean", "running_var"));
    }
    if (isQuantized()) {
      names.addAll(List.of("scale", "zero_point"));
    }
    if (layer != LayerType.NONE && !(isQuantized() && hasNorm() && !hasBias)) {
      names.add("bias");
    }
    return names;
  }

  /** The names of the function's outputs. */
  List<String> outputs() {
    return norm == Norm.TRAINING ? List.of("y", "new_mean", "new_var") : List.of("y");
  }

  private String normalized(List<String> body, String value) {
    String attributes = "epsilon: float = @epsilon, momentum: float = @momentum";
    body.add(
        norm == Norm.TRAINING
            ? "normalized, new_mean, new_var = BatchNormalization <%s, training_mode = 1> (%s, bn_weight, bn_bias, running_mean, running_var)"
                .formatted(attributes, value)
            : "normalized = BatchNormalization <%s> (%s, bn_weight, bn_bias, running_mean, running_var)"
                .formatted(attributes, value));
    return "normalized";
  }

  private String plainBody(List<String> body) {
    String value = "x";
    if (layer != LayerType.NONE) {
      body.add("c = " + operator() + " (x, weight, bias)");
      value = "c";
    }
    return hasNorm() ? normalized(body, value) : value;
  }

  private String quantizedBody(List<String> body, long opset) {
    if (!hasNorm()) {
      fakeQuantize(body, "weight");
      body.add("c = " + operator() + " (x, quantized, bias)");
      return "c";
    }
    body.add("epsilon = Constant <value_float: float = @epsilon> ()");
    body.add(
        "along_weight = Constant <value_ints = [-1" + ", 1".repeat(weightRank() - 1) + "]> ()");
    body.add(
        "along_output = Constant <value_ints = [1, -1" + ", 1".repeat(weightRank() - 2) + "]> ()");
    body.add("variance = Add (running_var, epsilon)");
    body.add("deviation = Sqrt (variance)");
    body.add("factor = Div (bn_weight, deviation)");
    body.add("weight_factor = Reshape (factor, along_weight)");
    body.add("scaled = Mul (weight, weight_factor)");
    fakeQuantize(body, "scaled");
    body.add("c = " + operator() + " (x, quantized)");
    if (quantization.isSlow()) {
      return slow(body, opset);
    }
    body.add("output_factor = Reshape (factor, along_output)");
    body.add("unscaled = Div (c, output_factor)");
    if (hasBias) {
      body.add("output_bias = Reshape (bias, along_output)");
      body.add("biased = Add (unscaled, output_bias)");
    }
    return normalized(body, hasBias ? "biased" : "unscaled");
  }

  private void fakeQuantize(List<String> body, String weight) {
    String axis = quantization.axis();
    body.add("quanta = QuantizeLinear %s (%s, scale, zero_point)".formatted(axis, weight));
    body.add("quantized = DequantizeLinear %s (quanta, scale, zero_point)".formatted(axis));
  }

  /**
   * PyTorch's {@code _forward_slow}: does not divide by the factor, but by the deviation of the
   * batch.
   */
  private String slow(List<String> body, long opset) {
    body.add("plain = " + operator() + " (x, weight)");
    if (hasBias) {
      body.add("output_bias = Reshape (bias, along_output)");
      body.add("biased = Add (plain, output_bias)");
    }
    // Only for the updated statistics.
    String unused = normalized(body, hasBias ? "biased" : "plain");
    body.set(body.size() - 1, body.get(body.size() - 1).replace(unused + ",", "unused,"));
    String axes = "0" + ", 2, 3, 4".substring(0, 3 * (weightRank() - 2));
    mean(body, "batch_mean", "plain", axes, opset);
    body.add("centred = Sub (plain, batch_mean)");
    body.add("squared = Mul (centred, centred)");
    mean(body, "batch_variance", "squared", axes, opset);
    body.add("batch_above = Add (batch_variance, epsilon)");
    body.add("batch_deviation = Sqrt (batch_above)");
    body.add("output_deviation = Reshape (deviation, along_output)");
    body.add("ratio = Div (output_deviation, batch_deviation)");
    body.add("rescaled = Mul (c, ratio)");
    body.add("output_weight = Reshape (bn_weight, along_output)");
    body.add("shifted = Mul (output_weight, batch_mean)");
    body.add("shift = Div (shifted, batch_deviation)");
    body.add("output_shift = Reshape (bn_bias, along_output)");
    body.add("bias_now = Sub (output_shift, shift)");
    body.add("slow = Add (rescaled, bias_now)");
    return "slow";
  }

  /** ReduceMean's axes are an attribute before opset 18. */
  private static void mean(List<String> body, String result, String of, String axes, long opset) {
    if (opset < 18) {
      body.add("%s = ReduceMean <axes = [%s], keepdims = 1> (%s)".formatted(result, axes, of));
    } else {
      body.add("%s_axes = Constant <value_ints = [%s]> ()".formatted(result, axes));
      body.add("%s = ReduceMean <keepdims = 1> (%s, %s_axes)".formatted(result, of, result));
    }
  }

  private int weightRank() {
    return spatialRank + 2;
  }
}
