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
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Operators that move elements, and those that give back what they get. */
final class AtenShapes {
  static final Map<String, AtenOperator> OPERATORS =
      Map.ofEntries(
          view("view.default", (call, out) -> reshape(call, out, "size")),
          view("_unsafe_view.default", (call, out) -> reshape(call, out, "size")),
          view("reshape.default", (call, out) -> reshape(call, out, "shape")),
          view("flatten.using_ints", AtenShapes::flatten),
          view("permute.default", AtenShapes::permute),
          view("transpose.int", AtenShapes::transpose),
          view("t.default", AtenShapes::turned),
          view("unsqueeze.default", AtenShapes::unsqueeze),
          view("squeeze.dim", AtenShapes::squeeze),
          view("squeeze.dims", AtenShapes::squeeze),
          view("slice.Tensor", AtenShapes::slice),
          view("chunk.default", AtenShapes::split),
          view("split.Tensor", AtenShapes::split),
          view("split_with_sizes.default", AtenShapes::split),
          view("dropout.default", AtenShapes::dropout),
          view("feature_dropout.default", AtenShapes::dropout),
          view("identity.default", AtenShapes::same),
          view("alias.default", AtenShapes::same),
          view("detach.default", AtenShapes::same),
          view("contiguous.default", AtenShapes::same),
          fresh("sym_size.int", AtenShapes::size),
          fresh("clone.default", AtenShapes::same),
          fresh("cat.default", AtenShapes::concat));

  private AtenShapes() {}

  private static Map.Entry<String, AtenOperator> view(String name, AtenOperator.Form form) {
    return Map.entry(name, AtenOperator.view(form));
  }

  private static Map.Entry<String, AtenOperator> fresh(String name, AtenOperator.Form form) {
    return Map.entry(name, AtenOperator.fresh(form));
  }

  /** One size may be symbolic, and then is what is left of the elements. */
  private static void reshape(AtenCall call, Emission out, String argument) {
    List<Long> shape = new ArrayList<>();
    int open = 0;
    for (Long size : call.sizes(argument)) {
      long known = size == null ? -1 : size;
      open += known < 0 ? 1 : 0;
      if (known == 0) {
        throw new UnknownFormException("no elements");
      }
      shape.add(known);
    }
    if (open > 1) {
      throw new UnknownFormException("several sizes that are not known");
    }
    out.result("Reshape", List.of(call.tensor("self"), out.longs(shape)), Map.of());
  }

  private static void flatten(AtenCall call, Emission out) {
    int rank = call.rank("self");
    if (rank == 0) {
      throw new UnknownFormException("a scalar");
    }
    int first = AtenCall.axis(call.whole("start_dim", 0), rank);
    int last = AtenCall.axis(call.whole("end_dim", -1), rank);
    if (first == 1 && last == rank - 1) {
      out.result("Flatten", List.of(call.tensor("self")), Map.of("axis", new Attribute.Int(1)));
      return;
    }
    List<Long> shape = new ArrayList<>();
    for (Dim dim : call.result().dims()) {
      shape.add(dim instanceof Dim.Fixed fixed ? fixed.size() : -1L);
    }
    if (shape.stream().filter(size -> size < 0).count() > 1 || shape.contains(0L)) {
      throw new UnknownFormException("several sizes that are not known");
    }
    out.result("Reshape", List.of(call.tensor("self"), out.longs(shape)), Map.of());
  }

  private static void permute(AtenCall call, Emission out) {
    int rank = call.rank("self");
    transposed(
        call,
        out,
        call.wholes("dims", List.of()).stream()
            .map(axis -> (long) AtenCall.axis(axis, rank))
            .toList());
  }

  private static void transpose(AtenCall call, Emission out) {
    int rank = call.rank("self");
    int first = AtenCall.axis(call.whole("dim0", 0), rank);
    int second = AtenCall.axis(call.whole("dim1", 0), rank);
    List<Long> axes = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
    axes.set(first, (long) second);
    axes.set(second, (long) first);
    transposed(call, out, axes);
  }

  private static void turned(AtenCall call, Emission out) {
    if (call.rank("self") != 2) {
      throw new UnknownFormException("no matrix");
    }
    transposed(call, out, List.of(1L, 0L));
  }

  private static void transposed(AtenCall call, Emission out, List<Long> axes) {
    out.result("Transpose", List.of(call.tensor("self")), Map.of("perm", new Attribute.Ints(axes)));
  }

  private static void unsqueeze(AtenCall call, Emission out) {
    long axis = AtenCall.axis(call.whole("dim", 0), call.rank("self") + 1);
    out.result("Unsqueeze", List.of(call.tensor("self"), out.longs(List.of(axis))), Map.of());
  }

  /** An axis of another size than 1 stays, which ONNX does not do. */
  private static void squeeze(AtenCall call, Emission out) {
    TensorMeta input = call.meta("self");
    List<Long> axes = new ArrayList<>();
    for (long given : call.wholes("dim", List.of())) {
      int axis = AtenCall.axis(given, input.dims().size());
      if (AtenCall.size(input, axis) == 1) {
        axes.add((long) axis);
      }
    }
    if (axes.isEmpty()) {
      same(call, out);
    } else {
      out.result("Squeeze", List.of(call.tensor("self"), out.longs(axes)), Map.of());
    }
  }

  private static void slice(AtenCall call, Emission out) {
    long axis = AtenCall.axis(call.whole("dim", 0), call.rank("self"));
    out.result(
        "Slice",
        List.of(
            call.tensor("self"),
            out.longs(List.of(call.whole("start", 0))),
            out.longs(List.of(call.whole("end", Long.MAX_VALUE))),
            out.longs(List.of(axis)),
            out.longs(List.of(call.whole("step", 1)))),
        Map.of());
  }

  private static void split(AtenCall call, Emission out) {
    int axis = AtenCall.axis(call.whole("dim", 0), call.rank("self"));
    List<String> outputs = call.node().outputs();
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      sizes.add(AtenCall.size(call.result(i), axis));
    }
    out.results(
        "Split",
        List.of(call.tensor("self"), out.longs(sizes)),
        outputs,
        Map.of("axis", new Attribute.Int(axis)));
  }

  private static void dropout(AtenCall call, Emission out) {
    if (call.flag("train", AtenCall.Default.TRUE)) {
      throw new UnknownFormException("a dropout that drops");
    }
    String input = call.has("input") ? "input" : "self"; // that of dropout_
    out.result("Identity", List.of(call.tensor(input)), Map.of());
  }

  private static void same(AtenCall call, Emission out) {
    out.result("Identity", List.of(call.tensor("self")), Map.of());
  }

  /** A list of one number, of which other operators make what they need. */
  private static void size(AtenCall call, Emission out) {
    int axis = AtenCall.axis(call.whole("dim", 0), call.rank("self"));
    out.result(
        "Shape",
        List.of(call.tensor("self")),
        Map.of("start", new Attribute.Int(axis), "end", new Attribute.Int(axis + 1L)));
  }

  private static void concat(AtenCall call, Emission out) {
    @Nullable ElementType type = null;
    for (TensorMeta meta : call.metas("tensors")) {
      if ((type != null && type != meta.type())
          || meta.dims().size() != call.result().dims().size()) {
        throw new UnknownFormException("mixed element types, or an empty list");
      }
      type = meta.type();
    }
    int axis = AtenCall.axis(call.whole("dim", 0), call.result().dims().size());
    out.result("Concat", call.tensors("tensors"), Map.of("axis", new Attribute.Int(axis)));
  }
}
