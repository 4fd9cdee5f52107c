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

import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RunTotalsTest {
  private static List<FusionReport> reports() {
    List<FusionReport> reports = new ArrayList<>();
    Outcome[] outcomes = Outcome.values();
    for (int i = 0; i < 200; i++) {
      Outcome outcome = outcomes[i % outcomes.length];
      FusionReport.Builder report =
          FusionReport.newBuilder(ExampleReports.full())
              .setId("m%03d".formatted(i))
              .setOutcome(outcome);
      if (outcome != Outcome.REJECTED && outcome != Outcome.FAILED) {
        report.setError(null);
      } else {
        report.setOutput(null);
      }
      reports.add(report.build());
    }
    return reports;
  }

  private static RunTotals sum(List<FusionReport> reports) {
    RunTotals totals = new RunTotals();
    reports.forEach(totals::add);
    return totals;
  }

  @Test
  void every_report_is_counted_once() {
    RunTotals totals = sum(reports());
    assertThat(totals.total()).isEqualTo(200);
    for (Outcome outcome : Outcome.values()) {
      assertThat(totals.count(outcome)).isEqualTo(40);
    }
    assertThat(totals.notPublished()).isEqualTo(80);
    assertThat(totals.droppedFusions()).isEqualTo(200);
    // Of those that are unchanged, nothing was read or written.
    assertThat(totals.bytesIn()).isEqualTo(160 * 5000);
    assertThat(totals.bytesOut()).isEqualTo(80 * 4000);
    assertThat(totals.fusions()).containsOnlyKeys("conv-batch-norm folded").containsValue(40L);
    assertThat(totals.refusals()).containsEntry("OTHER_USES", 200L);
  }

  @Test
  void what_each_level_found_is_counted() {
    RunTotals totals = sum(reports());
    assertThat(totals.levels().get("certificate")).isEqualTo(Map.of("EQUIVALENT", 200L));
    assertThat(totals.levels().get("whole model")).isEqualTo(Map.of("NOISE", 200L));
    RunSummary summary = new RunSummary("a-run", totals, 0, 1);
    assertThat(summary.json()).contains("\"whole_model\" : {").contains("\"noise\" : 200");
    assertThat(summary.markdown())
        .contains("| certificate | EQUIVALENT | 200 |", "| whole model | NOISE | 200 |");
  }

  @Test
  void a_summary_counts_what_was_dropped_by_level_and_reason_and_is_silent_where_nothing_was() {
    RunTotals totals = sum(reports());
    assertThat(totals.drops()).containsValue(200L);
    RunSummary summary = new RunSummary("a-run", totals, 0, 1);
    assertThat(summary.markdown()).contains("## Dropped", "| level and reason | count |");
    totals
        .drops()
        .forEach(
            (cause, count) ->
                assertThat(summary.markdown()).contains("| %s | %d |".formatted(cause, count)));
    RunTotals nothing =
        sum(List.of(FusionReport.newBuilder(ExampleReports.full()).setDropped(List.of()).build()));
    assertThat(new RunSummary("a-run", nothing, 0, 1).markdown()).doesNotContain("## Dropped");
  }

  @Test
  void the_order_and_the_parts_do_not_matter() {
    List<FusionReport> shuffled = reports();
    Collections.shuffle(shuffled, new Random(3));
    RunTotals parts = sum(shuffled.subList(0, 77));
    parts.add(sum(shuffled.subList(77, 200)));
    assertThat(parts).isEqualTo(sum(reports()));
  }

  @Test
  void a_summary_names_the_problems_and_says_how_many_it_left_out() {
    RunSummary summary = new RunSummary("a-run", sum(reports()), 0, 12.3456);
    assertThat(summary.json())
        .contains("\"seconds\" : 12.346", "\"rejected\" : 40", "\"dropped_fusions\" : 200");
    assertThat(summary.markdown())
        .contains("| **total** | **200** |", "| m003 | REJECTED | verify | it is different |")
        .contains("… and 30 more");
  }
}
