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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ForkJoinTask;
import java.util.function.Function;

/**
 * Result of proving the fusions of a plan, each by itself.
 *
 * @param certificate all certificates taken together
 * @param site all site checks taken together
 * @param sites one per site
 * @param culprits ids of the fusions of sites that are not equivalent
 * @param assumptions what the proofs of the sites rest on that the files do not show
 */
public record FusionProof(
    LevelVerdict certificate,
    LevelVerdict site,
    List<SiteResult> sites,
    Set<Integer> culprits,
    List<Assumption> assumptions) {
  /** Copies the collections. */
  public FusionProof {
    sites = List.copyOf(sites);
    culprits = Set.copyOf(culprits);
    assumptions = List.copyOf(assumptions);
  }

  /**
   * Proves every site, on all processors.
   *
   * @param plan with the original
   * @param fused the model that was made, best as it was read back from its file
   * @param seed for the sampled inputs
   */
  public static FusionProof of(FusionPlan plan, ModelGraph fused, long seed) {
    return of(plan, fused, seed, Runtime.getRuntime().availableProcessors());
  }

  /**
   * The same, beside other work. What is found does not depend on the threads.
   *
   * @param threads 1 to prove one site after the other in this thread; with more, those of the
   *     common pool take part
   */
  public static FusionProof of(FusionPlan plan, ModelGraph fused, long seed, int threads) {
    SubgraphExtractor original = new SubgraphExtractor(plan.original());
    return of(Sites.of(plan, original), fused, seed, threads);
  }

  /**
   * Proves anew what a report says was fused, without the rules that fused it.
   *
   * @param original the model before
   * @param recorded the fusions of the report that changed something
   * @param operands that the report's certificates rest on; where one has changed, they are void
   * @throws GraphException if the original does not have the nodes that the report names
   */
  public static FusionProof of(
      ModelGraph original,
      List<RecordedFusion> recorded,
      List<RecordedOperand> operands,
      ModelGraph fused,
      long seed) {
    SubgraphExtractor cutter = new SubgraphExtractor(original);
    List<Site> sites = Sites.of(original, recorded, cutter);
    FusionProof proof = of(sites, fused, seed, Runtime.getRuntime().availableProcessors());
    List<String> changes = new OperandDigests().changes(original, cutter, operands);
    return changes.isEmpty() ? proof : proof.voided(String.join("; ", changes));
  }

  /**
   * The smallest models that show why fusions are not proven: one for each of their sites, where
   * inputs for it can be made. They read their parameters from both models.
   *
   * @param culprits ids of the fusions
   */
  public static List<Repro> repros(
      FusionPlan plan, ModelGraph fused, Set<Integer> culprits, long seed) {
    SubgraphExtractor original = new SubgraphExtractor(plan.original());
    SubgraphExtractor candidate = new SubgraphExtractor(fused);
    OperandDigests digests = new OperandDigests();
    return Sites.of(plan, original).stream()
        .filter(site -> site.fusions().stream().anyMatch(culprits::contains))
        .map(site -> CutSite.of(site, candidate, digests))
        .flatMap(cut -> cut.repro(plan.original().irVersion(), seed).stream())
        .toList();
  }

  private FusionProof voided(String reason) {
    return new FusionProof(LevelVerdict.different(reason), site, sites, culprits, assumptions);
  }

  private static FusionProof of(List<Site> sites, ModelGraph fused, long seed, int threads) {
    SubgraphExtractor candidate = new SubgraphExtractor(fused);
    OperandDigests digests = new OperandDigests();
    List<CutSite> cuts = new ArrayList<>();
    sites.forEach(site -> cuts.add(CutSite.of(site, candidate, digests)));
    List<CutSite.Proven> proven = proven(cuts, seed, threads);
    List<SiteResult> results = proven.stream().map(CutSite.Proven::result).toList();
    Set<Integer> culprits = new TreeSet<>();
    for (int i = 0; i < results.size(); i++) {
      if (!results.get(i).isProven()) {
        culprits.addAll(cuts.get(i).site().fusions());
      }
    }
    return new FusionProof(
        together(results, SiteResult::certificate),
        together(results, SiteResult::site),
        results,
        culprits,
        proven.stream().flatMap(one -> one.assumptions().stream()).distinct().toList());
  }

  /** Each site is proven for itself, and tensors may be read by several threads. */
  private static List<CutSite.Proven> proven(List<CutSite> cuts, long seed, int threads) {
    if (threads == 1) {
      return cuts.stream().map(cut -> cut.prove(seed)).toList();
    }
    // One task a site: a parallel stream would deal them out in runs, and the largest sites are
    // neighbours.
    List<ForkJoinTask<CutSite.Proven>> tasks =
        cuts.stream().map(cut -> ForkJoinTask.adapt(() -> cut.prove(seed))).toList();
    return ForkJoinTask.invokeAll(tasks).stream().map(ForkJoinTask::join).toList();
  }

  private static LevelVerdict together(
      List<SiteResult> results, Function<SiteResult, LevelVerdict> level) {
    for (Verdict verdict : List.of(Verdict.DIFFERENT, Verdict.INCONCLUSIVE)) {
      List<SiteResult> such =
          results.stream().filter(result -> level.apply(result).verdict() == verdict).toList();
      if (!such.isEmpty()) {
        // What could not be shown is the least of doubts.
        SiteResult first =
            such.stream()
                .filter(result -> level.apply(result).doubt() != InconclusiveReason.VACUOUS)
                .findFirst()
                .orElse(such.get(0));
        String reason =
            "%d of %s, first %s %s: %s"
                .formatted(
                    such.size(),
                    Amounts.count(results.size(), "site"),
                    first.rule(),
                    first.nodes(),
                    level.apply(first).reason());
        InconclusiveReason doubt = level.apply(first).doubt();
        return doubt == null
            ? LevelVerdict.different(reason)
            : LevelVerdict.inconclusive(doubt, reason);
      }
    }
    return LevelVerdict.equivalent(
        results.size() == 1 ? "the one site" : "all %d sites".formatted(results.size()));
  }
}
