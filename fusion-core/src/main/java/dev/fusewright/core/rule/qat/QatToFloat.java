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
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.pattern.Capture;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.rule.qat.QatModule.LayerType;
import dev.fusewright.core.rule.qat.QatModule.Norm;
import dev.fusewright.core.rule.qat.QatModule.Quantization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes a QAT module apart again: PyTorch's {@code to_float}, up to the fold.
 *
 * <pre>
 *   r, mean', var' = torch.ao.nn.intrinsic.qat.ConvBnReLU2d(x, W, γ, β, mean, var, s, z, b)   →
 *
 *   y = Conv(x, W, b)
 *   z = BatchNormalization(y, γ, β, mean, var)      in inference form
 *   r = Relu(z)
 * </pre>
 *
 * What the module was trained to is in its parameters; the fake-quantization and the training form
 * go. The updated statistics must not be read: in inference form there are none.
 */
final class QatToFloat implements Rule<QatModule> {
  private static final Capture CALL = Capture.named("module");
  private static final Map<OpKind, QatModule> MODULES = modules();
  private static final int FIRST_NORM_PARAMETER = 2;
  private static final int NORM_PARAMETERS = 4;

  /** Every module that is built, by the kind of its calls. */
  private static Map<OpKind, QatModule> modules() {
    Map<OpKind, QatModule> modules = new LinkedHashMap<>();
    for (LayerType layer : LayerType.values()) {
      for (Norm norm : Norm.values()) {
        for (Quantization quantization : Quantization.values()) {
          for (int rank = layer == LayerType.LINEAR ? 0 : 1; rank <= 3; rank++) {
            for (Optional<Activation> activation : QatModule.ACTIVATIONS) {
              for (boolean bias : new boolean[] {false, true}) {
                QatModule module = new QatModule(layer, norm, activation, quantization, bias, rank);
                if (module.exists()) {
                  modules.putIfAbsent(module.op(), module);
                }
              }
            }
          }
        }
      }
    }
    return modules;
  }

  @Override
  public RuleInfo info() {
    return new RuleInfo(
        "qat-to-float",
        "A QAT module becomes its layer, BatchNorm in inference form and ReLU again",
        "ConvBnReLU(x) in inference form, without fq = max(0, BN(W∗x + b))");
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(MODULES.keySet().toArray(OpKind[]::new)).as(CALL);
  }

  @Override
  public Decision<QatModule> check(Match match) {
    Node call = match.node(CALL);
    QatModule module = MODULES.get(call.op());
    if (module == null) {
      return Decision.elsewhere("'%s' calls no QAT module", call.label());
    }
    for (String output : call.outputs().subList(1, call.outputs().size())) {
      if (match.graph().useCount(output) > 0 || match.graph().isOutput(output)) {
        return Decision.refuse(
            Reason.EXTRA_OUTPUTS,
            "the updated statistics '%s' of '%s' are read; in inference form there are none",
            output,
            call.label());
      }
    }
    return Decision.sound(module);
  }

  @Override
  public Rewrite rewrite(Match match, QatModule module) {
    Node call = match.node(CALL);
    List<Node> parts = new ArrayList<>();
    String value = call.input(0);
    if (module.layer() != LayerType.NONE) {
      value = add(parts, layer(call, module, value));
    }
    if (module.hasNorm()) {
      value = add(parts, norm(call, module, value));
    }
    if (module.activation().isPresent()) {
      OpKind op = module.activation().get().operator();
      // The documentation of the call is that of its layer.
      add(parts, part(call, op, List.of(value), Map.of()).withDocumentation("", call.metadata()));
    }
    // The last part takes the place of the call and computes its output; the others stand before
    // it.
    Rewrite.Builder rewrite = Rewrite.of(match.nodes());
    for (int i = 0; i + 1 < parts.size(); i++) {
      rewrite.insert(parts.get(i).withId(-1 - i), call);
    }
    Node last = parts.get(parts.size() - 1);
    rewrite.replace(last.withId(call.id()).withOutputs(List.of(call.output())));
    return rewrite.into(module.className(), call.output());
  }

  private static String add(List<Node> parts, Node part) {
    parts.add(part);
    return part.output();
  }

  private static Node layer(Node call, QatModule module, String x) {
    List<String> inputs = new ArrayList<>(List.of(x, call.input(QatModule.WEIGHT)));
    int bias =
        FIRST_NORM_PARAMETER
            + (module.hasNorm() ? NORM_PARAMETERS : 0)
            + (module.isQuantized() ? 2 : 0);
    if (call.hasInput(bias)) {
      inputs.add(call.input(bias));
    }
    OpKind op = module.layer() == LayerType.CONV ? OpKind.CONV : OpKind.GEMM;
    return part(call, op, inputs, attributes(call, module.layerAttributes()));
  }

  private static Node norm(Node call, QatModule module, String x) {
    int first = module.layer() == LayerType.NONE ? 1 : FIRST_NORM_PARAMETER;
    List<String> inputs = new ArrayList<>(List.of(x));
    inputs.addAll(call.inputs().subList(first, first + NORM_PARAMETERS));
    return part(
        call, OpKind.BATCH_NORMALIZATION, inputs, attributes(call, module.normAttributes()));
  }

  private static Map<String, Attribute> attributes(Node call, List<String> names) {
    Map<String, Attribute> attributes = new LinkedHashMap<>(call.attributes());
    attributes.keySet().retainAll(names);
    return attributes;
  }

  private static Node part(
      Node call, OpKind op, List<String> inputs, Map<String, Attribute> attributes) {
    String name = call.name().isEmpty() ? "" : call.name() + "/" + op.type();
    return new Node(
        -1,
        name,
        op,
        inputs,
        List.of(Rewrite.newValue(call.output() + "/" + op.type())),
        attributes,
        call.docString(),
        call.metadata());
  }
}
