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
package dev.fusewright.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class RunSpecTest {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private static RunSpec withModelsPerWorker(int models) {
    Location folder = Location.of(Path.of("/nowhere"));
    PreparedCatalogue catalogue = new PreparedCatalogue(folder.resolve("catalogue.jsonl"), 1, 0, 0);
    return TestRuns.spec(catalogue, folder, models);
  }

  @Test
  void the_processors_of_a_worker_are_shared_out_among_its_slots() {
    assertThat(withModelsPerWorker(1).threads()).isEqualTo(PROCESSORS);
    assertThat(withModelsPerWorker(PROCESSORS).threads()).isEqualTo(1);
  }

  @Test
  void more_slots_than_processors_have_a_thread_each() {
    assertThat(withModelsPerWorker(PROCESSORS + 1).threads()).isEqualTo(1);
  }
}
