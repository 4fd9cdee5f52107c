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

import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.SiteResult;
import dev.fusewright.core.verify.CheckOptions;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.ModelComparison;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.runtime.RunnerOptions;
import dev.fusewright.io.runtime.RunnerPool;
import dev.fusewright.io.runtime.TorchRunners;
import dev.fusewright.io.runtime.VerifyModels;
import dev.fusewright.pipeline.settings.FuseSettings;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Proves every fusion by itself, then runs both models with ONNX Runtime, in a child process that
 * is kept from model to model; with the float64 reference where ONNX Runtime has no kernel, and
 * with PyTorch where the user named one and a TorchScript archive has no translation.
 */
public final class RuntimeVerifier implements Verifier {
  private final RunnerOptions options;
  private final RunnerPool runners;

  /** By the Python that the user named. */
  private final Map<Path, TorchRunners> torch = new HashMap<>();

  private RuntimeVerifier(RunnerOptions options) {
    this.options = options;
    this.runners = new RunnerPool(options);
  }

  /** A proof that runs models with all processors of this machine. */
  public static RuntimeVerifier onAllProcessors() {
    return new RuntimeVerifier(RunnerOptions.forProcesses(1));
  }

  /** A proof with so many threads, and a child that computes with as many. */
  public static RuntimeVerifier withThreads(int threads) {
    return withOptions(RunnerOptions.forProcesses(1).withThreads(threads));
  }

  /** A proof whose children have these limits. */
  public static RuntimeVerifier withOptions(RunnerOptions options) {
    return new RuntimeVerifier(options);
  }

  @Override
  public Finding check(Case models, FuseSettings settings) {
    Map<Level, LevelVerdict> levels = new EnumMap<>(Level.class);
    List<SiteResult> sites = List.of();
    List<Assumption> assumptions = List.of();
    Set<Integer> culprits = Set.of();
    if (settings.proof().checksSites()) {
      Finding proof = sites(models, settings);
      levels.putAll(proof.equivalence().levels());
      levels.remove(Level.MODEL);
      sites = proof.equivalence().sites();
      assumptions = proof.equivalence().assumptions();
      culprits = proof.culprits();
    }
    if (!settings.proof().checksModel() || !culprits.isEmpty()) {
      // With a fusion that is not proven, the whole is not worth running.
      return new Finding(
          new Equivalence(levels, 0, settings.seed(), List.of(), sites, assumptions),
          null,
          culprits);
    }
    ModelComparison comparison =
        run(
            new Pair(
                models.original(), models.originalSha256(), models.candidate(), models.samples()),
            settings);
    levels.put(Level.MODEL, comparison.verdict());
    return new Finding(
        new Equivalence(
            levels,
            comparison.samples(),
            comparison.seed(),
            comparison.outputs(),
            sites,
            assumptions),
        comparison.runner());
  }

  @Override
  public int threads() {
    return options.threads();
  }

  @Override
  public Finding compare(Pair models, FuseSettings settings) {
    ModelComparison comparison = run(models, settings);
    return new Finding(Equivalence.ofModel(comparison), comparison.runner());
  }

  private ModelComparison run(Pair models, FuseSettings settings) {
    return new VerifyModels(runners, settings.torchRunner().map(this::torch).orElse(null))
        .compare(models.original(), models.candidate(), options(models, settings));
  }

  private synchronized TorchRunners torch(Path python) {
    return torch.computeIfAbsent(python, named -> new TorchRunners(named, options));
  }

  /** What is judged is the file that was written, not the graph that was meant. */
  private Finding sites(Case models, FuseSettings settings) {
    try (GraphCheckpoint written = Formats.openGraph(models.candidate())) {
      return SiteProof.of(models.plan(), written.graph(), settings.seed(), threads());
    }
  }

  /** Inputs depend on the model's content and the seed, and on nothing else. */
  private static CheckOptions options(Pair models, FuseSettings settings) {
    long content = Long.parseUnsignedLong(models.originalSha256().substring(0, 16), 16);
    CheckOptions options =
        CheckOptions.of(content ^ settings.seed())
            .withGiven(models.samples())
            .withHints(InputHints.of(settings.examples()));
    if (settings.samples() != null) {
      options = options.withSamples(settings.samples());
    }
    return settings.tolerance() == null ? options : options.withCeiling(settings.tolerance());
  }

  @Override
  public synchronized void close() {
    torch.values().forEach(TorchRunners::close);
    runners.close();
  }
}
