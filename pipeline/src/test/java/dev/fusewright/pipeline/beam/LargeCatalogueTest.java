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
package dev.fusewright.pipeline.beam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.pipeline.run.TestRuns;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A large catalogue in a small heap, in a JVM of its own: checked, written down, dealt out to
 * splits. A hundred thousand entries in 64 MB by default; {@code -Dfusewright.entries=1000000}
 * takes a million in 512 MB.
 */
@UsesProcesses
final class LargeCatalogueTest {
  @TempDir Path folder;

  @Test
  void a_large_catalogue_streams_and_makes_at_most_some_ten_thousand_splits() throws Exception {
    int megabytes = LargeCatalogue.ENTRIES > 100_000 ? 512 : 64;
    String output = LargeCatalogue.inJvm(folder, LargeCatalogueTest.class, megabytes);
    assertThat(output).contains(LargeCatalogue.ENTRIES + " entries");
    System.err.println(output);
  }

  /** In the small heap. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    int entries = Integer.parseInt(arguments[1]);
    Path catalogue = LargeCatalogue.write(folder, entries);
    long began = System.nanoTime();
    PreparedCatalogue prepared = LargeCatalogue.prepare(catalogue);
    long isPrepared = System.nanoTime();
    RunSpec run = TestRuns.spec(prepared, Location.of(folder), 2);
    CatalogueSource whole = CatalogueSource.whole(run.storage(), run.settled().left());
    PipelineOptions options = PipelineOptionsFactory.create();
    long isPlanned = System.nanoTime();
    List<CatalogueSource> splits = whole.split(whole.getEstimatedSizeBytes(options) / 2, options);
    long isSplit = System.nanoTime();
    long bytes = 0;
    for (CatalogueSource split : splits) {
      bytes += serialized(split);
    }
    if (splits.size() > SplitPlan.MOST || prepared.entries() != entries) {
      throw new AssertionError(splits.size() + " splits of " + prepared.entries());
    }
    System.err.printf(
        "%d entries, %d splits, %,d bytes of splits, %,d of the whole, heap of %,d bytes;"
            + " ms: checked and written %d, planned %d, split %d%n",
        prepared.entries(),
        splits.size(),
        bytes,
        serialized(whole),
        Runtime.getRuntime().maxMemory(),
        (isPrepared - began) / 1_000_000,
        (isPlanned - isPrepared) / 1_000_000,
        (isSplit - isPlanned) / 1_000_000);
  }

  private static long serialized(CatalogueSource split) throws IOException {
    long[] count = {0};
    OutputStream counter =
        new OutputStream() {
          @Override
          public void write(int b) {
            count[0]++;
          }
        };
    try (ObjectOutputStream out = new ObjectOutputStream(counter)) {
      out.writeObject(split);
    }
    return count[0];
  }
}
