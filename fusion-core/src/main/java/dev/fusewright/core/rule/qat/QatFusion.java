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

import static dev.fusewright.core.graph.OpKind.BATCH_NORMALIZATION;
import static dev.fusewright.core.graph.OpKind.CONV;
import static dev.fusewright.core.graph.OpKind.GEMM;
import static dev.fusewright.core.graph.OpKind.MAT_MUL;
import static dev.fusewright.core.graph.OpKind.TRANSPOSE;

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.shape.SymbolicShape;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.Use;
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
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.text.Amounts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Builds one kind of PyTorch's QAT modules of the nodes that compute it.
 *
 * <pre>
 *   y = Conv(x, W, b)
 *   z, mean', var' = BatchNormalization&lt;training_mode=1&gt;(y, γ, β, mean, var)     →
 *   r = Relu(z)
 *
 *   r, mean', var' = torch.ao.nn.intrinsic.ConvBnReLU2d(x, W, γ, β, mean, var, b)
 * </pre>
 *
 * The function computes what the nodes did, in training form and in inference form alike. With a
 * backend, the weight is fake-quantized inside ({@code torch.ao.nn.intrinsic.qat}), which changes
 * what is computed, as it is meant to. Conditions: those of {@link QatPreconditions}; each inner
 * value has one reader; a training form needs opset 14, where it became an attribute; a weight that
 * is fake-quantized is constant, since its scale is computed here.
 */
final class QatFusion implements Rule<QatFusion.Facts> {
  /** What a sound site is built into. */
  record Facts(QatModule module, QatSite site, Optional<WeightQuantization> quantization) {}

  private static final Capture LAYER = Capture.named("layer");
  private static final Capture NORM = Capture.named("batch norm");
  private static final Capture ACTIVATION = Capture.named("activation");
  private static final int TRAINING_MODE_SINCE = 14;
  private static final int BATCH_NORM_9 = 9;
  private static final int OPTIONAL_GEMM_BIAS_SINCE = 11;
  private static final int SLOT_SCALE_AFTER_NORM = 6;
  private static final int SLOT_SCALE = 2;

  private final RuleInfo info;
  private final LayerType layer;
  private final boolean hasNorm;
  private final Optional<Activation> activation;
  private final Reach reach;
  private final Optional<QatBackend> backend;

  /** Whether a site may leave to another rule what that rule can fuse more of. */
  enum Reach {
    /** A whole model is searched: the longest sequence is fused. */
    LONGEST,
    /** The caller names the sequence. */
    AS_NAMED
  }

  QatFusion(
      RuleInfo info,
      LayerType layer,
      boolean hasNorm,
      Optional<Activation> activation,
      Reach reach,
      Optional<QatBackend> backend) {
    this.info = info;
    this.layer = layer;
    this.hasNorm = hasNorm;
    this.activation = activation;
    this.reach = reach;
    this.backend = backend;
  }

  @Override
  public RuleInfo info() {
    return info;
  }

  @Override
  public Pattern pattern() {
    Pattern pattern =
        switch (layer) {
          case CONV -> Pattern.node(CONV).as(LAYER);
          case LINEAR -> Pattern.node(GEMM, MAT_MUL).as(LAYER);
          case NONE -> Pattern.node(BATCH_NORMALIZATION).as(NORM);
        };
    if (hasNorm && layer != LayerType.NONE) {
      pattern = Pattern.node(BATCH_NORMALIZATION).as(NORM).fedBy(0, pattern);
    }
    return activation.isPresent()
        ? Pattern.node(activation.get().operator()).as(ACTIVATION).fedBy(0, pattern)
        : pattern;
  }

  @Override
  public Decision<Facts> check(Match match) {
    GraphView graph = match.graph();
    Node last = match.nodes().get(match.nodes().size() - 1);
    if (reach == Reach.LONGEST && layer != LayerType.NONE && isLeftToOthers(graph, last)) {
      return Decision.elsewhere(
          "'%s' is followed by what makes it a longer sequence", last.label());
    }
    if (graph.isFunctionBody()) {
      return Decision.refuse(
          Reason.QAT_UNSUPPORTED, "'%s' stands in a function, which stays as it is", last.label());
    }
    if (graph.irVersion() < 4) {
      return Decision.refuse(
          Reason.UNSUPPORTED_OPSET,
          "QAT modules are functions, which IR version %d cannot be raised to have: its initializers are inputs; convert the model to IR version 4 or later",
          graph.irVersion());
    }
    return site(match)
        .then(
            site ->
                form(graph, site.norm())
                    .then(form -> preconditions(graph, site, form))
                    .then(form -> facts(graph, site, form)));
  }

  /** Whether what follows belongs to a longer sequence, which another rule fuses or refuses. */
  private boolean isLeftToOthers(GraphView graph, Node last) {
    List<Use> uses = graph.uses(last.output());
    if (uses.size() != 1 || graph.isOutput(last.output())) {
      return false;
    }
    Node reader = uses.get(0).node();
    boolean isAlone = !hasNorm && activation.isEmpty();
    return (isAlone && reader.is(BATCH_NORMALIZATION))
        || (activation.isEmpty() && isFusedActivation(graph, reader));
  }

  private boolean isFusedActivation(GraphView graph, Node reader) {
    List<Activation> fused =
        layer.activatedAt(hasNorm).map(QatBackend.fused(backend)::behind).orElse(List.of());
    return Activation.of(graph, reader).filter(fused::contains).isPresent();
  }

  private Decision<QatSite> site(Match match) {
    Node norm = hasNorm ? match.node(NORM) : null;
    Node last = activation.isPresent() ? match.node(ACTIVATION) : null;
    if (layer == LayerType.NONE) {
      return Decision.sound(new QatSite(null, norm, last, "", "", Map.of()));
    }
    Node node = match.node(LAYER);
    if (layer == LayerType.CONV) {
      return Decision.sound(
          new QatSite(node, norm, last, node.input(1), node.input(2), node.attributes()));
    }
    return linear(match.graph(), node)
        .then(
            attributes -> {
              Node transpose = node.is(MAT_MUL) ? match.graph().producer(node.input(1)) : null;
              String weight =
                  transpose != null && transpose.is(TRANSPOSE) ? transpose.input(0) : node.input(1);
              return Decision.sound(
                  new QatSite(node, norm, last, weight, node.input(2), attributes));
            });
  }

  /** The attributes of the Gemm that the layer is. */
  private static Decision<Map<String, Attribute>> linear(GraphView graph, Node node) {
    if (node.is(MAT_MUL)) {
      Shape weight = QatPreconditions.shape(graph, node.input(1));
      if (weight == null || weight.rank() != 2 || graph.shapes().rank(node.input(0)) != 2) {
        return Decision.elsewhere("'%s' is not known to be a Linear on a matrix", node.label());
      }
      if (graph.opset() < OPTIONAL_GEMM_BIAS_SINCE) {
        return Decision.refuse(
            Reason.UNSUPPORTED_OPSET,
            "'%s' has no bias, which Gemm may lack from opset 11 on; the model has %d",
            node.label(),
            graph.opset());
      }
      Node transpose = graph.producer(node.input(1));
      boolean isTransposed = transpose != null && transpose.is(TRANSPOSE);
      return Decision.sound(Map.of("transB", new Attribute.Int(isTransposed ? 1 : 0)));
    }
    if (QatPreconditions.shape(graph, node.input(1)) == null) {
      return Decision.elsewhere("'%s' has no constant weight, and is no Linear", node.label());
    }
    return node.realAttribute("alpha", 1) == 1
            && node.realAttribute("beta", 1) == 1
            && node.intAttribute("transA", 0) == 0
        ? Decision.sound(new LinkedHashMap<>(node.attributes()))
        : Decision.refuse(
            Reason.UNSUPPORTED_ATTRIBUTE,
            "'%s' is no Linear: it has an alpha, a beta or a transA",
            node.label());
  }

  private Decision<Norm> form(GraphView graph, @Nullable Node norm) {
    if (norm == null) {
      return Decision.sound(Norm.ABSENT);
    }
    boolean isTraining = norm.intAttribute("training_mode", 0) == 1;
    if (graph.opset() >= TRAINING_MODE_SINCE) {
      return !isTraining && norm.hasFurtherOutputs()
          ? Decision.refuse(
              Reason.EXTRA_OUTPUTS,
              "'%s' is in inference form and has %d outputs",
              norm.label(),
              norm.outputs().size())
          : Decision.sound(isTraining ? Norm.TRAINING : Norm.INFERENCE);
    }
    if (graph.opset() < BATCH_NORM_9 || norm.hasFurtherOutputs()) {
      return Decision.refuse(
          Reason.UNSUPPORTED_OPSET,
          "'%s' is of opset %d, where %s; export the model with opset 14 or later",
          norm.label(),
          graph.opset(),
          norm.hasFurtherOutputs()
              ? "the training form updates the statistics in place"
              : "BatchNormalization has other attributes");
    }
    return Decision.sound(Norm.INFERENCE);
  }

  private Decision<Norm> preconditions(GraphView graph, QatSite site, Norm form) {
    if (form == Norm.INFERENCE && backend.isPresent()) {
      return Decision.refuse(
          Reason.MODE_MISMATCH,
          "prepare_qat only works on models in training mode: '%s' is in inference form",
          site.norm() == null ? "" : site.norm().label());
    }
    return site.layer() == null || site.norm() == null
        ? Decision.sound(form)
        : QatPreconditions.check(graph, site.layer(), site.norm())
            .then(norm -> Decision.sound(form));
  }

  private Decision<Facts> facts(GraphView graph, QatSite site, Norm form) {
    int rank = layer == LayerType.LINEAR ? 2 : graph.shapes().of(site.first().output()).rank();
    if (rank == SymbolicShape.UNKNOWN_RANK) {
      return Decision.refuse(
          Reason.UNKNOWN_RANK, "the rank of '%s' is not known", site.first().output());
    }
    int spatialRank = rank - 2;
    if (layer == LayerType.NONE && spatialRank != 2 && spatialRank != 3) {
      return Decision.refuse(
          Reason.NOT_FUSABLE_SEQUENCE,
          "did not find fuser method for: (BatchNorm1d, %s)",
          activation.map(Activation::torchName).orElse(""));
    }
    if (layer == LayerType.CONV && (spatialRank < 1 || spatialRank > 3)) {
      return Decision.elsewhere(
          "'%s' has %s besides its channels",
          site.first().label(), Amounts.count(spatialRank, "axis", "axes"));
    }
    // PyTorch swaps neither BNReLU nor what has one axis and no BatchNorm.
    boolean isSwapped =
        backend.isPresent()
            && layer != LayerType.NONE
            && (hasNorm || layer == LayerType.LINEAR || spatialRank > 1);
    if (!isSwapped) {
      return hasNorm || activation.isPresent()
          ? Decision.sound(
              new Facts(
                  new QatModule(
                      layer,
                      form,
                      activation,
                      Quantization.ABSENT,
                      !site.bias().isEmpty(),
                      spatialRank),
                  site,
                  Optional.empty()))
          : Decision.elsewhere(
              "PyTorch has no module in the place of '%s' alone", site.first().label());
    }
    if (layer == LayerType.LINEAR
        && !(site.attributes().get("transB") instanceof Attribute.Int trans
            && trans.value() == 1)) {
      return Decision.refuse(
          Reason.UNSUPPORTED_ATTRIBUTE,
          "the weight of '%s' is [in, out]: a Linear's is [out, in], with transB=1",
          site.first().label());
    }
    QatBackend by = backend.get();
    return WeightQuantization.of(graph, site.weight(), site.norm(), by)
        .then(
            quantization ->
                Decision.sound(
                    new Facts(
                        new QatModule(
                            layer,
                            form,
                            activation,
                            quantization(by, quantization.hasZeroFactor()),
                            !site.bias().isEmpty(),
                            spatialRank),
                        site,
                        Optional.of(quantization))));
  }

  private static Quantization quantization(QatBackend backend, boolean hasZeroFactor) {
    return switch (backend) {
      case FBGEMM -> hasZeroFactor ? Quantization.SLOW_PER_CHANNEL : Quantization.PER_CHANNEL;
      case QNNPACK -> hasZeroFactor ? Quantization.SLOW_PER_TENSOR : Quantization.PER_TENSOR;
    };
  }

  @Override
  public Rewrite rewrite(Match match, Facts facts) {
    QatSite site = facts.site();
    QatModule module = facts.module();
    Node call = site.call(module);
    Rewrite.Builder rewrite =
        Rewrite.of(match.nodes())
            .replace(call)
            .function(module.function(match.graph().opset()), QatModule.VERSION);
    site.nodes().stream().skip(1).forEach(rewrite::remove);
    facts
        .quantization()
        .ifPresent(
            quantization -> {
              int slot = module.hasNorm() ? SLOT_SCALE_AFTER_NORM : SLOT_SCALE;
              String prefix = site.weight() + "_fake_quant.";
              rewrite
                  .parameter(call, slot, quantization.scale(), prefix + "scale")
                  .parameter(call, slot + 1, quantization.zeroPoint(), prefix + "zero_point");
              if (quantization.hasZeroFactor()) {
                rewrite.note(
                    "a weight of the BatchNorm is 0, where the approximate forward divides by it; the slow and finite one is used");
              }
            });
    return rewrite.into(module.className(), site.last().output());
  }
}
