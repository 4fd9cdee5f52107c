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
package dev.fusewright.pipeline.cli;

import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.VerifyLevel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say how much is proven. */
final class ProofOptions {
  @Option(
      names = "--verify",
      paramLabel = "LEVEL",
      description =
          "What is proven before anything is published. none; site: every fusion by itself; model: the whole models, run"
              + " side by side; all: both. Default: all.")
  private @Nullable String verify;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "How many sets of inputs whole models are run on.")
  private @Nullable Integer samples;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "From which those inputs are made. Default: 0.")
  private @Nullable Long seed;

  @Option(
      names = "--accept-inconclusive",
      description =
          "Publishes what could be neither proven nor refuted. By default that is rejected.")
  private boolean acceptInconclusive;

  /** These settings, with what is given in the place of theirs. */
  FuseSettings over(FuseSettings settings) {
    FuseSettings applied = settings;
    if (verify != null) {
      try {
        applied = applied.withProof(VerifyLevel.of(verify));
      } catch (IllegalArgumentException e) {
        throw new UsageException(String.valueOf(e.getMessage()));
      }
    }
    if (seed != null) {
      applied = applied.withSeed(seed);
    }
    if (samples != null) {
      if (samples < 1) {
        throw new UsageException("--samples: expected a number of at least 1, found " + samples);
      }
      applied = applied.withSamples(samples);
    }
    return acceptInconclusive ? applied.withDoubt(FuseSettings.Doubtful.ACCEPT) : applied;
  }
}
