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

import dev.fusewright.core.verdict.Verdict;
import dev.fusewright.core.verify.structure.StructuralProof;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.verification.RuntimeVerifier;
import dev.fusewright.pipeline.verification.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Verdicts of {@code verify} on the pairs that {@code src/oracles/peer_pairs.py} makes: how many by
 * sampling alone, and how many with the structure first.
 *
 * <pre>
 * java -cp "pipeline/target/test-classes:deploy/target/lib/*" \
 *     dev.fusewright.pipeline.model.PeerPairsBench FOLDER/pairs.tsv [structure]
 * </pre>
 *
 * A line for each pair, then a table: kind, structure, sampling, pairs. With {@code structure}
 * nothing is run.
 */
public final class PeerPairsBench {
  private PeerPairsBench() {}

  /** Prints the verdicts; fails if a pair that was altered is equivalent by its structure. */
  public static void main(String[] arguments) throws IOException {
    boolean samples = arguments.length < 2;
    Map<String, Integer> counts = new TreeMap<>();
    boolean wrong = false;
    try (RuntimeVerifier runs = RuntimeVerifier.onAllProcessors()) {
      for (String line : Files.readAllLines(Path.of(arguments[0]))) {
        String[] pair = line.split("\t", -1);
        Path original = Path.of(pair[1]);
        Path candidate = Path.of(pair[2]);
        long began = System.nanoTime();
        StructuralProof structure = structure(original, candidate);
        long milliseconds = (System.nanoTime() - began) / 1_000_000;
        Verdict verdict = structure.verdict().verdict();
        String sampled = samples ? sampled(runs, original, candidate) : "-";
        System.out.printf(
            "%s\t%s\t%s\t%d ms\t%s\t%s\t%s%n",
            pair[0],
            verdict,
            sampled,
            milliseconds,
            original,
            structure.verdict().reason(),
            structure.assumptions());
        counts.merge(pair[0] + "\t" + verdict + "\t" + sampled, 1, Integer::sum);
        boolean altered = pair[0].equals("channel") || pair[0].equals("removed");
        wrong |= altered && verdict == Verdict.EQUIVALENT;
      }
    }
    counts.forEach((key, count) -> System.out.println(key + "\t" + count));
    if (wrong) {
      throw new IllegalStateException("an altered model is equivalent by its structure");
    }
  }

  private static StructuralProof structure(Path original, Path candidate) {
    try (GraphCheckpoint before = Formats.openGraph(original);
        GraphCheckpoint after = Formats.openGraph(candidate)) {
      return StructuralProof.of(before.graph(), after.graph(), 0);
    }
  }

  private static String sampled(RuntimeVerifier runs, Path original, Path candidate)
      throws IOException {
    Verifier.Pair pair =
        new Verifier.Pair(original, Staging.sha256(original), candidate, List.of());
    return runs.compare(pair, FuseSettings.defaults()).equivalence().verdict().name();
  }
}
