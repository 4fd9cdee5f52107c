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
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.pipeline.run.TestRuns;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
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
  private static final int ENTRIES = Integer.getInteger("fusewright.entries", 100_000);

  @TempDir Path folder;

  @Test
  void a_large_catalogue_streams_and_makes_at_most_some_ten_thousand_splits() throws Exception {
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xmx" + (ENTRIES > 100_000 ? 512 : 64) + "m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                LargeCatalogueTest.class.getName(),
                folder.toString(),
                Integer.toString(ENTRIES))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int code = process.waitFor();
    assertThat(code).as(Files.readString(output)).isZero();
    assertThat(Files.readString(output)).contains(ENTRIES + " entries");
    System.err.println(Files.readString(output));
  }

  /** In the small heap. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    int entries = Integer.parseInt(arguments[1]);
    Path catalogue = folder.resolve("zoo.jsonl");
    write(catalogue, entries);

    PreparedCatalogue prepared =
        CataloguePreparation.prepare(
            Stores.forSingleFiles(StorageConfiguration.defaults()),
            Location.of(catalogue),
            folder.resolve("prepared.jsonl"));
    RunSpec run = TestRuns.spec(prepared, Location.of(folder), 2);
    CatalogueSource whole = CatalogueSource.whole(run);
    List<CatalogueSource> splits =
        whole.split(
            whole.getEstimatedSizeBytes(PipelineOptionsFactory.create()) / 2,
            PipelineOptionsFactory.create());
    long bytes = 0;
    for (CatalogueSource split : splits) {
      bytes += serialized(split);
    }
    if (splits.size() > SplitPlan.MOST || prepared.entries() != entries) {
      throw new AssertionError(splits.size() + " splits of " + prepared.entries());
    }
    System.err.printf(
        "%d entries, %d splits, %,d bytes of splits, heap of %,d bytes%n",
        prepared.entries(), splits.size(), bytes, Runtime.getRuntime().maxMemory());
  }

  private static void write(Path catalogue, int entries) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    try (BufferedWriter lines = Files.newBufferedWriter(catalogue)) {
      for (int i = 0; i < entries; i++) {
        lines.write(
            "{\"id\": \"team%d/model-%07d\", \"uri\": \"s3a://zoo/team%d/model-%07d.onnx\", \"size\": %d}%n"
                .formatted(i % 97, i, i % 97, i, random.nextLong(50_000, 10_000_000)));
      }
    }
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
