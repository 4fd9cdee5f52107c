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
package dev.fusewright.pipeline.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.beam.LargeCatalogue;
import dev.fusewright.pipeline.beam.PipelineArguments;
import dev.fusewright.pipeline.beam.ReadCatalogue;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Flink reads a large catalogue, in a heap of 512 MB with everything else that an embedded run has:
 * a hundred thousand entries by default, a million with {@code -Dfusewright.entries=1000000}.
 */
@UsesFlink
@UsesProcesses
final class LargeCatalogueReadTest {
  @TempDir Path folder;

  @Test
  void every_entry_is_read_once() throws Exception {
    String output = LargeCatalogue.inJvm(folder, LargeCatalogueReadTest.class, 512);
    assertThat(output).contains(LargeCatalogue.ENTRIES + " entries read");
    System.err.println(output);
  }

  /** In the small heap. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    Path catalogue = LargeCatalogue.write(folder, Integer.parseInt(arguments[1]));
    long began = System.nanoTime();
    Pipeline pipeline =
        Pipeline.create(
            FlinkOptions.of(
                PipelineArguments.of(List.of("--parallelism=2")),
                Files.createDirectory(folder.resolve("conf"))));
    pipeline
        .apply(
            ReadCatalogue.prepare(
                Location.of(catalogue),
                Location.of(folder.resolve("prepared.jsonl")),
                StorageConfiguration.defaults()))
        .apply(ParDo.of(new CountEntries()));
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    long read = 0;
    for (var counter :
        result.metrics().queryMetrics(MetricsFilter.builder().build()).getCounters()) {
      read += counter.getName().getName().equals(CountEntries.READ) ? counter.getAttempted() : 0;
    }
    System.err.printf(
        "%d entries read in %d ms, heap of %,d bytes%n",
        read, (System.nanoTime() - began) / 1_000_000, Runtime.getRuntime().maxMemory());
    System.exit(0);
  }

  private static final class CountEntries extends DoFn<CatalogueEntry, Void> {
    private static final long serialVersionUID = 1L;
    static final String READ = "entries_read";

    private final Counter read = Metrics.counter(CountEntries.class, READ);

    @ProcessElement
    public void count() {
      read.inc();
    }
  }
}
