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

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.catalogue.CatalogueEntry;
import dev.fusewright.pipeline.catalogue.EntryJson;
import dev.fusewright.pipeline.report.ReportBuffer;
import dev.fusewright.pipeline.report.RunTotals;
import dev.fusewright.pipeline.run.ClusterJob;
import dev.fusewright.pipeline.run.RunCompletion;
import dev.fusewright.pipeline.run.RunFailedException;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.pipeline.run.Submitter;
import dev.fusewright.pipeline.run.Workers;
import dev.fusewright.report.FusionReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Does a run's work without an engine, one entry after the other and always in the same order: what
 * a run on Flink does, where a hundred of them would take too long.
 */
public final class InThisThread implements Submitter {
  @Override
  public boolean isDetached() {
    return false;
  }

  @Override
  public Prepared prepare(String jobName, Path scratch) {
    return Work::new;
  }

  private static final class Work implements Workers {
    @Override
    public Place place() {
      return Place.EMBEDDED;
    }

    @Override
    public int modelsPerWorker() {
      return 1;
    }

    @Override
    public void runToEnd(RunSpec run, Consumer<ClusterJob> submitted) throws RunFailedException {
      try {
        ReportBuffer reports = new ReportBuffer();
        for (FusionReport report : fused(run)) {
          reports.add(report);
        }
        Location folder = run.folder().location();
        String name = "only.avro";
        new WriteAttempts(folder, run.storage(), run.writer()).write(reports, name);
        RunTotals all = run.settled().totals();
        all.add(
            new WritePart(folder, run.storage(), run.writer(), run.shards())
                .write(0, List.of(name)));
        RunCompletion.complete(run, all);
      } catch (IOException | IllegalStateException e) {
        throw RunFailedException.onTheWay(run, String.valueOf(e.getMessage()), e);
      }
    }

    private static List<FusionReport> fused(RunSpec run) throws IOException {
      List<FusionReport> reports = new ArrayList<>();
      FuseFn fuse = new FuseFn(FuseConfiguration.of(run), run);
      fuse.start();
      try {
        for (CatalogueEntry entry : entries(run)) {
          reports.add(Objects.requireNonNull(fuse.fuse(entry), "nothing limits failures here"));
        }
        fuse.finish();
      } finally {
        fuse.stop();
      }
      return reports;
    }

    private static List<CatalogueEntry> entries(RunSpec run) throws IOException {
      try (var catalogue = run.store().open(run.settled().left().location())) {
        return new String(catalogue.readAllBytes(), UTF_8)
            .lines()
            .map(EntryJson::prepared)
            .toList();
      }
    }

    @Override
    public ClusterJob handOver(RunSpec run) {
      throw new IllegalArgumentException("nobody would do it");
    }
  }
}
