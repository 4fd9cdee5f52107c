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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.pattern.Match;
import dev.fusewright.core.pattern.Pattern;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.rule.Decision;
import dev.fusewright.core.rule.Rewrite;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.text.GraphText;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/**
 * Whatever graph is made up out of the operators that rules know: what a plan makes of it computes
 * the same.
 */
class RandomGraphsTest {
  /**
   * Random graphs amplify the rounding of their parameters, of which one would not speak in a
   * chosen example; a wrong axis or a lost bias is still a million times larger.
   */
  private static final double LENIENCY = 500;

  /** So many seeds are proven by certificate and site: some thirty seconds of two cores. */
  private static final int PROVEN = 5000;

  @Property(tries = 3000, seed = "20261129", shrinking = ShrinkingMode.OFF)
  void what_the_default_rules_make_of_a_graph_computes_the_same(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    prove(seed, Rules.inference());
  }

  @Property(tries = 1000, seed = "20261129", shrinking = ShrinkingMode.OFF)
  void what_the_rules_of_torch_make_of_a_graph_computes_the_same(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    prove(seed, Rules.torch());
  }

  @Property(tries = 1000, seed = "20261129", shrinking = ShrinkingMode.OFF)
  void whichever_fusions_are_dropped_the_rest_computes_the_same(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed) {
    RandomModels.Sample sample = RandomModels.of(seed);
    FusionPlan plan = new FusionEngine(Rules.inference()).plan(sample.model());
    Random random = new Random(seed);
    Set<Integer> dropped =
        plan.fusions().stream()
            .map(Fusion::id)
            .filter(id -> random.nextBoolean())
            .collect(Collectors.toSet());
    prove(sample, plan.without(dropped));
  }

  private static void prove(long seed, RuleSet rules) {
    RandomModels.Sample sample = RandomModels.of(seed);
    prove(sample, new FusionEngine(rules).plan(sample.model()));
  }

  private static void prove(RandomModels.Sample sample, FusionPlan plan) {
    try {
      ModelGraph fused = plan.apply();
      if (fused != sample.model()) {
        FoldProof.same(sample.model(), fused, sample.inputs(), LENIENCY);
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "%s%nfusions: %s%nin%n%s"
              .formatted(
                  e.getMessage(),
                  plan.fusions().stream().map(f -> f.rule() + f.nodes()).toList(),
                  GraphText.print(sample.model())),
          e);
    }
  }

  /**
   * Arguments that another fusion took from a call; an If whose output or bodies were changed; what
   * a call in the site asks of extents; a weight that is an argument; two layers in one inlined
   * call; constants all the way; terms that cancel each other out; and ranks in branches.
   */
  private static final long[] HARD = {
    274, 305, 334, 519, 828, 1046, 1059, 1108, 1126, 1232, 1469, 1916, 1959, 1989, 2011, 2036, 2260,
    2447, 2631, 2871, 2970, 2988, 3001, 3092, 3246, 3570, 3591, 3601, 4063, 4149, 4281, 4533, 4848,
    6739, 8850, 9568, 10262, 11583, 12172, 12213, 13267
  };

  @Test
  void no_fold_is_lost_for_want_of_a_proof() {
    LongStream.concat(LongStream.range(0, PROVEN), LongStream.of(HARD).filter(it -> it >= PROVEN))
        .forEach(
            seed -> {
              ModelGraph model = RandomModels.of(seed).model();
              FusionPlan plan = new FusionEngine(Rules.inference()).plan(model);
              if (plan.changesModel()) {
                ModelGraph fused = plan.apply();
                FusionProof proof = FusionProof.of(plan, fused, seed);
                assertThat(proof.culprits())
                    .as("seed %d: %s, %s", seed, proof.certificate(), proof.site())
                    .isEmpty();
                assertThat(unread(fused.graph()))
                    .as("seed %d", seed)
                    .isSubsetOf(unread(model.graph()));
              }
            });
  }

  /** Constants of a graph that nothing in it reads. */
  private static Set<String> unread(Graph graph) {
    Set<String> unread = new HashSet<>();
    graph.initializers().forEach(constant -> unread.add(constant.name()));
    graph.outputs().forEach(output -> unread.remove(output.name()));
    for (Node node : graph.nodes()) {
      node.inputs().forEach(unread::remove);
      unread.removeAll(Captures.of(node));
    }
    return unread;
  }

  @Test
  void beside_each_hard_proof_the_nearest_wrong_model_is_refused() {
    TreeMap<String, Integer> refused = new TreeMap<>();
    for (long seed : HARD) {
      FusionPlan plan = new FusionEngine(Rules.inference()).plan(RandomModels.of(seed).model());
      WrongCandidates.of(plan, plan.apply())
          .forEach(
              (wrong, candidate) -> {
                FusionProof proof = FusionProof.of(plan, candidate, seed);
                assertThat(proof.culprits())
                    .as("seed %d, %s: %s", seed, wrong, proof.sites())
                    .isNotEmpty();
                refused.merge(wrong.substring(0, wrong.indexOf(' ')), 1, Integer::sum);
              });
    }

    assertThat(refused).containsOnlyKeys("weight", "argument", "branches");
  }

  @Test
  void every_fold_is_applied_to_some_of_the_graphs_and_half_of_them_are_fused() {
    TreeMap<String, Integer> applied = new TreeMap<>();
    int fused = 0;
    for (long seed = 0; seed < 1500; seed++) {
      FusionPlan plan = new FusionEngine(Rules.inference()).plan(RandomModels.of(seed).model());
      plan.fusions().forEach(fusion -> applied.merge(fusion.rule(), 1, Integer::sum));
      fused += plan.changesModel() ? 1 : 0;
    }

    assertThat(fused).as("of 1,500 graphs, by rule: %s", applied).isGreaterThan(750);
    assertThat(applied.keySet())
        .containsAll(Rules.inference().folds().stream().map(rule -> rule.info().id()).toList());
  }

  @Test
  void a_rule_that_scales_the_wrong_axis_is_caught() {
    assertThat(caught(new SwappedAxis())).isPositive();
  }

  @Test
  void a_rule_that_loses_the_bias_is_caught() {
    assertThat(caught(new LostBias())).isPositive();
  }

  private static int caught(Rule<?> broken) {
    RuleSet rules = new RuleSet("broken", List.of(broken), List.of());
    int caught = 0;
    for (long seed = 0; seed < 400; seed++) {
      try {
        prove(seed, rules);
      } catch (AssertionError e) {
        caught++;
      }
    }
    return caught;
  }

  /** Folds a norm behind a square Conv along its input channels. */
  private static final class SwappedAxis extends Broken {
    @Override
    Rewrite broken(Rewrite sound, Match match, LayerAndNorm facts) {
      var weight = facts.layer().weight();
      if (!weight.shape().dims().get(0).equals(weight.shape().dims().get(1))) {
        return sound;
      }
      var axis = dev.fusewright.core.tensor.ChannelAxis.of(1);
      double[] scale = FoldArithmetic.EXACT.scale(facts.norm(), weight.type());
      return new Rewrite(
          sound.module(),
          sound.site(),
          sound.replaced(),
          sound.inserted(),
          sound.removed(),
          sound.parameters().stream()
              .map(
                  parameter ->
                      parameter.input() == Layer.WEIGHT
                          ? new Rewrite.Parameter(
                              parameter.node(),
                              Layer.WEIGHT,
                              new dev.fusewright.core.tensor.ChannelScaled(weight, axis, scale),
                              parameter.nameHint())
                          : parameter)
              .toList(),
          sound.functions(),
          sound.output(),
          sound.notes());
    }
  }

  /** Folds only the weight. */
  private static final class LostBias extends Broken {
    @Override
    Rewrite broken(Rewrite sound, Match match, LayerAndNorm facts) {
      return new Rewrite(
          sound.module(),
          sound.site(),
          sound.replaced().stream().map(LostBias::withoutBias).toList(),
          sound.inserted(),
          sound.removed(),
          sound.parameters().stream().filter(p -> p.input() == Layer.WEIGHT).toList(),
          sound.functions(),
          sound.output(),
          sound.notes());
    }

    private static Node withoutBias(Node node) {
      return node.withInputs(node.inputs().subList(0, 2));
    }
  }

  private abstract static class Broken implements Rule<LayerAndNorm> {
    private final ConvBatchNormFold sound = new ConvBatchNormFold(FoldArithmetic.EXACT);

    @Override
    public RuleInfo info() {
      return sound.info();
    }

    @Override
    public Pattern pattern() {
      return sound.pattern();
    }

    @Override
    public Decision<LayerAndNorm> check(Match match) {
      return sound.check(match);
    }

    @Override
    public Rewrite rewrite(Match match, LayerAndNorm facts) {
      return broken(sound.rewrite(match, facts), match, facts);
    }

    abstract Rewrite broken(Rewrite sound, Match match, LayerAndNorm facts);
  }
}
