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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.pipeline.report.ExampleReports;
import dev.fusewright.report.EquivalenceRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.LevelRecord;
import dev.fusewright.report.OutputFiguresRecord;
import dev.fusewright.report.OutputFile;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private final FusionReport model = ExampleRun.fused("a");

  @Test
  void a_model_that_is_as_it_was_is_no_change() {
    assertThat(change(model, model)).isNull();
  }

  @Test
  void a_model_that_is_no_longer_published_is_now_failing_and_the_reverse_recovered() {
    assertThat(change(model, ExampleRun.rejected("a", "no"))).isEqualTo(Change.NOW_FAILING);
    assertThat(change(ExampleRun.rejected("a", "no"), model)).isEqualTo(Change.RECOVERED);
  }

  @Test
  void a_verdict_on_fewer_levels_is_worse_and_one_on_more_is_not() {
    FusionReport whole = withWholeModel(model);

    assertThat(change(whole, model)).isEqualTo(Change.VERDICT_WORSE);
    assertThat(change(model, whole)).isNull();
  }

  @Test
  void an_error_more_than_twice_as_large_is_worse_unless_it_is_a_hundredth_of_the_tolerance() {
    assertThat(change(withError(0.1), withError(0.3))).isEqualTo(Change.ERROR_WORSE);
    assertThat(change(withError(0), withError(0.3))).isEqualTo(Change.ERROR_WORSE);
    assertThat(change(withError(0.1), withError(0.15))).isNull();
    assertThat(change(withError(0.001), withError(0.009))).isNull();
  }

  @Test
  void a_model_that_was_not_run_before_has_no_worse_error() {
    FusionReport notRun =
        FusionReport.newBuilder(model)
            .setEquivalence(
                EquivalenceRecord.newBuilder(model.getEquivalence()).setOutputs(List.of()).build())
            .build();

    assertThat(change(notRun, withError(0.9))).isNull();
  }

  @Test
  void fusions_that_came_and_went_are_told() {
    FusionReport none = FusionReport.newBuilder(model).setFusions(List.of()).build();

    assertThat(change(none, model)).isEqualTo(Change.NEWLY_FUSED);
    assertThat(change(model, none)).isEqualTo(Change.FUSES_LESS);
  }

  @Test
  void another_output_is_a_change_and_another_id_is_new() {
    FusionReport other =
        FusionReport.newBuilder(model)
            .setOutput(OutputFile.newBuilder(model.getOutput()).setSha256("00").build())
            .build();

    assertThat(change(model, other)).isEqualTo(Change.CHANGED);
    assertThat(change(model, ExampleRun.fused("b"))).isEqualTo(Change.NEW);
  }

  @Test
  void models_that_left_are_counted() {
    Changes changes = new Changes();
    changes.addBefore(model);
    changes.addBefore(ExampleRun.fused("b"));
    changes.of(model);

    assertThat(changes.gone()).isEqualTo(1);
    assertThat(changes.gone(5)).containsExactly("b");
  }

  private static @Nullable Change change(FusionReport before, FusionReport now) {
    Changes changes = new Changes();
    changes.addBefore(before);
    return changes.of(now).orElse(null);
  }

  private FusionReport withError(double ratio) {
    OutputFiguresRecord figures = model.getEquivalence().getOutputs().get(0);
    return FusionReport.newBuilder(model)
        .setEquivalence(
            EquivalenceRecord.newBuilder(model.getEquivalence())
                .setOutputs(
                    List.of(
                        OutputFiguresRecord.newBuilder(figures)
                            .setError(ratio * figures.getTolerance())
                            .build()))
                .build())
        .build();
  }

  private static FusionReport withWholeModel(FusionReport report) {
    FusionReport copy = FusionReport.newBuilder(ExampleReports.full()).build();
    copy.getEquivalence()
        .getLevels()
        .put(
            "model",
            LevelRecord.newBuilder().setVerdict("EQUIVALENT").setReason("the same").build());
    return FusionReport.newBuilder(report).setEquivalence(copy.getEquivalence()).build();
  }
}
