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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.run.RunFigures;
import org.junit.jupiter.api.Test;

final class ProgressWatcherTest {
  /** What Flink gathered some seconds before the end. */
  private static final RunFigures LAST = new RunFigures(70, 7_000, 1);

  private static PreparedCatalogue catalogue(long sized) {
    return new PreparedCatalogue(Location.of("/catalogue.jsonl"), 100, sized, 100 * sized);
  }

  private static JsonNode summary(long notTried, long bytesIn) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("not_tried", notTried)
        .put("rejected", 2)
        .put("failed", 3)
        .put("bytes_in", bytesIn);
  }

  @Test
  void a_run_that_is_complete_is_drawn_as_complete() {
    assertThat(ProgressWatcher.atEnd(summary(0, 9_000), catalogue(100), LAST))
        .isEqualTo(new RunFigures(100, 10_000, 5));
  }

  @Test
  void bytes_that_the_catalogue_does_not_know_are_those_that_were_read_or_seen() {
    assertThat(ProgressWatcher.atEnd(summary(0, 9_000), catalogue(99), LAST))
        .isEqualTo(new RunFigures(100, 9_000, 5));
    assertThat(ProgressWatcher.atEnd(summary(0, 500), catalogue(99), LAST))
        .as("most were unchanged, and nothing was read of them")
        .isEqualTo(new RunFigures(100, 7_000, 5));
  }

  @Test
  void what_was_not_tried_is_not_drawn_as_done() {
    assertThat(ProgressWatcher.atEnd(summary(20, 7_500), catalogue(100), LAST))
        .isEqualTo(new RunFigures(80, 7_500, 5));
  }
}
