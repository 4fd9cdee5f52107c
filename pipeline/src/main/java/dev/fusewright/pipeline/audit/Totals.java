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
package dev.fusewright.pipeline.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.report.Outcome;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Totals of a run's summary, as the page shows them.
 *
 * @param outcomes how many models ended how, in the order of {@link Outcome}
 */
public record Totals(
    String runId,
    String models,
    String seconds,
    String bytesIn,
    String bytesOut,
    String notTried,
    Map<String, String> outcomes) {

  /** Of a {@code summary.json}. */
  static Totals of(JsonNode summary) {
    Map<String, String> outcomes = new LinkedHashMap<>();
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome.name(), count(summary, outcome.name().toLowerCase(Locale.ROOT)));
    }
    return new Totals(
        summary.path("run_id").asText(),
        count(summary, "total"),
        "%.1f".formatted(summary.path("seconds").asDouble()),
        count(summary, "bytes_in"),
        count(summary, "bytes_out"),
        count(summary, "not_tried"),
        outcomes);
  }

  private static String count(JsonNode summary, String field) {
    return "%,d".formatted(summary.path(field).asLong());
  }
}
