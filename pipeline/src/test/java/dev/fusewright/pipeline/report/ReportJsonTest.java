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

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.report.FusionReport;
import org.junit.jupiter.api.Test;

final class ReportJsonTest {
  private final FusionReport report = ExampleReports.full();

  private JsonNode json() throws Exception {
    return new ObjectMapper().readTree(ReportJson.print(report));
  }

  @Test
  void the_contracts_fields_are_there_under_its_names() throws Exception {
    JsonNode json = json();
    for (String field :
        new String[] {
          "/outcome",
          "/format",
          "/mode",
          "/fusions/0/rule",
          "/fusions/0/module",
          "/fusions/0/nodes/0",
          "/fusions/0/result",
          "/refusals/0/rule",
          "/refusals/0/nodes/0",
          "/refusals/0/reason",
          "/refusals/0/message",
          "/dropped",
          "/before/nodes",
          "/before/parameters",
          "/before/bytes",
          "/before/operators/Conv",
          "/after/nodes",
          "/equivalence/verdict",
          "/equivalence/levels/certificate/verdict",
          "/equivalence/levels/site/reason",
          "/equivalence/levels/model/verdict",
          "/equivalence/samples",
          "/equivalence/seed",
          "/equivalence/outputs/0/name",
          "/equivalence/outputs/0/max_abs",
          "/equivalence/outputs/0/max_rel",
          "/equivalence/outputs/0/mean_abs",
          "/equivalence/outputs/0/cosine",
          "/equivalence/outputs/0/snr_db",
          "/equivalence/outputs/0/noise_floor",
          "/equivalence/outputs/0/tolerance",
          "/equivalence/sites/0/site/verdict",
          "/timings_ms/fetch",
          "/error/stage",
          "/error/type",
          "/error/message",
          "/error/retryable"
        }) {
      assertThat(json.at(field).isMissingNode()).as(field).isFalse();
    }
    assertThat(json.get("outcome").asText()).isEqualTo("REJECTED");
    assertThat(json.at("/equivalence/outputs/0/max_abs").asDouble()).isEqualTo(1.5e-7);
    assertThat(json.at("/started").asText()).isEqualTo("2026-03-01T12:00:00.123Z");
  }

  @Test
  void a_number_that_is_not_finite_is_null() throws Exception {
    assertThat(json().at("/equivalence/outputs/0/snr_db").isNull()).isTrue();
  }

  @Test
  void a_line_is_one_line_and_says_the_same() throws Exception {
    String line = ReportJson.printLine(report);
    assertThat(line).doesNotContain("\n");
    assertThat(new ObjectMapper().readTree(line)).isEqualTo(json());
  }
}
