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
package dev.fusewright.core.rule.fold;

import static dev.fusewright.core.graph.OpKind.AVERAGE_POOL;
import static dev.fusewright.core.graph.OpKind.CONV;
import static dev.fusewright.core.graph.OpKind.PAD;

import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.Operand;
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
import dev.fusewright.core.text.Amounts;
import java.util.List;

/**
 * Moves a Pad with zeros into the pads of the Conv or AveragePool behind it.
 *
 * <pre>
 *   y = Pad(x; pads, constant 0)
 *   z = Conv(y, W, b; pads=p)       →   z = Conv(x, W, b; pads=p + pads)
 * </pre>
 *
 * The conditions, each with what goes wrong without it:
 *
 * <ul>
 *   <li>Mode constant, value 0: that is what a Conv pads with.
 *   <li>Batch and channels are not padded, and nothing is cropped: a Conv has no such pads.
 *   <li>The padded value is the data, not the weight.
 *   <li>{@code auto_pad} is NOTSET: SAME would be computed from the larger value.
 *   <li>An AveragePool counted the padded cells, so it must go on doing so: {@code
 *       count_include_pad=1}; and it must not have excluded others of its own. {@code ceil_mode=1}
 *       and pads as large as the kernel are refused.
 * </ul>
 *
 * The weight of a Conv may be given at run time: the pads tell the rank.
 *
 * <p>A MaxPool pads with −∞ and not with 0: a Pad before it stays.
 */
final class PadMerge implements Rule<List<Long>> {
  private static final Capture PADDING = Capture.named("pad");
  private static final Capture CONSUMER = Capture.named("consumer");
  private static final long COUNT_INCLUDE_PAD_SINCE = 7;

  private final OpKind kind;
  private final RuleInfo info;

  private PadMerge(OpKind kind, RuleInfo info) {
    this.kind = kind;
    this.info = info;
  }

  static PadMerge conv() {
    return new PadMerge(
        CONV,
        new RuleInfo(
                "pad-conv",
                "A Pad with zeros before Conv becomes its pads",
                "W∗pad(x, p) = (W∗x with pads p)")
            .showing(
                """
                g (float[N,3,8,8] x) => (float[] z)
                <float[4,3,3,3] w = random(1), int64[8] pads = {0,0,1,2, 0,0,1,2}>
                {
                  y = Pad(x, pads)
                  z = Conv(y, w)
                }
                """)
            .requiring(
                "The padded value is no output, and nobody else reads it", "it would be gone")
            .requiring(
                "Pads and value are constant; the weight need not be",
                "a caller may crop, or pad with something else")
            .requiring(
                "The Pad is in mode constant with the value 0", "that is what a layer pads with")
            .requiring(
                "Batch and channels are not padded, and nothing is cropped",
                "a layer has no such pads")
            .requiring("auto_pad is NOTSET", "SAME would be computed from the larger value")
            .requiring(
                "The padded value is the data", "padding the weight moves it under the kernel"));
  }

  static PadMerge averagePool() {
    return new PadMerge(
        AVERAGE_POOL,
        new RuleInfo(
                "pad-average-pool",
                "A Pad with zeros before AveragePool becomes its pads, which are counted",
                "mean(pad(x, p)) = (mean of x with pads p, count_include_pad=1)")
            .showing(
                """
                g (float[N,3,8,8] x) => (float[] z)
                <int64[8] pads = {0,0,1,2, 0,0,1,2}>
                {
                  y = Pad(x, pads)
                  z = AveragePool<kernel_shape=[3,3]>(y)
                }
                """)
            .requiring(Conditions.layer())
            .requiring(
                "The Pad is in mode constant with the value 0", "that is what a layer pads with")
            .requiring(
                "Batch and channels are not padded, and nothing is cropped",
                "a layer has no such pads")
            .requiring("auto_pad is NOTSET", "SAME would be computed from the larger value")
            .requiring(
                "The pool counts its pads, or has none",
                "it would have to count some and not others")
            .requiring(
                "ceil_mode is 0 and the pads are smaller than the kernel",
                "a window could lie in the padding alone"));
  }

  @Override
  public RuleInfo info() {
    return info;
  }

  @Override
  public Pattern pattern() {
    return Pattern.node(kind).as(CONSUMER).fedBy(0, Pattern.node(PAD).as(PADDING));
  }

  @Override
  public Decision<List<Long>> check(Match match) {
    Node pad = match.node(PADDING);
    Node consumer = match.node(CONSUMER);
    String auto = consumer.textAttribute("auto_pad", "NOTSET");
    if (!auto.equals("NOTSET")) {
      return Decision.refuse(
          Reason.PADDING, "'%s' has auto_pad=%s, expected NOTSET", consumer.label(), auto);
    }
    return (kind.equals(CONV) ? convRank(match) : poolRank(match))
        .then(rank -> PadNode.read(match.graph(), pad, rank))
        .then(
            pads -> {
              List<Long> own = consumer.intsAttribute("pads");
              if (own != null && own.size() != pads.size()) {
                return Decision.refuse(
                    Reason.SHAPE_MISMATCH,
                    "'%s' has %s, expected %d",
                    consumer.label(),
                    Amounts.count(own.size(), "pad"),
                    pads.size());
              }
              List<Long> sum = PadNode.sum(pads, own);
              return kind.equals(CONV) ? Decision.sound(sum) : belowKernel(consumer, sum);
            });
  }

  private static Decision<Integer> convRank(Match match) {
    Node conv = match.node(CONSUMER);
    Operand weight = Constants.resolve(match.graph(), conv.input(1));
    int rank =
        weight instanceof Operand.Constant constant
            ? constant.tensor().shape().rank()
            : PadNode.rank(match.graph(), match.node(PADDING));
    return rank >= 3
        ? Decision.sound(rank)
        : Decision.refuse(Reason.UNKNOWN_RANK, "the rank of '%s' is not known", conv.input(0));
  }

  private static Decision<Integer> poolRank(Match match) {
    Node pool = match.node(CONSUMER);
    List<Long> kernel = pool.intsAttribute("kernel_shape");
    List<Long> own = pool.intsAttribute("pads");
    boolean excludes =
        pool.intAttribute("count_include_pad", 0) == 0
            && own != null
            && own.stream().anyMatch(value -> value != 0);
    if (kernel == null || excludes || pool.intAttribute("ceil_mode", 0) != 0) {
      return Decision.refuse(
          Reason.PADDING, "'%s' does not count its own pads, or has ceil_mode=1", pool.label());
    }
    return match.graph().opset() < COUNT_INCLUDE_PAD_SINCE
        ? Decision.refuse(
            Reason.UNSUPPORTED_OPSET,
            "AveragePool has no count_include_pad before opset %d",
            COUNT_INCLUDE_PAD_SINCE)
        : Decision.sound(kernel.size() + 2);
  }

  private static Decision<List<Long>> belowKernel(Node pool, List<Long> pads) {
    List<Long> kernel = pool.intsAttribute("kernel_shape");
    for (int i = 0; kernel != null && i < pads.size(); i++) {
      if (pads.get(i) >= kernel.get(i % kernel.size())) {
        return Decision.refuse(
            Reason.PADDING, "the pads of '%s' would be as large as its kernel", pool.label());
      }
    }
    return Decision.sound(pads);
  }

  @Override
  public Rewrite rewrite(Match match, List<Long> pads) {
    Node pad = match.node(PADDING);
    Node consumer = match.node(CONSUMER);
    Node padded =
        consumer.withInput(0, pad.input(0)).withAttribute("pads", new Attribute.Ints(pads));
    Node after =
        kind.equals(CONV)
            ? padded
            : padded.withAttribute("count_include_pad", new Attribute.Int(1));
    return Rewrite.of(match.nodes())
        .replace(after)
        .remove(pad)
        .into(
            kind.equals(CONV) ? Modules.conv(pads.size() / 2) : "AvgPool" + pads.size() / 2 + "d",
            consumer.output());
  }
}
