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
package dev.fusewright.pipeline.verification;

import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.pipeline.settings.FuseSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks that a fused model is the same as its original. */
public interface Verifier extends AutoCloseable {
  /**
   * A candidate that wants to be published.
   *
   * @param original its file
   * @param originalSha256 of that file
   * @param plan that was carried out
   * @param candidate the fused file
   * @param samples sets of inputs known to be typical
   */
  record Case(
      Path original,
      String originalSha256,
      FusionPlan plan,
      Path candidate,
      List<Map<String, Tensor>> samples) {
    public Case {
      samples = List.copyOf(samples);
    }
  }

  /**
   * What was found.
   *
   * @param runner what ran the models; null if nothing did
   * @param culprits ids of the fusions that were not proven by themselves
   */
  record Finding(Equivalence equivalence, @Nullable String runner, Set<Integer> culprits) {
    public Finding {
      culprits = Set.copyOf(culprits);
    }

    /** A finding that blames no single fusion. */
    public Finding(Equivalence equivalence, @Nullable String runner) {
      this(equivalence, runner, Set.of());
    }
  }

  /**
   * Two models to be run side by side.
   *
   * @param originalSha256 of what the original is made of: their inputs depend on it
   * @param samples sets of inputs known to be typical
   */
  record Pair(
      Path original, String originalSha256, Path candidate, List<Map<String, Tensor>> samples) {
    public Pair {
      samples = List.copyOf(samples);
    }
  }

  /** Checks; being unable to tell is a doubt in what is found, not an exception. */
  Finding check(Case models, FuseSettings settings);

  /** Whether every fusion of a plan is proven by itself, as the plan would be carried out. */
  default boolean isProvenBySites(FusionPlan plan, FuseSettings settings) {
    return SiteProof.of(plan, plan.apply(), settings.seed(), threads()).culprits().isEmpty();
  }

  /** How many threads one model's proof may use. */
  default int threads() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** Compares two whole models, whoever made the second. */
  Finding compare(Pair models, FuseSettings settings);

  /** Ends what was started for checking; never fails. */
  @Override
  void close();
}
