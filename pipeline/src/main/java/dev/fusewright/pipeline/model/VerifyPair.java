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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.structure.OverridableInputs;
import dev.fusewright.core.verify.structure.StructuralProof;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.StateFormat;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Store;
import dev.fusewright.pipeline.report.RecordedReport;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Compares two models, whoever made the second, and reports on it. Publishes nothing. */
public final class VerifyPair {
  private final Store store;
  private final RuntimeVerifier proof;
  private final Path scratchRoot;

  /** A comparison of models of a store. */
  public VerifyPair(Store store, RuntimeVerifier proof, Path scratchRoot) {
    this.store = store;
    this.proof = proof;
    this.scratchRoot = scratchRoot;
  }

  /**
   * Compares two models.
   *
   * @return a report of the original, with the candidate as its output: FUSED if they are the same,
   *     REJECTED if they differ or that cannot be told, FAILED if one cannot be read
   */
  public FusionReport verify(Location original, Location candidate, FuseSettings settings) {
    ReportBuilder findings =
        new ReportBuilder(
            FuseRequest.of(original, candidate, FuseRequest.Placement.BESIDE, settings));
    StageClock clock = new StageClock();
    try (Scratch before = Scratch.in(scratchRoot);
        Scratch after = Scratch.in(scratchRoot)) {
      Staged given = clock.at(Stage.FETCH, () -> fetch(original, before, settings.fetchTimeout()));
      findings.source(given);
      Staged other = clock.at(Stage.FETCH, () -> fetch(candidate, after, settings.fetchTimeout()));
      Staged first = clock.at(Stage.READ, () -> runnable(given, before));
      Staged second = clock.at(Stage.READ, () -> runnable(other, after));
      clock.at(Stage.READ, () -> refuseStates(first, second));
      Compared compared =
          clock.at(Stage.VERIFY, () -> structure(first, second, findings, settings.seed()));
      StructuralProof structure = compared.structure();
      ModelInputs.Files files =
          new ModelInputs.Files(new Staging(store, settings.fetchTimeout()), before, findings);
      List<Map<String, Tensor>> samples =
          clock.at(Stage.FETCH, () -> samples(first, settings, files));
      Verifier.Pair pair = new Verifier.Pair(first.file(), first.sha256(), second.file(), samples);
      Verifier.Finding found =
          structure.verdict().verdict() == Verdict.EQUIVALENT
              ? proven(structure, settings.seed())
              : clock.at(Stage.VERIFY, () -> sampled(pair, compared, settings));
      findings.equivalence(found);
      return findings.report(outcome(found), clock.milliseconds());
    } catch (Exception | StackOverflowError e) {
      findings.failed(clock.current(), e);
      return findings.report(Outcome.FAILED, clock.milliseconds());
    }
  }

  /**
   * Proves anew what a report says was fused, without the rules that fused it and without running
   * anything.
   *
   * @param report a JSON report of one model, local
   * @throws IOException if a file cannot be fetched, or the report cannot be relied on
   * @throws dev.fusewright.io.file.CheckpointException if a model cannot be read
   * @throws dev.fusewright.core.graph.GraphException if the original lacks what the report names
   */
  public static Equivalence certificates(
      Staging staging,
      Path scratchRoot,
      Location original,
      Location candidate,
      Path report,
      long seed)
      throws IOException {
    RecordedReport recorded = RecordedReport.read(report);
    try (Scratch before = Scratch.in(scratchRoot);
        Scratch after = Scratch.in(scratchRoot)) {
      return CertificateCheck.of(
          fetch(staging, original, before), fetch(staging, candidate, after), recorded, seed);
    }
  }

  private Staged fetch(Location model, Scratch scratch, Duration deadline) throws IOException {
    return fetch(new Staging(store, deadline), model, scratch);
  }

  private static Staged fetch(Staging staging, Location model, Scratch scratch) throws IOException {
    Staged staged = staging.fetch(model, scratch);
    if (!model.isLocal()) {
      for (String data : Formats.dataFiles(staged.file())) {
        staging.fetch(model.parent().resolve(data), scratch, data);
      }
    }
    return staged;
  }

  /** What is known of two models without running them. */
  private record Compared(StructuralProof structure, OverridableInputs inputs) {}

  /** Reads both models and compares their structure; the findings begin with what they are. */
  private static Compared structure(
      Staged first, Staged second, ReportBuilder findings, long seed) {
    try (GraphCheckpoint before = Formats.openGraph(first.file());
        GraphCheckpoint after = Formats.openGraph(second.file())) {
      findings.model(before);
      findings.after(after.graph());
      findings.output(second.source(), second.sha256(), after.dataFiles());
      boolean sameBytes =
          first.sha256().equals(second.sha256())
              && before.dataFiles().isEmpty()
              && after.dataFiles().isEmpty();
      return new Compared(
          sameBytes
              ? StructuralProof.sameBytes()
              : StructuralProof.of(before.graph(), after.graph(), seed),
          OverridableInputs.of(before.graph(), after.graph()));
    }
  }

  private static List<Map<String, Tensor>> samples(
      Staged original, FuseSettings settings, ModelInputs.Files files)
      throws IOException, RequestException {
    try (GraphCheckpoint model = Formats.openGraph(original.file())) {
      return ModelInputs.samples(model.graph(), settings.examples(), files);
    }
  }

  private static Verifier.Finding proven(StructuralProof structure, long seed) {
    Map<Level, LevelVerdict> levels =
        Map.of(
            Level.STRUCTURE,
            structure.verdict(),
            Level.MODEL,
            LevelVerdict.notChecked("the structure says it, for every input"));
    return new Verifier.Finding(
        new Equivalence(levels, 0, seed, List.of(), List.of(), structure.assumptions()), null);
  }

  private Verifier.Finding sampled(Verifier.Pair pair, Compared compared, FuseSettings settings) {
    Verifier.Finding found = proof.compare(pair, settings);
    Map<Level, LevelVerdict> levels = new EnumMap<>(found.equivalence().levels());
    levels.put(Level.STRUCTURE, compared.structure().verdict());
    levels.computeIfPresent(Level.MODEL, (level, sampled) -> compared.inputs().judged(sampled));
    Equivalence judged = found.equivalence().withLevels(levels);
    return new Verifier.Finding(
        judged.verdict() == Verdict.EQUIVALENT
            ? judged.assuming(compared.inputs().assumptions())
            : judged,
        found.runner());
  }

  private static Staged runnable(Staged model, Scratch scratch) throws IOException {
    String name = model.source().location().name();
    return Conversion.of(model, Formats.of(model.file(), name), scratch);
  }

  private static boolean refuseStates(Staged... models) throws RequestException {
    for (Staged model : models) {
      Format format = Formats.of(model.file(), model.source().location().name());
      if (format instanceof StateFormat) {
        throw new RequestException(
            "%s holds state dicts, which have no graph that could be run; fuse proves what it writes of one: pair by pair, and with --graph as a whole"
                .formatted(model.source().location()));
      }
    }
    return true;
  }

  private static Outcome outcome(Verifier.Finding found) {
    return switch (found.equivalence().verdict()) {
      case EQUIVALENT, AS_LISTED -> Outcome.FUSED;
      case DIFFERENT, INCONCLUSIVE, NOT_CHECKED -> Outcome.REJECTED;
    };
  }
}
