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

import com.fasterxml.jackson.databind.JsonNode;
import dev.fusewright.pipeline.beam.FuseRun;
import dev.fusewright.pipeline.beam.RemoteFlink;
import dev.fusewright.pipeline.beam.RunFigures;
import dev.fusewright.pipeline.beam.RunProgress;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Draws how far a run is, where somebody looks. */
final class ProgressWatcher {
  private static final long REDRAWN_EVERY_MS = 200;
  private static final long ASKED_EVERY_MS = 2000;

  private final boolean draws;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private @Nullable Thread thread;
  private @Nullable String watched;
  private volatile @Nullable JsonNode summary;

  ProgressWatcher(boolean draws) {
    this.draws = draws;
  }

  /** Watches a run of this process. */
  void start(FuseRun.Begun begun) {
    if (draws) {
      watched = begun.id();
      RunProgress progress = RunProgress.watch(begun.id());
      start(begun.catalogue(), REDRAWN_EVERY_MS, progress::figures);
    }
  }

  /** Watches a run of a cluster. */
  void start(PreparedCatalogue catalogue, FuseRun.Submitted run) {
    if (draws) {
      RemoteFlink cluster = RemoteFlink.at(run.cluster());
      start(catalogue, ASKED_EVERY_MS, () -> cluster.figures(run.job()));
    }
  }

  /** Says how far a run is. */
  private interface Source {
    RunFigures ask() throws IOException;
  }

  /** By bytes, where all sizes are known: the biggest models come first. By models otherwise. */
  private void start(PreparedCatalogue catalogue, long everyMs, Source source) {
    boolean isSized = catalogue.sized() == catalogue.entries();
    ProgressBarBuilder bar =
        new ProgressBarBuilder()
            .setTaskName("fusing")
            .setInitialMax(
                isSized
                    ? RunFigures.cost(catalogue.entries(), catalogue.bytes())
                    : catalogue.entries())
            .setUnit(isSized ? " MB" : " models", isSized ? 1 << 20 : 1)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new ConsoleProgressBarConsumer(System.err));
    draw(bar, everyMs, shown -> show(shown, source, catalogue, isSized));
  }

  private void show(ProgressBar bar, Source source, PreparedCatalogue catalogue, boolean isSized) {
    RunFigures figures;
    try {
      JsonNode ended = summary;
      figures = ended == null ? source.ask() : figures(ended, catalogue);
    } catch (IOException e) {
      return; // Whoever waits for the run's end will see whether it was lost.
    }
    bar.stepTo(isSized ? figures.cost() : figures.models());
    bar.setExtraMessage(
        "%,d of %,d models, %,d MB%s"
            .formatted(
                figures.models(),
                catalogue.entries(),
                figures.bytes() >> 20,
                figures.notPublished() == 0
                    ? ""
                    : ", %,d not published".formatted(figures.notPublished())));
  }

  /** A cluster may not have told the last of it. */
  private static RunFigures figures(JsonNode summary, PreparedCatalogue catalogue) {
    long notTried = summary.path("not_tried").asLong();
    boolean isAll = notTried == 0 && catalogue.sized() == catalogue.entries();
    return new RunFigures(
        catalogue.entries() - notTried,
        isAll ? catalogue.bytes() : summary.path("bytes_in").asLong(),
        summary.path("rejected").asLong() + summary.path("failed").asLong());
  }

  private void draw(ProgressBarBuilder builder, long everyMs, Consumer<ProgressBar> show) {
    thread =
        new Thread(
            () -> {
              try (ProgressBar bar = builder.build()) {
                do {
                  show.accept(bar);
                } while (!stopped.await(everyMs, TimeUnit.MILLISECONDS));
                show.accept(bar);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "progress");
    thread.setDaemon(true);
    thread.start();
  }

  /** Draws it as it ended. */
  void ended(JsonNode itsSummary) {
    summary = itsSummary;
    stop();
  }

  void stop() {
    stopped.countDown();
    if (thread != null) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread = null;
    }
    if (watched != null) {
      RunProgress.forget(watched);
    }
  }
}
