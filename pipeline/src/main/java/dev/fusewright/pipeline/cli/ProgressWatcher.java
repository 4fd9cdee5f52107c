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
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.run.ClusterJob;
import dev.fusewright.pipeline.run.FuseRun;
import dev.fusewright.pipeline.run.RunFigures;
import dev.fusewright.pipeline.run.RunProgress;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
  private @Nullable String watchedHere;
  private volatile @Nullable JsonNode summary;

  ProgressWatcher(boolean draws) {
    this.draws = draws;
  }

  /** Watches a run of this process. */
  void start(FuseRun.Begun run) {
    if (draws) {
      watchedHere = run.id();
      RunProgress progress = RunProgress.watch(run.id());
      draw(run.catalogue(), REDRAWN_EVERY_MS, progress::figures);
    }
  }

  /** Watches a run of a cluster; of one without work there is nothing to see. */
  void start(FuseRun.Begun run, ClusterJob job) {
    if (draws && run.catalogue().entries() > 0) {
      draw(run.catalogue(), ASKED_EVERY_MS, job::figures);
    }
  }

  /** Says how far a run is. */
  private interface Asked {
    RunFigures figures() throws IOException;
  }

  /** By bytes, where all sizes are known: the biggest models come first. By models otherwise. */
  private void draw(PreparedCatalogue catalogue, long everyMs, Asked asked) {
    boolean isSized = catalogue.sized() == catalogue.entries();
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName("fusing")
            .setInitialMax(
                isSized
                    ? RunFigures.cost(catalogue.entries(), catalogue.bytes())
                    : catalogue.entries())
            .setUnit(isSized ? " MB" : " models", isSized ? 1 << 20 : 1)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new ConsoleProgressBarConsumer(System.err));
    thread =
        new Thread(
            () -> {
              try (ProgressBar bar = builder.build()) {
                RunFigures last = untilStopped(bar, catalogue, everyMs, asked);
                JsonNode ended = summary;
                if (ended != null && watchedHere == null) {
                  show(bar, catalogue, atEnd(ended, catalogue, last));
                }
              }
            },
            "progress");
    thread.setDaemon(true);
    thread.start();
  }

  /** What was shown last. */
  private RunFigures untilStopped(
      ProgressBar bar, PreparedCatalogue catalogue, long everyMs, Asked asked) {
    RunFigures last = new RunFigures(0, 0, 0);
    boolean goesOn = true;
    while (goesOn) {
      try {
        goesOn = !stopped.await(everyMs, TimeUnit.MILLISECONDS);
        last = asked.figures();
        show(bar, catalogue, last);
      } catch (InterruptedException e) {
        goesOn = false;
      } catch (IOException | RuntimeException e) {
        // Whoever waits for the run's end will see whether it was lost.
      }
    }
    return last;
  }

  private static void show(ProgressBar bar, PreparedCatalogue catalogue, RunFigures figures) {
    boolean isSized = catalogue.sized() == catalogue.entries();
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

  /** How far a run came that a cluster may not have told the last of. */
  static RunFigures atEnd(JsonNode summary, PreparedCatalogue catalogue, RunFigures last) {
    long notTried = summary.path("not_tried").asLong();
    boolean isAll = notTried == 0 && catalogue.sized() == catalogue.entries();
    return new RunFigures(
        catalogue.entries() - notTried,
        isAll ? catalogue.bytes() : Math.max(last.bytes(), summary.path("bytes_in").asLong()),
        summary.path("rejected").asLong() + summary.path("failed").asLong());
  }

  /** Draws it as it ended. */
  void ended(JsonNode itsSummary) {
    summary = itsSummary;
    stop();
  }

  void stop() {
    stopped.countDown();
    if (thread != null) {
      if (watchedHere == null) {
        thread.interrupt(); // A cluster that does not answer is not waited for.
      }
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread = null;
    }
    if (watchedHere != null) {
      RunProgress.forget(watchedHere);
    }
  }
}
