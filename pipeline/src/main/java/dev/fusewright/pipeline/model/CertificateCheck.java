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

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.verdict.Assumption;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.core.verify.structure.StructuralProof;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.Format;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.report.RecordedReport;
import dev.fusewright.pipeline.report.ReportException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Proves anew what a report says was fused, from the models' files alone.
 *
 * <p>A certificate sees the sites that the report names and nothing between them. So nothing is
 * equivalent unless both files are, by their digests, those that the report is about, and their
 * structures are the same, which asks nothing of the report; and a report that names no fusion
 * proves only that a file is the same as itself.
 */
public final class CertificateCheck {
  private final Staged original;
  private final Staged candidate;
  private final RecordedReport report;
  private final long seed;

  private CertificateCheck(Staged original, Staged candidate, RecordedReport report, long seed) {
    this.original = original;
    this.candidate = candidate;
    this.report = report;
    this.seed = seed;
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
  public static Equivalence of(
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
      return of(fetch(staging, original, before), fetch(staging, candidate, after), recorded, seed);
    }
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

  /**
   * Proves the report's fusions.
   *
   * @throws ReportException if the report cannot be about the original
   * @throws dev.fusewright.io.file.CheckpointException if a model cannot be read
   * @throws dev.fusewright.core.graph.GraphException if the original lacks what the report names
   */
  static Equivalence of(Staged original, Staged candidate, RecordedReport report, long seed)
      throws IOException {
    return new CertificateCheck(original, candidate, report, seed).prove();
  }

  private Equivalence prove() throws IOException {
    if (report.changes().isEmpty()) {
      return original.sha256().equals(candidate.sha256())
          ? ofCertificates(
              LevelVerdict.equivalent("nothing was fused, and both files have the same bytes"))
          : ofCertificates(
              LevelVerdict.inconclusive(
                  InconclusiveReason.OTHER_FILES,
                  "the report names no fusion, and the files differ"));
    }
    return bound(isOfStates() ? states() : graphs());
  }

  private boolean isOfStates() {
    Format format = Formats.of(original.file(), original.source().location().name());
    return format instanceof StateFormat;
  }

  private Equivalence states() throws IOException {
    try (StateCheckpoint was = Formats.openStates(original.file());
        StateCheckpoint is = Formats.openStates(candidate.file())) {
      return RecordedStates.prove(was, is, report, seed);
    }
  }

  /** Certificates and sites of the fusions, and the structure of what lies between them. */
  private Equivalence graphs() {
    try (GraphCheckpoint was = Formats.openGraph(original.file());
        GraphCheckpoint is = Formats.openGraph(candidate.file())) {
      ModelGraph before = frozenAs(is.graph(), was.graph());
      FusionProof proof =
          FusionProof.of(before, report.folds(), report.operands(), is.graph(), seed);
      Map<Level, LevelVerdict> levels = new EnumMap<>(Level.class);
      levels.put(Level.CERTIFICATE, proof.certificate());
      levels.put(Level.SITE, proof.site());
      List<Assumption> assumptions = new ArrayList<>(proof.assumptions());
      if (proof.certificate().verdict() == Verdict.EQUIVALENT) {
        StructuralProof structure = StructuralProof.of(before, is.graph(), seed);
        structure.assumptions().stream()
            .filter(assumption -> !assumptions.contains(assumption))
            .forEach(assumptions::add);
        if (structure.verdict().verdict() != Verdict.EQUIVALENT) {
          levels.put(Level.CERTIFICATE, between(structure.verdict()));
        }
      }
      return Premises.under(
          Premises.of(was, is),
          new Equivalence(levels, 0, seed, List.of(), proof.sites(), assumptions));
    }
  }

  /** A report may have left a site out, and says nothing of what no fusion reads. */
  private static LevelVerdict between(LevelVerdict structure) {
    return LevelVerdict.inconclusive(
        InconclusiveReason.OTHER_STRUCTURE,
        "the sites are proven, and what lies between them is not: " + structure.reason());
  }

  private Equivalence ofCertificates(LevelVerdict verdict) {
    return new Equivalence(
        Map.of(Level.CERTIFICATE, verdict, Level.SITE, verdict), 0, seed, List.of(), List.of());
  }

  /** What was proven, held to the files that the report is about. */
  private Equivalence bound(Equivalence proven) {
    List<String> others = new ArrayList<>();
    other("original", report.original(), original, others);
    other("candidate", report.candidate(), candidate, others);
    if (others.isEmpty() || proven.level(Level.CERTIFICATE).verdict() != Verdict.EQUIVALENT) {
      return proven;
    }
    Map<Level, LevelVerdict> levels = new EnumMap<>(proven.levels());
    levels.put(
        Level.CERTIFICATE,
        LevelVerdict.inconclusive(
            InconclusiveReason.OTHER_FILES,
            "the sites are proven, and what lies between them is not: "
                + String.join("; ", others)));
    return proven.withLevels(levels);
  }

  private static void other(String which, String expected, Staged found, List<String> others) {
    if (!expected.equals(found.sha256())) {
      others.add(
          "the report is about another %s: expected the sha256 %s, found %s"
              .formatted(which, expected, found.sha256()));
    }
  }

  /** Where the candidate no longer lets callers override an initializer, it was constant. */
  private static ModelGraph frozenAs(ModelGraph candidate, ModelGraph original) {
    Set<String> open =
        candidate.graph().inputs().stream().map(ValueInfo::name).collect(Collectors.toSet());
    Set<String> constants =
        original.graph().initializers().stream()
            .map(Initializer::name)
            .filter(name -> !open.contains(name))
            .collect(Collectors.toSet());
    return original.withGraph(
        original
            .graph()
            .withInputs(
                original.graph().inputs().stream()
                    .filter(input -> !constants.contains(input.name()))
                    .toList()));
  }
}
