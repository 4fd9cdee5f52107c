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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pooling and means. */
final class AtenWindows {
  static final Map<String, AtenOperator> OPERATORS =
      Map.ofEntries(
          fresh("max_pool1d.default", (call, out) -> maxPool(call, out, 1)),
          fresh("max_pool2d.default", (call, out) -> maxPool(call, out, 2)),
          fresh("max_pool3d.default", (call, out) -> maxPool(call, out, 3)),
          fresh("max_pool2d_with_indices.default", (call, out) -> maxPool(call, out, 2)),
          fresh("avg_pool1d.default", (call, out) -> averagePool(call, out, 1)),
          fresh("avg_pool2d.default", (call, out) -> averagePool(call, out, 2)),
          fresh("avg_pool3d.default", (call, out) -> averagePool(call, out, 3)),
          fresh("adaptive_avg_pool1d.default", (call, out) -> adaptive(call, out, 1)),
          fresh("adaptive_avg_pool2d.default", (call, out) -> adaptive(call, out, 2)),
          fresh("_adaptive_avg_pool2d.default", (call, out) -> adaptive(call, out, 2)),
          fresh("adaptive_avg_pool3d.default", (call, out) -> adaptive(call, out, 3)),
          fresh("mean.dim", AtenWindows::mean));

  private AtenWindows() {}

  private static Map.Entry<String, AtenOperator> fresh(String name, AtenOperator.Form form) {
    return Map.entry(name, AtenOperator.fresh(form));
  }

  private static void maxPool(AtenCall call, Emission out, int axes) {
    if (call.node().outputs().size() > 1 && call.isRead(call.node().outputs().get(1))) {
      throw new UnknownFormException("indices that are read");
    }
    out.result("MaxPool", List.of(input(call, axes)), window(call, axes));
  }

  private static void averagePool(AtenCall call, Emission out, int axes) {
    if (call.has("divisor_override")) {
      throw new UnknownFormException("another divisor");
    }
    Map<String, Attribute> attributes = window(call, axes);
    boolean withPadding = call.flag("count_include_pad", AtenCall.Default.TRUE);
    if (withPadding && call.flag("ceil_mode", AtenCall.Default.FALSE)) {
      throw new UnknownFormException("windows beyond the padding");
    }
    attributes.put("count_include_pad", new Attribute.Int(withPadding ? 1 : 0));
    out.result("AveragePool", List.of(input(call, axes)), attributes);
  }

  private static String input(AtenCall call, int axes) {
    if (call.rank("self") != axes + 2) {
      throw new UnknownFormException("an input without a batch");
    }
    return call.tensor("self");
  }

  private static Map<String, Attribute> window(AtenCall call, int axes) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    List<Long> kernel = call.window("kernel_size", axes, 1);
    List<Long> side = call.window("padding", axes, 0);
    List<Long> pads = new ArrayList<>(side);
    pads.addAll(side);
    List<Long> stride = call.wholes("stride", List.of());
    attributes.put("kernel_shape", new Attribute.Ints(kernel));
    attributes.put("pads", new Attribute.Ints(pads));
    attributes.put(
        "strides", new Attribute.Ints(stride.isEmpty() ? kernel : call.window("stride", axes, 1)));
    if (call.has("dilation")) {
      attributes.put("dilations", new Attribute.Ints(call.window("dilation", axes, 1)));
    }
    if (call.flag("ceil_mode", AtenCall.Default.FALSE)) {
      attributes.put("ceil_mode", new Attribute.Int(1));
    }
    return attributes;
  }

  /** To one element per channel; or by whole windows, where the sizes are multiples. */
  private static void adaptive(AtenCall call, Emission out, int axes) {
    String input = input(call, axes);
    List<Long> sizes = call.window("output_size", axes, 1);
    if (sizes.stream().allMatch(size -> size == 1)) {
      out.result("GlobalAveragePool", List.of(input), Map.of());
      return;
    }
    List<Long> kernel = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      Dim dim = call.meta("self").dims().get(axis + 2);
      long size = sizes.get(axis);
      if (!(dim instanceof Dim.Fixed fixed) || size < 1 || fixed.size() % size != 0) {
        throw new UnknownFormException("windows of several sizes");
      }
      kernel.add(fixed.size() / size);
    }
    out.result(
        "AveragePool",
        List.of(input),
        Map.of("kernel_shape", new Attribute.Ints(kernel), "strides", new Attribute.Ints(kernel)));
  }

  private static void mean(AtenCall call, Emission out) {
    if (call.result().type() != call.meta("self").type()) {
      throw new UnknownFormException("a change of the element type");
    }
    int rank = call.rank("self");
    List<Long> axes =
        call.wholes("dim", List.of()).stream()
            .map(axis -> (long) AtenCall.axis(axis, rank))
            .toList();
    if (axes.isEmpty()) {
      throw new UnknownFormException("all axes");
    }
    boolean keeps = call.flag("keepdim", AtenCall.Default.FALSE);
    out.result(
        "ReduceMean",
        List.of(call.tensor("self"), out.longs(axes)),
        Map.of("keepdims", new Attribute.Int(keeps ? 1 : 0)));
  }
}
