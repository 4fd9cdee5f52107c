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
package dev.fusewright.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.proof.FusionProof;
import dev.fusewright.core.proof.RecordedFusion;
import dev.fusewright.core.proof.RecordedOperand;
import dev.fusewright.core.verdict.Level;
import dev.fusewright.core.verify.Equivalence;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads what a JSON report of one model says was fused. */
public final class RecordedFusions {
  private RecordedFusions() {}

  /**
   * Proves the fusions that a report names, from the models' files alone.
   *
   * @throws IOException if the report cannot be read, or is none
   * @throws dev.fusewright.io.file.CheckpointException if a model cannot be read
   * @throws dev.fusewright.core.graph.GraphException if the original lacks what the report names
   */
  public static Equivalence prove(Path original, Path candidate, Path report, long seed)
      throws IOException {
    JsonNode recorded = read(report);
    try (GraphCheckpoint was = Formats.openGraph(original);
        GraphCheckpoint is = Formats.openGraph(candidate)) {
      FusionProof proof =
          FusionProof.of(
              frozenAs(is.graph(), was.graph()),
              fusions(recorded),
              operands(recorded),
              is.graph(),
              seed);
      return new Equivalence(
          Map.of(Level.CERTIFICATE, proof.certificate(), Level.SITE, proof.site()),
          0,
          seed,
          List.of(),
          proof.sites());
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

  private static JsonNode read(Path report) throws IOException {
    JsonNode recorded = new ObjectMapper().readTree(report.toFile());
    if (!recorded.path("fusions").isArray()) {
      throw new IOException(
          report + ": expected a report with 'fusions', as fuse --report writes it");
    }
    return recorded;
  }

  /** The fusions that changed something. */
  private static List<RecordedFusion> fusions(JsonNode report) {
    List<RecordedFusion> recorded = new ArrayList<>();
    for (JsonNode fusion : report.path("fusions")) {
      if (fusion.path("result").asText().equals(Fusion.Result.FOLDED.text())) {
        List<String> nodes = new ArrayList<>();
        fusion.path("nodes").forEach(node -> nodes.add(node.asText()));
        recorded.add(
            new RecordedFusion(fusion.path("rule").asText(), fusion.path("scope").asText(), nodes));
      }
    }
    return recorded;
  }

  /** What the certificates rest on; reports of version 1 do not say. */
  private static List<RecordedOperand> operands(JsonNode report) {
    Set<RecordedOperand> recorded = new LinkedHashSet<>();
    for (JsonNode site : report.path("equivalence").path("sites")) {
      for (JsonNode operand : site.path("operands")) {
        recorded.add(
            new RecordedOperand(
                site.path("scope").asText(),
                operand.path("name").asText(),
                operand.path("sha256").asText()));
      }
    }
    return List.copyOf(recorded);
  }
}
