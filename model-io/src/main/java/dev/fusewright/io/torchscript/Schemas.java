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
package dev.fusewright.io.torchscript;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of the arguments of PyTorch's operators, which code gives by position. */
final class Schemas {
  /**
   * An operator.
   *
   * @param target its name with the overload, such as {@code conv2d.default}
   */
  record Schema(String target, List<String> arguments) {
    Schema {
      arguments = List.copyOf(arguments);
    }
  }

  private static final String CONV = "(input, weight, bias, stride, padding, dilation, groups)";
  private static final String TRANSPOSED =
      "(input, weight, bias, stride, padding, output_padding, groups, dilation)";
  private static final String POOL = "(self, kernel_size, stride, padding, dilation, ceil_mode)";
  private static final String MEAN_POOL =
      "(self, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)";

  private static final Schema CONVOLUTION =
      schema(
          "convolution.default(input, weight, bias, stride, padding, dilation, transposed,"
              + " output_padding, groups, benchmark, deterministic, cudnn_enabled, allow_tf32)");

  private static final Map<String, List<Schema>> ALL =
      all(
          "conv1d.default" + CONV,
          "conv2d.default" + CONV,
          "conv3d.default" + CONV,
          "conv1d.padding" + CONV,
          "conv2d.padding" + CONV,
          "conv3d.padding" + CONV,
          "_convolution_mode.default" + CONV,
          "conv_transpose1d.default" + TRANSPOSED,
          "conv_transpose2d.input" + TRANSPOSED,
          "conv_transpose3d.input" + TRANSPOSED,
          "linear.default(input, weight, bias)",
          "addmm.default(self, mat1, mat2, *beta, *alpha)",
          "mm.default(self, mat2)",
          "bmm.default(self, mat2)",
          "matmul.default(self, other)",
          "batch_norm.default(input, weight, bias, running_mean, running_var, training, momentum,"
              + " eps, cudnn_enabled)",
          "layer_norm.default(input, normalized_shape, weight, bias, eps, cudnn_enable)",
          "relu.default(self)",
          "sigmoid.default(self)",
          "tanh.default(self)",
          "exp.default(self)",
          "sqrt.default(self)",
          "neg.default(self)",
          "abs.default(self)",
          "floor.default(self)",
          "log.default(self)",
          "erf.default(self)",
          "hardswish.default(self)",
          "mish.default(self)",
          "hardsigmoid.default(self)",
          "silu.default(self)",
          "gelu.default(self, *approximate)",
          "hardtanh.default(self, min_val, max_val)",
          "relu6.default(self)",
          "clamp.default(self, min, max)",
          "leaky_relu.default(self, negative_slope)",
          "softmax.int(self, dim, dtype)",
          "log_softmax.int(self, dim, dtype)",
          "add.Tensor(self, other, *alpha)",
          "add.Scalar(self, other, alpha)",
          "sub.Tensor(self, other, *alpha)",
          "sub.Scalar(self, other, alpha)",
          "mul.Tensor(self, other)",
          "mul.Scalar(self, other)",
          "div.Tensor(self, other)",
          "div.Scalar(self, other)",
          "view.default(self, size)",
          "reshape.default(self, shape)",
          "flatten.using_ints(self, start_dim, end_dim)",
          "permute.default(self, dims)",
          "transpose.int(self, dim0, dim1)",
          "t.default(self)",
          "unsqueeze.default(self, dim)",
          "squeeze.dim(self, dim)",
          "slice.Tensor(self, dim, start, end, step)",
          "chunk.default(self, chunks, dim)",
          "split.Tensor(self, split_size, dim)",
          "split_with_sizes.default(self, split_sizes, dim)",
          "alias.default(self)",
          "detach.default(self)",
          "contiguous.default(self, *memory_format)",
          "clone.default(self, *memory_format)",
          "cat.default(tensors, dim)",
          "max_pool1d.default" + POOL,
          "max_pool2d.default" + POOL,
          "max_pool3d.default" + POOL,
          "max_pool2d_with_indices.default" + POOL,
          "avg_pool1d.default" + MEAN_POOL,
          "avg_pool2d.default" + MEAN_POOL,
          "avg_pool3d.default" + MEAN_POOL,
          "adaptive_avg_pool1d.default(self, output_size)",
          "adaptive_avg_pool2d.default(self, output_size)",
          "adaptive_avg_pool3d.default(self, output_size)",
          "mean.dim(self, dim, keepdim, *dtype)");

  private Schemas() {}

  private static Map<String, List<Schema>> all(String... lines) {
    Map<String, List<Schema>> all = new HashMap<>();
    for (String line : lines) {
      Schema schema = schema(line);
      String name = schema.target().substring(0, schema.target().indexOf('.'));
      all.computeIfAbsent(name, key -> new ArrayList<>()).add(schema);
    }
    all.put("_convolution", List.of(CONVOLUTION));
    all.put("convolution", List.of(CONVOLUTION));
    return all;
  }

  private static Schema schema(String line) {
    int open = line.indexOf('(');
    String arguments = line.substring(open + 1, line.length() - 1).replace("*", "");
    return new Schema(line.substring(0, open), List.of(arguments.split(", ")));
  }

  /**
   * The operator that a call means; null if it is none that is known.
   *
   * @param name as the code has it; in-place forms end in an underscore
   */
  static @Nullable Schema find(String name, List<Value> arguments) {
    boolean isInPlace = name.endsWith("_") && !name.startsWith("__");
    String plain = isInPlace ? name.substring(0, name.length() - 1) : name;
    List<Schema> overloads = ALL.get(plain);
    if (overloads == null) {
      return null;
    }
    Schema found = overloads.size() == 1 ? overloads.get(0) : overload(overloads, arguments);
    if (arguments.size() > found.arguments().size()) {
      return null;
    }
    int dot = found.target().indexOf('.');
    return isInPlace
        ? new Schema(plain + "_" + found.target().substring(dot), found.arguments())
        : found;
  }

  /** A number instead of a tensor, or a word instead of numbers. */
  private static Schema overload(List<Schema> overloads, List<Value> arguments) {
    int telling = overloads.get(1).target().endsWith(".padding") ? 4 : 1;
    boolean isOther =
        arguments.size() > telling
            && arguments.get(telling) instanceof Value.Known known
            && (telling == 1 ? known.value() instanceof Number : known.value() instanceof String);
    return overloads.get(isOther ? 1 : 0);
  }
}
