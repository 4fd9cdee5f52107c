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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.proof.RecordedFusion;
import dev.fusewright.core.proof.RecordedOperand;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a JSON report of one model says was fused, as {@code fuse --report} and {@code --json} write
 * it.
 *
 * @param original sha256 of the file that was read
 * @param candidate sha256 of the file that was published
 * @param mode eval or qat
 * @param rules the rule set that was asked for
 * @param changes the fusions that changed something, in plan order
 * @param operands that the certificates rest on; reports of version 1 do not say
 */
public record RecordedReport(
    String original,
    String candidate,
    String mode,
    String rules,
    List<Change> changes,
    List<RecordedOperand> operands) {
  private static final long MOST_BYTES = 1L << 28;

  /** Copies the lists. */
  public RecordedReport {
    changes = List.copyOf(changes);
    operands = List.copyOf(operands);
  }

  /**
   * A fusion that changed something.
   *
   * @param epsilon of a state dict's BatchNorm, which the file does not say; null where the report
   *     does not say it either
   */
  public record Change(RecordedFusion fusion, Fusion.Result result, @Nullable Double epsilon) {}

  /**
   * Reads a report.
   *
   * @throws ReportException if it is none, or a part that a proof needs is missing or malformed
   * @throws IOException if the file cannot be read
   */
  public static RecordedReport read(Path report) throws IOException {
    if (!Files.isRegularFile(report)) {
      throw new ReportException(
          report, "", "a file", Files.exists(report) ? "something else" : "nothing");
    }
    if (Files.size(report) > MOST_BYTES) {
      throw new ReportException(
          report,
          "",
          "a report of at most %d bytes".formatted(MOST_BYTES),
          Files.size(report) + " bytes");
    }
    try {
      return new Reading(report).report(new ObjectMapper().readTree(report.toFile()));
    } catch (JsonProcessingException e) {
      throw new ReportException(report, "", "JSON", e.getOriginalMessage());
    } catch (CharConversionException e) {
      throw new ReportException(report, "", "JSON in UTF-8", String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new ReportException(
          report, "", "a file that can be read", String.valueOf(e.getMessage()));
    }
  }

  /** Fusions that changed the file's graph. */
  public List<RecordedFusion> folds() {
    return changes.stream()
        .filter(change -> change.result() == Fusion.Result.FOLDED)
        .map(Change::fusion)
        .toList();
  }

  /** Reads the parts of one report, and says where one is malformed. */
  private record Reading(Path file) {
    private static final Map<String, Fusion.Result> RESULTS =
        Arrays.stream(Fusion.Result.values())
            .collect(Collectors.toMap(Fusion.Result::text, result -> result));

    RecordedReport report(JsonNode root) throws ReportException {
      JsonNode output = root.path("output");
      if (root.isObject() && root.has("fusions") && output.isNull()) {
        throw malformed("/output", "a file that was published", output);
      }
      return new RecordedReport(
          sha256(root.at("/source/sha256"), "/source/sha256"),
          sha256(output.path("sha256"), "/output/sha256"),
          text(root.path("mode"), "/mode"),
          text(root.path("rules"), "/rules"),
          changes(root.path("fusions")),
          operands(root.at("/equivalence/sites")));
    }

    private List<Change> changes(JsonNode fusions) throws ReportException {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < array(fusions, "/fusions").size(); i++) {
        JsonNode fusion = fusions.get(i);
        String place = "/fusions/" + i;
        RecordedFusion recorded =
            new RecordedFusion(
                text(fusion.path("rule"), place + "/rule"),
                string(fusion.path("scope"), place + "/scope"),
                nodes(fusion.path("nodes"), place + "/nodes"));
        Fusion.Result result = RESULTS.get(text(fusion.path("result"), place + "/result"));
        if (result == null) {
          throw malformed(place + "/result", "one of " + RESULTS.keySet(), fusion.path("result"));
        }
        if (result != Fusion.Result.UNCHANGED) {
          changes.add(
              new Change(recorded, result, epsilon(fusion.path("epsilon"), place + "/epsilon")));
        }
      }
      return changes;
    }

    private List<String> nodes(JsonNode nodes, String place) throws ReportException {
      List<String> labels = new ArrayList<>();
      for (JsonNode node : array(nodes, place)) {
        labels.add(string(node, place + "/" + labels.size()));
      }
      if (labels.isEmpty()) {
        throw malformed(place, "the nodes that were fused", nodes);
      }
      return labels;
    }

    private @Nullable Double epsilon(JsonNode epsilon, String place) throws ReportException {
      if (epsilon.isMissingNode() || epsilon.isNull()) {
        return null;
      }
      double value = epsilon.asDouble(-1);
      if (!epsilon.isNumber() || !(value >= 0) || Double.isInfinite(value)) {
        throw malformed(place, "a number of at least 0", epsilon);
      }
      return value;
    }

    private List<RecordedOperand> operands(JsonNode sites) throws ReportException {
      Set<RecordedOperand> operands = new LinkedHashSet<>();
      if (sites.isMissingNode()) {
        return List.of();
      }
      for (int i = 0; i < array(sites, "/equivalence/sites").size(); i++) {
        String place = "/equivalence/sites/" + i + "/operands";
        JsonNode of = sites.get(i).path("operands");
        for (int j = 0; !of.isMissingNode() && j < array(of, place).size(); j++) {
          operands.add(
              new RecordedOperand(
                  string(sites.get(i).path("scope"), "/equivalence/sites/" + i + "/scope"),
                  string(of.get(j).path("name"), place + "/" + j + "/name"),
                  sha256(of.get(j).path("sha256"), place + "/" + j + "/sha256")));
        }
      }
      return List.copyOf(operands);
    }

    private JsonNode array(JsonNode node, String place) throws ReportException {
      if (!node.isArray()) {
        throw malformed(place, "a list", node);
      }
      return node;
    }

    private String sha256(JsonNode node, String place) throws ReportException {
      if (!node.isTextual() || !node.textValue().matches("[0-9a-f]{64}")) {
        throw malformed(place, "a sha256 of 64 digits", node);
      }
      return node.textValue();
    }

    private String text(JsonNode node, String place) throws ReportException {
      if (string(node, place).isEmpty()) {
        throw malformed(place, "a word", node);
      }
      return node.textValue();
    }

    private String string(JsonNode node, String place) throws ReportException {
      if (!node.isTextual()) {
        throw malformed(place, "a string", node);
      }
      return node.textValue();
    }

    private ReportException malformed(String place, String expected, JsonNode found) {
      String kind = found.isMissingNode() ? "nothing" : shortened(found.toString());
      return new ReportException(file, place, expected, kind);
    }

    private static String shortened(String json) {
      return json.length() <= 60 ? json : json.substring(0, 60) + "…";
    }
  }
}
