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

import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.io.aten.AtenNode;
import dev.fusewright.io.aten.AtenValue;
import dev.fusewright.io.aten.TensorMeta;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Element types, ranks and sizes of what operators give back, as far as arguments tell: code says
 * of tensors only that they are some. Convolutions are taken to have a batch axis where nothing is
 * known of what they read.
 */
final class ShapeRules {
  private static final Dim UNKNOWN = new Dim.Unknown();
  private static final Set<String> ELEMENTWISE =
      Set.of(
          "batch_norm",
          "layer_norm",
          "relu",
          "sigmoid",
          "tanh",
          "exp",
          "sqrt",
          "neg",
          "abs",
          "floor",
          "log",
          "erf",
          "hardswish",
          "mish",
          "hardsigmoid",
          "silu",
          "gelu",
          "hardtanh",
          "relu6",
          "clamp",
          "leaky_relu",
          "softmax",
          "log_softmax",
          "alias",
          "detach",
          "contiguous",
          "clone");

  private final Map<String, TensorMeta> metas;

  ShapeRules(Map<String, TensorMeta> metas) {
    this.metas = metas;
  }

  /** What is known of the first result; null if nothing is. */
  @Nullable TensorMeta result(AtenNode node) {
    String operator = node.functional();
    String name = operator.substring(0, Math.max(0, operator.indexOf('.')));
    TensorMeta input = input(node, "input", "self");
    if (node.isConvolution()) {
      return convolution(node, name);
    } else if (input != null && ELEMENTWISE.contains(name)) {
      return input;
    }
    return switch (name) {
      case "linear" -> linear(node, input);
      case "add", "sub", "mul", "div" -> binary(node, input);
      case "flatten" -> flatten(node, input);
      case "mean" -> mean(node, input);
      case "cat" -> concat(node);
      case "view", "reshape" -> reshape(node, input);
      case "permute" -> permute(node, input);
      case "transpose", "t" -> transpose(node, input, name);
      case "unsqueeze" -> unsqueeze(node, input);
      default -> input == null ? null : pooled(node, name, input);
    };
  }

  private @Nullable TensorMeta input(AtenNode node, String... arguments) {
    for (String argument : arguments) {
      if (node.argument(argument) instanceof AtenValue.Tensor tensor) {
        return metas.get(tensor.name());
      }
    }
    return null;
  }

  private static TensorMeta meta(ElementType type, List<Dim> dims) {
    return new TensorMeta(type, dims, List.of(), -1, /* isStrided= */ true);
  }

  private static long whole(AtenNode node, String argument, long absent) {
    return node.argument(argument) instanceof AtenValue.Whole whole ? whole.value() : absent;
  }

  /** As many numbers as there are axes; null if they are not known. */
  private static @Nullable List<Long> window(
      AtenNode node, String argument, int axes, long absent) {
    AtenValue value = node.argument(argument);
    if (value == null) {
      return Collections.nCopies(axes, absent);
    } else if (value instanceof AtenValue.Whole whole) {
      return Collections.nCopies(axes, whole.value());
    } else if (value instanceof AtenValue.Wholes wholes) {
      List<Long> all = new ArrayList<>();
      for (AtenValue.Item item : wholes.items()) {
        if (!item.name().isEmpty()) {
          return null;
        }
        all.add(item.value());
      }
      return all.isEmpty()
          ? Collections.nCopies(axes, absent)
          : all.size() == 1 ? Collections.nCopies(axes, all.get(0)) : all;
    }
    return null;
  }

  private @Nullable TensorMeta convolution(AtenNode node, String name) {
    TensorMeta weight = input(node, "weight");
    if (weight == null || weight.dims().size() < 3) {
      return null;
    }
    boolean isTransposed =
        name.startsWith("conv_transpose")
            || (node.argument("transposed") instanceof AtenValue.Flag flag && flag.value());
    int axes = weight.dims().size() - 2;
    TensorMeta input = input(node, "input");
    if (input != null && input.dims().size() == axes + 1) {
      return withoutBatch(weight, isTransposed);
    } else if (input != null && input.dims().size() != axes + 2) {
      return null;
    }
    List<Dim> dims = new ArrayList<>();
    dims.add(input == null ? UNKNOWN : input.dims().get(0));
    dims.add(
        !isTransposed
            ? weight.dims().get(0)
            : weight.dims().get(1) instanceof Dim.Fixed fixed
                ? new Dim.Fixed(fixed.size() * whole(node, "groups", 1))
                : UNKNOWN);
    List<Long> stride = window(node, "stride", axes, 1);
    boolean isSame =
        node.argument("padding") instanceof AtenValue.Word word && word.value().equals("same");
    List<Long> padding =
        node.argument("padding") instanceof AtenValue.Word
            ? Collections.nCopies(axes, 0L)
            : window(node, "padding", axes, 0);
    List<Long> extra = window(node, "output_padding", axes, 0);
    List<Long> dilation = window(node, "dilation", axes, 1);
    if (input == null
        || stride == null
        || stride.size() != axes
        || padding == null
        || padding.size() != axes
        || extra == null
        || extra.size() != axes
        || dilation == null
        || dilation.size() != axes) {
      dims.addAll(Collections.nCopies(axes, UNKNOWN));
      return meta(weight.type(), dims);
    }
    for (int axis = 0; axis < axes; axis++) {
      if (!(input.dims().get(axis + 2) instanceof Dim.Fixed fixed)
          || !(weight.dims().get(axis + 2) instanceof Dim.Fixed kernel)
          || stride.get(axis) < 1) {
        dims.add(UNKNOWN);
        continue;
      }
      long size = fixed.size();
      long reach = dilation.get(axis) * (kernel.size() - 1);
      long out =
          isTransposed
              ? (size - 1) * stride.get(axis) - 2 * padding.get(axis) + reach + extra.get(axis) + 1
              : Math.floorDiv(size + 2 * padding.get(axis) - reach - 1, stride.get(axis)) + 1;
      dims.add(isSame ? fixed : Dim.of(out));
    }
    return meta(weight.type(), dims);
  }

  /** One map alone, of which only the channels are looked at. */
  private static TensorMeta withoutBatch(TensorMeta weight, boolean isTransposed) {
    List<Dim> dims = new ArrayList<>(Collections.nCopies(weight.dims().size() - 1, UNKNOWN));
    if (!isTransposed) {
      dims.set(0, weight.dims().get(0));
    }
    return meta(weight.type(), dims);
  }

  private @Nullable TensorMeta linear(AtenNode node, @Nullable TensorMeta input) {
    TensorMeta weight = input(node, "weight");
    if (input == null || input.dims().isEmpty() || weight == null || weight.dims().size() != 2) {
      return null;
    }
    List<Dim> dims = new ArrayList<>(input.dims());
    dims.set(dims.size() - 1, weight.dims().get(0));
    return meta(weight.type(), dims);
  }

  private @Nullable TensorMeta binary(AtenNode node, @Nullable TensorMeta input) {
    if (input == null || !(node.argument("other") instanceof AtenValue.Tensor)) {
      return input;
    }
    TensorMeta other = input(node, "other");
    if (other == null || other.type() != input.type()) {
      return null;
    }
    TensorMeta wide = input.dims().size() >= other.dims().size() ? input : other;
    TensorMeta narrow = wide == input ? other : input;
    List<Dim> dims = new ArrayList<>(wide.dims());
    int lead = dims.size() - narrow.dims().size();
    for (int axis = 0; axis < narrow.dims().size(); axis++) {
      Dim a = dims.get(lead + axis);
      Dim b = narrow.dims().get(axis);
      boolean takesOther = a instanceof Dim.Fixed one && one.size() == 1;
      if (takesOther
          || (a instanceof Dim.Unknown && b instanceof Dim.Fixed two && two.size() > 1)) {
        dims.set(lead + axis, b);
      }
    }
    return meta(input.type(), dims);
  }

  private static int axis(long axis, int rank) {
    return (int) (axis < 0 ? axis + rank : axis);
  }

  private static Dim product(List<Dim> dims) {
    long product = 1;
    for (Dim dim : dims) {
      if (!(dim instanceof Dim.Fixed fixed)) {
        return UNKNOWN;
      }
      product *= fixed.size();
    }
    return Dim.of(product);
  }

  private static @Nullable TensorMeta flatten(AtenNode node, @Nullable TensorMeta input) {
    if (input == null || input.dims().isEmpty()) {
      return null;
    }
    int rank = input.dims().size();
    int first = axis(whole(node, "start_dim", 0), rank);
    int last = axis(whole(node, "end_dim", -1), rank);
    if (first < 0 || last >= rank || first > last) {
      return null;
    }
    List<Dim> dims = new ArrayList<>(input.dims().subList(0, first));
    dims.add(product(input.dims().subList(first, last + 1)));
    dims.addAll(input.dims().subList(last + 1, rank));
    return meta(input.type(), dims);
  }

  private static @Nullable TensorMeta mean(AtenNode node, @Nullable TensorMeta input) {
    if (input == null || !(node.argument("dim") instanceof AtenValue.Wholes wholes)) {
      return null;
    }
    boolean keeps = node.argument("keepdim") instanceof AtenValue.Flag flag && flag.value();
    int rank = input.dims().size();
    Set<Integer> axes = new HashSet<>();
    wholes.items().forEach(item -> axes.add(axis(item.value(), rank)));
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      if (!axes.contains(axis)) {
        dims.add(input.dims().get(axis));
      } else if (keeps) {
        dims.add(new Dim.Fixed(1));
      }
    }
    return meta(input.type(), dims);
  }

  private @Nullable TensorMeta concat(AtenNode node) {
    if (!(node.argument("tensors") instanceof AtenValue.Tensors tensors)
        || tensors.tensors().isEmpty()) {
      return null;
    }
    List<Dim> dims = null;
    ElementType type = ElementType.UNDEFINED;
    int axis = 0;
    for (AtenValue.Tensor tensor : tensors.tensors()) {
      TensorMeta meta = metas.get(tensor.name());
      if (meta == null || (dims != null && meta.dims().size() != dims.size())) {
        return null;
      }
      if (dims == null) {
        dims = new ArrayList<>(meta.dims());
        type = meta.type();
        axis = axis(whole(node, "dim", 0), dims.size());
        if (axis < 0 || axis >= dims.size()) {
          return null;
        }
      } else if (dims.get(axis) instanceof Dim.Fixed sum
          && meta.dims().get(axis) instanceof Dim.Fixed more) {
        dims.set(axis, new Dim.Fixed(sum.size() + more.size()));
      } else {
        dims.set(axis, UNKNOWN);
      }
    }
    return dims == null ? null : meta(type, dims);
  }

  private static @Nullable TensorMeta reshape(AtenNode node, @Nullable TensorMeta input) {
    AtenValue value =
        node.argument("size") != null ? node.argument("size") : node.argument("shape");
    if (input == null || !(value instanceof AtenValue.Wholes wholes)) {
      return null;
    }
    List<Dim> dims = new ArrayList<>();
    List<Dim> known = new ArrayList<>();
    int open = -1;
    for (AtenValue.Item item : wholes.items()) {
      boolean isKnown = item.name().isEmpty() && item.value() >= 0;
      if (item.name().isEmpty() && item.value() < 0) {
        open = dims.size();
      }
      Dim dim = isKnown ? new Dim.Fixed(item.value()) : UNKNOWN;
      dims.add(dim);
      if (dims.size() - 1 != open) {
        known.add(dim);
      }
    }
    if (open >= 0
        && product(known) instanceof Dim.Fixed part
        && product(input.dims()) instanceof Dim.Fixed all
        && part.size() > 0) {
      dims.set(open, new Dim.Fixed(all.size() / part.size()));
    }
    return meta(input.type(), dims);
  }

  private static @Nullable TensorMeta permute(AtenNode node, @Nullable TensorMeta input) {
    if (input == null || !(node.argument("dims") instanceof AtenValue.Wholes wholes)) {
      return null;
    }
    List<Dim> dims = new ArrayList<>();
    for (AtenValue.Item item : wholes.items()) {
      int axis = axis(item.value(), input.dims().size());
      if (!item.name().isEmpty() || axis < 0 || axis >= input.dims().size()) {
        return null;
      }
      dims.add(input.dims().get(axis));
    }
    return meta(input.type(), dims);
  }

  private static @Nullable TensorMeta transpose(
      AtenNode node, @Nullable TensorMeta input, String name) {
    if (input == null) {
      return null;
    }
    int rank = input.dims().size();
    int first = axis(whole(node, "dim0", 0), rank);
    int second = axis(whole(node, "dim1", name.equals("t") ? 1 : 0), rank);
    if (first < 0 || second < 0 || first >= rank || second >= rank) {
      return null;
    }
    List<Dim> dims = new ArrayList<>(input.dims());
    Collections.swap(dims, first, second);
    return meta(input.type(), dims);
  }

  private static @Nullable TensorMeta unsqueeze(AtenNode node, @Nullable TensorMeta input) {
    if (input == null) {
      return null;
    }
    int axis = axis(whole(node, "dim", 0), input.dims().size() + 1);
    if (axis < 0 || axis > input.dims().size()) {
      return null;
    }
    List<Dim> dims = new ArrayList<>(input.dims());
    dims.add(axis, new Dim.Fixed(1));
    return meta(input.type(), dims);
  }

  /** Pooling: the rank and the channels stay. */
  private static @Nullable TensorMeta pooled(AtenNode node, String name, TensorMeta input) {
    int mark = name.indexOf("pool");
    int axes = mark < 0 ? 0 : name.charAt(mark + 4) - '0';
    if (axes < 1 || axes > 3 || input.dims().size() != axes + 2) {
      return null;
    }
    List<Dim> dims = new ArrayList<>(input.dims().subList(0, 2));
    List<Long> sizes = name.startsWith("adaptive") ? window(node, "output_size", axes, 1) : null;
    List<Long> kernel = window(node, "kernel_size", axes, 1);
    AtenValue given = node.argument("stride");
    boolean hasStride =
        given != null && !(given instanceof AtenValue.Wholes wholes && wholes.items().isEmpty());
    List<Long> stride = hasStride ? window(node, "stride", axes, 1) : kernel;
    List<Long> padding = window(node, "padding", axes, 0);
    List<Long> dilation = window(node, "dilation", axes, 1);
    boolean rounds = node.argument("ceil_mode") instanceof AtenValue.Flag flag && flag.value();
    for (int axis = 0; axis < axes; axis++) {
      Dim dim = input.dims().get(axis + 2);
      if (name.startsWith("adaptive")) {
        dims.add(sizes == null || sizes.size() != axes ? UNKNOWN : Dim.of(sizes.get(axis)));
      } else if (rounds
          || !(dim instanceof Dim.Fixed fixed)
          || kernel == null
          || kernel.size() != axes
          || stride == null
          || stride.size() != axes
          || stride.get(axis) < 1
          || padding == null
          || padding.size() != axes
          || dilation == null
          || dilation.size() != axes) {
        dims.add(UNKNOWN);
      } else {
        long reach = dilation.get(axis) * (kernel.get(axis) - 1) + 1;
        dims.add(
            Dim.of(
                Math.floorDiv(fixed.size() + 2 * padding.get(axis) - reach, stride.get(axis)) + 1));
      }
    }
    return meta(input.type(), dims);
  }
}
