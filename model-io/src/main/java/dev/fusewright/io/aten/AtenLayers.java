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
package dev.fusewright.io.aten;

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Layers with parameters, and norms. */
final class AtenLayers {
  private static final double EPSILON = 1e-5;
  private static final Map<String, Attribute> TURNED = Map.of("transB", new Attribute.Int(1));

  static final Map<String, AtenOperator> OPERATORS =
      Map.ofEntries(
          layer("conv1d.default", AtenLayers::conv),
          layer("conv2d.default", AtenLayers::conv),
          layer("conv3d.default", AtenLayers::conv),
          layer("conv1d.padding", AtenLayers::conv),
          layer("conv2d.padding", AtenLayers::conv),
          layer("conv3d.padding", AtenLayers::conv),
          layer("_convolution_mode.default", AtenLayers::conv),
          layer("conv_transpose1d.default", AtenLayers::convTranspose),
          layer("conv_transpose2d.input", AtenLayers::convTranspose),
          layer("conv_transpose3d.input", AtenLayers::convTranspose),
          layer("convolution.default", AtenLayers::convolution),
          layer("linear.default", AtenLayers::linear),
          layer("addmm.default", AtenLayers::addmm),
          layer("mm.default", AtenLayers::mm),
          layer("bmm.default", AtenLayers::product),
          layer("matmul.default", AtenLayers::matmul),
          layer("batch_norm.default", AtenLayers::batchNorm),
          layer("_native_batch_norm_legit_no_training.default", AtenLayers::batchNorm),
          layer("_native_batch_norm_legit.no_stats", AtenLayers::batchNorm),
          layer("layer_norm.default", AtenLayers::layerNorm));

  private AtenLayers() {}

  private static Map.Entry<String, AtenOperator> layer(String name, AtenOperator.Form form) {
    return Map.entry(name, AtenOperator.fresh(form));
  }

  private static void conv(AtenCall call, Emission out) {
    windowed(call, out, "Conv");
  }

  private static void convTranspose(AtenCall call, Emission out) {
    windowed(call, out, "ConvTranspose");
  }

  private static void convolution(AtenCall call, Emission out) {
    boolean isTransposed = call.flag("transposed", AtenCall.Default.FALSE);
    windowed(call, out, isTransposed ? "ConvTranspose" : "Conv");
  }

  private static void windowed(AtenCall call, Emission out, String type) {
    TensorMeta weight = call.meta("weight");
    int axes = weight.dims().size() - 2;
    if (axes < 1 || call.rank("input") != axes + 2) {
      throw new UnknownFormException("an input without a batch");
    }
    sameType(call, "input", "weight");
    boolean isTransposed = type.equals("ConvTranspose");
    List<Long> dilation = call.window("dilation", axes, 1);
    List<Long> extra = call.window("output_padding", axes, 0);
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("dilations", new Attribute.Ints(dilation));
    attributes.put("group", new Attribute.Int(call.whole("groups", 1)));
    if (isTransposed) {
      attributes.put("output_padding", new Attribute.Ints(extra));
    } else if (extra.stream().anyMatch(padding -> padding != 0)) {
      throw new UnknownFormException("output_padding of a Conv");
    }
    attributes.put("pads", new Attribute.Ints(pads(call, weight, dilation)));
    attributes.put("strides", new Attribute.Ints(call.window("stride", axes, 1)));
    List<String> inputs = new ArrayList<>(List.of(call.tensor("input"), call.tensor("weight")));
    if (call.has("bias")) {
      inputs.add(call.tensor("bias"));
    }
    out.result(type, inputs, attributes);
  }

  /** Padding at the beginning of each axis, then at the end of each. */
  private static List<Long> pads(AtenCall call, TensorMeta weight, List<Long> dilation) {
    int axes = dilation.size();
    if (!(call.node().argument("padding") instanceof AtenValue.Word word)) {
      List<Long> side = call.window("padding", axes, 0);
      List<Long> pads = new ArrayList<>(side);
      pads.addAll(side);
      return pads;
    }
    List<Long> pads = new ArrayList<>(Collections.nCopies(2 * axes, 0L));
    if (word.value().equals("same")) {
      for (int axis = 0; axis < axes; axis++) {
        long total = dilation.get(axis) * (AtenCall.size(weight, axis + 2) - 1);
        pads.set(axis, total / 2);
        pads.set(axes + axis, total - total / 2);
      }
    } else if (!word.value().equals("valid")) {
      throw new UnknownFormException("padding " + word.value());
    }
    return pads;
  }

  private static void sameType(AtenCall call, String first, String second) {
    if (call.meta(first).type() != call.meta(second).type()
        || call.result().type() != call.meta(first).type()) {
      throw new UnknownFormException("mixed element types");
    }
  }

  /** A matrix times a weight is one Gemm; more axes take a MatMul, whose weight is transposed. */
  private static void linear(AtenCall call, Emission out) {
    sameType(call, "input", "weight");
    if (call.rank("weight") != 2) {
      throw new UnknownFormException("a weight that is no matrix");
    }
    List<String> inputs = new ArrayList<>(List.of(call.tensor("input"), call.tensor("weight")));
    if (call.rank("input") == 2) {
      if (call.has("bias")) {
        inputs.add(call.tensor("bias"));
      }
      out.result("Gemm", inputs, TURNED);
      return;
    }
    String turned =
        out.inner(
            "Transpose",
            List.of(inputs.get(1)),
            Map.of("perm", new Attribute.Ints(List.of(1L, 0L))));
    if (call.has("bias")) {
      String product = out.inner("MatMul", List.of(inputs.get(0), turned), Map.of());
      out.result("Add", List.of(product, call.tensor("bias")), Map.of());
    } else {
      out.result("MatMul", List.of(inputs.get(0), turned), Map.of());
    }
  }

  /** What a Linear becomes: the weight is a parameter that is turned before. */
  private static void addmm(AtenCall call, Emission out) {
    sameType(call, "mat1", "mat2");
    sameType(call, "mat1", "self");
    if (call.real("alpha", 1) != 1 || call.real("beta", 1) != 1) {
      throw new UnknownFormException("factors");
    }
    String weight = call.turned("mat2");
    if (weight != null) {
      out.result("Gemm", List.of(call.tensor("mat1"), weight, call.tensor("self")), TURNED);
      return;
    }
    String product =
        out.inner("MatMul", List.of(call.tensor("mat1"), call.tensor("mat2")), Map.of());
    out.result("Add", List.of(product, call.tensor("self")), Map.of());
  }

  private static void mm(AtenCall call, Emission out) {
    String weight = call.turned("mat2");
    if (weight == null) {
      product(call, out);
      return;
    }
    sameType(call, "self", "mat2");
    out.result("Gemm", List.of(call.tensor("self"), weight), TURNED);
  }

  private static void product(AtenCall call, Emission out) {
    sameType(call, "self", "mat2");
    out.result("MatMul", List.of(call.tensor("self"), call.tensor("mat2")), Map.of());
  }

  private static void matmul(AtenCall call, Emission out) {
    sameType(call, "self", "other");
    out.result("MatMul", List.of(call.tensor("self"), call.tensor("other")), Map.of());
  }

  /**
   * In inference form; or in that of training, which also is what a norm without statistics does.
   * Then nothing is folded, and what the program does to its statistics has been looked at before.
   */
  private static void batchNorm(AtenCall call, Emission out) {
    TensorMeta input = call.meta("input");
    if (input.dims().size() < 2) {
      throw new UnknownFormException("an input without channels");
    }
    for (int i = 1; i < call.node().outputs().size(); i++) {
      if (call.isRead(call.node().outputs().get(i))) {
        throw new UnknownFormException("statistics of the batch that are read");
      }
    }
    boolean isLegit = call.node().operator().startsWith("_native");
    boolean isTraining =
        isLegit
            ? call.node().operator().endsWith("no_stats")
            : call.flag("training", AtenCall.Default.TRUE);
    boolean hasStatistics = call.has("running_mean") && call.has("running_var");
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("epsilon", new Attribute.Real(call.real("eps", EPSILON)));
    if (isTraining || !hasStatistics) {
      attributes.put("training_mode", new Attribute.Int(1));
    }
    ElementType type = input.type();
    long channels = input.dims().get(1) instanceof Dim.Fixed fixed ? fixed.size() : -1;
    List<String> outputs = new ArrayList<>(List.of(call.node().outputs().get(0)));
    if (attributes.containsKey("training_mode")) {
      outputs.add(out.value("mean"));
      outputs.add(out.value("var"));
    }
    out.results(
        "BatchNormalization",
        List.of(
            call.tensor("input"),
            vector(call, out, "weight", type, channels, 1),
            vector(call, out, "bias", type, channels, 0),
            vector(call, out, "running_mean", type, channels, 0),
            vector(call, out, "running_var", type, channels, 1)),
        outputs,
        attributes);
  }

  private static String vector(
      AtenCall call, Emission out, String argument, ElementType type, long size, double absent) {
    if (call.has(argument)) {
      return call.tensor(argument);
    }
    if (size < 0) {
      throw new UnknownFormException("an unknown number of channels");
    }
    return out.filled(type, size, absent);
  }

  private static void layerNorm(AtenCall call, Emission out) {
    List<Long> shape = call.wholes("normalized_shape", List.of());
    if (!call.has("weight") || !call.has("bias") || shape.isEmpty()) {
      throw new UnknownFormException("a norm without parameters");
    }
    sameType(call, "input", "weight");
    out.result(
        "LayerNormalization",
        List.of(call.tensor("input"), call.tensor("weight"), call.tensor("bias")),
        Map.of(
            "axis",
            new Attribute.Int(-shape.size()),
            "epsilon",
            new Attribute.Real(call.real("eps", EPSILON))));
  }
}
