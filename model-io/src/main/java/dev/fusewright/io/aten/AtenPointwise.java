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
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FloatFormat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Operators that work on each element by itself, and softmaxes. */
final class AtenPointwise {
  private static final double SIXTH = 1.0 / 6;

  static final Map<String, AtenOperator> OPERATORS = all();

  private AtenPointwise() {}

  private static Map<String, AtenOperator> all() {
    Map<String, AtenOperator> all = new HashMap<>();
    Map.of(
            "relu", "Relu", "sigmoid", "Sigmoid", "tanh", "Tanh", "exp", "Exp", "sqrt", "Sqrt",
            "neg", "Neg", "abs", "Abs", "floor", "Floor", "log", "Log", "erf", "Erf")
        .forEach((name, type) -> all.put(name + ".default", unary(type)));
    all.put("hardswish.default", unary("HardSwish"));
    all.put("mish.default", unary("Mish"));
    all.put("hardsigmoid.default", AtenOperator.fresh(AtenPointwise::hardSigmoid));
    all.put("silu.default", AtenOperator.fresh(AtenPointwise::silu));
    all.put("gelu.default", AtenOperator.fresh(AtenPointwise::gelu));
    all.put("hardtanh.default", AtenOperator.fresh(AtenPointwise::hardTanh));
    all.put("relu6.default", AtenOperator.fresh((call, out) -> clip(call, out, 0, 6)));
    all.put("clamp.default", AtenOperator.fresh(AtenPointwise::clamp));
    all.put("leaky_relu.default", AtenOperator.fresh(AtenPointwise::leakyRelu));
    all.put("softmax.int", AtenOperator.fresh((call, out) -> softmax(call, out, "Softmax")));
    all.put("_softmax.default", AtenOperator.fresh((call, out) -> softmax(call, out, "Softmax")));
    all.put("log_softmax.int", AtenOperator.fresh((call, out) -> softmax(call, out, "LogSoftmax")));
    all.put(
        "_log_softmax.default",
        AtenOperator.fresh((call, out) -> softmax(call, out, "LogSoftmax")));
    Map.of("add", "Add", "sub", "Sub", "mul", "Mul", "div", "Div")
        .forEach(
            (name, type) -> {
              all.put(name + ".Tensor", AtenOperator.fresh((call, out) -> binary(call, out, type)));
              all.put(name + ".Scalar", AtenOperator.fresh((call, out) -> binary(call, out, type)));
            });
    return all;
  }

  private static AtenOperator unary(String type) {
    return AtenOperator.fresh(
        (call, out) -> {
          floating(call);
          out.result(type, List.of(call.tensor("self")), Map.of());
        });
  }

  /** PyTorch makes floating-point numbers of whole ones where ONNX does not. */
  private static ElementType floating(AtenCall call) {
    ElementType type = call.meta("self").type();
    if (FloatFormat.of(type) == FloatFormat.NONE || call.result().type() != type) {
      throw new UnknownFormException("elements that are no floating-point numbers");
    }
    return type;
  }

  private static void hardSigmoid(AtenCall call, Emission out) {
    floating(call);
    out.result(
        "HardSigmoid",
        List.of(call.tensor("self")),
        Map.of("alpha", new Attribute.Real(SIXTH), "beta", new Attribute.Real(0.5)));
  }

  private static void silu(AtenCall call, Emission out) {
    floating(call);
    String gate = out.inner("Sigmoid", List.of(call.tensor("self")), Map.of());
    out.result("Mul", List.of(call.tensor("self"), gate), Map.of());
  }

  private static void gelu(AtenCall call, Emission out) {
    floating(call);
    out.result(
        "Gelu",
        List.of(call.tensor("self")),
        Map.of("approximate", new Attribute.Text(call.word("approximate", "none"))));
  }

  private static void hardTanh(AtenCall call, Emission out) {
    clip(call, out, call.real("min_val", -1), call.real("max_val", 1));
  }

  private static void clip(AtenCall call, Emission out, double least, double most) {
    ElementType type = floating(call);
    out.result(
        "Clip",
        List.of(call.tensor("self"), out.scalar(type, least), out.scalar(type, most)),
        Map.of());
  }

  private static void clamp(AtenCall call, Emission out) {
    ElementType type = floating(call);
    String least = call.has("min") ? out.scalar(type, call.real("min", 0)) : "";
    List<String> inputs =
        call.has("max")
            ? List.of(call.tensor("self"), least, out.scalar(type, call.real("max", 0)))
            : List.of(call.tensor("self"), least);
    out.result("Clip", inputs, Map.of());
  }

  private static void leakyRelu(AtenCall call, Emission out) {
    floating(call);
    out.result(
        "LeakyRelu",
        List.of(call.tensor("self")),
        Map.of("alpha", new Attribute.Real(call.real("negative_slope", 0.01))));
  }

  private static void softmax(AtenCall call, Emission out, String type) {
    floating(call);
    if (call.flag("half_to_float", AtenCall.Default.FALSE)) {
      throw new UnknownFormException("a change of the element type");
    }
    int axis = AtenCall.axis(call.whole("dim", 0), call.rank("self"));
    out.result(type, List.of(call.tensor("self")), Map.of("axis", new Attribute.Int(axis)));
  }

  private static void binary(AtenCall call, Emission out, String type) {
    ElementType element = floating(call);
    if (call.real("alpha", 1) != 1) {
      throw new UnknownFormException("a factor");
    }
    Double number = AtenCall.number(call.node().argument("other"));
    if (number == null && call.meta("other").type() != element) {
      throw new UnknownFormException("mixed element types");
    }
    String other = number == null ? call.tensor("other") : out.scalar(element, number);
    out.result(type, List.of(call.tensor("self"), other), Map.of());
  }
}
