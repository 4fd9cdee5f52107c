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
package dev.fusewright.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.cli.ProgressLine.Seen;
import dev.fusewright.pipeline.run.RunFigures;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProgressLineTest {
  private static final PreparedCatalogue SIZED =
      new PreparedCatalogue(Location.of("/c.jsonl"), 1000, 1000, 4_000_000_000L);

  @Test
  void says_models_bytes_time_what_is_left_and_what_is_in_work() {
    Seen seen =
        new Seen(new RunFigures(500, 2_000_000_000L, 3), List.of("resnet50", "a\u001b[2J", "c"));

    assertThat(ProgressLine.of("fusing", SIZED, seen, Duration.ofSeconds(61)))
        .isEqualTo(
            "fusing  50 %  500 of 1,000 models  2.0 GB of 4.0 GB  3 not published  0:01:01,"
                + " about 0:01:01 left  now resnet50, a\\u001b[2J, and 1 more");
  }

  @Test
  void says_nothing_of_what_is_left_before_anything_is_done_or_when_all_is() {
    Seen nothing = new Seen(new RunFigures(0, 0, 0), List.of());
    Seen all = new Seen(new RunFigures(1000, 4_000_000_000L, 0), List.of());

    assertThat(ProgressLine.of("fusing", SIZED, nothing, Duration.ofHours(1)))
        .isEqualTo("fusing   0 %  0 of 1,000 models  0 bytes of 4.0 GB  1:00:00");
    assertThat(ProgressLine.of("verifying", SIZED, all, Duration.ofHours(1)))
        .isEqualTo("verifying 100 %  1,000 of 1,000 models  4.0 GB of 4.0 GB  1:00:00");
  }

  @Test
  void on_a_narrow_terminal_bytes_are_left_out_and_what_is_in_work_is_cut_off() {
    Seen seen = new Seen(new RunFigures(500, 1_000_000, 3), List.of("a-model-of-some-name"));
    Duration elapsed = Duration.ofMinutes(1);
    String whole = ProgressLine.of("fusing", SIZED, seen, elapsed);

    assertThat(ProgressLine.of("fusing", SIZED, seen, elapsed, 200)).isEqualTo(whole);
    assertThat(ProgressLine.of("fusing", SIZED, seen, elapsed, whole.length() - 1))
        .isEqualTo(whole.replace("  1.0 MB of 4.0 GB", ""));
    assertThat(ProgressLine.of("fusing", SIZED, seen, elapsed, 80))
        .hasSize(80)
        .endsWith("…")
        .contains("500 of 1,000 models  3 not published  0:01:00, about ");
  }

  @Test
  void without_sizes_the_models_are_what_counts() {
    PreparedCatalogue unsized = new PreparedCatalogue(Location.of("/c.jsonl"), 10, 9, 1_000);

    assertThat(
            ProgressLine.of(
                "fusing",
                unsized,
                new Seen(new RunFigures(5, 1_000_000, 0), List.of()),
                Duration.ofSeconds(10)))
        .isEqualTo("fusing  50 %  5 of 10 models  1.0 MB  0:00:10, about 0:00:10 left");
  }

  @Test
  void progress_is_drawn_on_a_terminal_and_written_elsewhere_unless_it_is_said() {
    assertThat(ProgressStyle.of("auto").on(/* isTerminal= */ true)).isEqualTo(ProgressStyle.DRAWN);
    assertThat(ProgressStyle.of("auto").on(/* isTerminal= */ false)).isEqualTo(ProgressStyle.PLAIN);
    assertThat(ProgressStyle.of("plain").on(/* isTerminal= */ true)).isEqualTo(ProgressStyle.PLAIN);
    assertThat(ProgressStyle.of("none").on(/* isTerminal= */ true)).isEqualTo(ProgressStyle.NONE);
    assertThatThrownBy(() -> ProgressStyle.of("bar"))
        .hasMessage("--progress: expected auto, plain or none, found 'bar'");
  }

  @Test
  void a_line_of_a_log_is_an_object_whoever_wrote_it() {
    Instant time = Instant.parse("2026-11-29T22:00:00Z");

    assertThat(JsonLog.object("WARN UpToDateCheck - not \"used\"", time))
        .isEqualTo(
            "{\"time\":\"2026-11-29T22:00:00Z\",\"level\":\"WARN\",\"logger\":\"UpToDateCheck\","
                + "\"message\":\"not \\\"used\\\"\"}");
    assertThat(JsonLog.object("fusewright: a: FAILED at read: b - c", time))
        .contains("\"level\":\"ERROR\",\"logger\":\"fusewright\",\"message\":\"a: FAILED at read");
    assertThat(JsonLog.object("fusewright: fusing  50 %  1 of 2 models", time))
        .contains("\"level\":\"INFO\"");
  }
}
