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
import dev.fusewright.pipeline.cli.ProgressLine.Seen;
import dev.fusewright.pipeline.run.ClusterJob;
import dev.fusewright.pipeline.run.FuseRun;
import dev.fusewright.pipeline.run.RunFigures;
import dev.fusewright.pipeline.run.RunProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** Shows how far a run is: one line that is drawn anew, or a line every so often. */
final class ProgressWatcher {
  private static final long REDRAWN_EVERY_MS = 500;
  private static final long ASKED_EVERY_MS = 2000;

  /** How long a process that is being ended waits for the last line. */
  private static final long LAST_LINE_MS = 1000;

  private final ProgressStyle style;
  private final String verb;
  private final PrintWriter err;
  private final Duration every;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private @Nullable Thread thread;
  private @Nullable String watchedHere;
  private volatile @Nullable JsonNode summary;

  /**
   * A watcher.
   *
   * @param style never {@link ProgressStyle#AUTO}
   * @param verb what is done with models, such as {@code fusing}
   * @param every between two lines where none is drawn anew
   */
  ProgressWatcher(ProgressStyle style, String verb, PrintWriter err, Duration every) {
    this.style = style;
    this.verb = verb;
    this.err = err;
    this.every = every;
  }

  /** Watches a run of this process. */
  void start(FuseRun.Begun run) {
    if (style != ProgressStyle.NONE) {
      watchedHere = run.id();
      RunProgress progress = RunProgress.watch(run.id());
      show(
          run.catalogue(), REDRAWN_EVERY_MS, () -> new Seen(progress.figures(), progress.inWork()));
    }
  }

  /** Watches a run of a cluster; of one without work there is nothing to see. */
  void start(FuseRun.Begun run, ClusterJob job) {
    if (style != ProgressStyle.NONE && run.catalogue().entries() > 0) {
      show(run.catalogue(), ASKED_EVERY_MS, () -> new Seen(job.figures(), List.of()));
    }
  }

  /** Says how far a run is. */
  private interface Asked {
    Seen seen() throws IOException;
  }

  private void show(PreparedCatalogue catalogue, long drawnEveryMs, Asked asked) {
    thread =
        new Thread(
            () -> {
              Shown shown = new Shown(catalogue, asked);
              if (style == ProgressStyle.DRAWN) {
                shown.draw(drawnEveryMs);
              } else {
                shown.write();
              }
            },
            "progress");
    thread.setDaemon(true);
    thread.start();
  }

  /** What is shown of one run, by one thread. */
  private final class Shown {
    private final PreparedCatalogue catalogue;
    private final Asked asked;
    private final long began = System.nanoTime();
    private volatile Seen last = new Seen(new RunFigures(0, 0, 0), List.of());

    Shown(PreparedCatalogue catalogue, Asked asked) {
      this.catalogue = catalogue;
      this.asked = asked;
    }

    private Duration elapsed() {
      return Duration.ofNanos(System.nanoTime() - began);
    }

    /** The library draws: it knows when to begin a line anew. */
    void draw(long everyMs) {
      // Of a width that it is told: looking for one, it would have Ctrl-C end the process at once.
      int width = Terminal.width() - 1;
      ProgressBarBuilder builder =
          new ProgressBarBuilder()
              .setRenderer((state, most) -> ProgressLine.of(verb, catalogue, last, elapsed(), most))
              .setUpdateIntervalMillis((int) everyMs)
              .continuousUpdate()
              .setConsumer(new ConsoleProgressBarConsumer(System.err, width));
      try (ProgressBar bar = builder.build()) {
        untilStopped(everyMs, () -> {});
        end();
      }
    }

    /** A line every so often, and one at the end of a run that took as long. */
    void write() {
      untilStopped(
          every.toMillis(),
          () -> err.println("fusewright: " + ProgressLine.of(verb, catalogue, last, elapsed())));
    }

    private void untilStopped(long everyMs, Runnable each) {
      boolean goesOn = true;
      while (goesOn) {
        try {
          goesOn = !stopped.await(everyMs, TimeUnit.MILLISECONDS);
          last = asked.seen();
          if (goesOn) {
            each.run();
          }
        } catch (InterruptedException e) {
          goesOn = false;
        } catch (IOException | RuntimeException e) {
          // Whoever waits for the run's end will see whether it was lost.
        }
      }
    }

    private void end() {
      JsonNode ended = summary;
      if (ended != null && watchedHere == null) {
        last = new Seen(atEnd(ended, catalogue, last.figures()), List.of());
      }
    }
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

  /** Shows it as it ended. */
  void ended(JsonNode itsSummary) {
    summary = itsSummary;
    stop();
  }

  /** Shows nothing more: something is about to be said, and the process ends. */
  void interrupt() {
    stopped.countDown();
    Thread showing = thread;
    if (showing != null) {
      try {
        showing.join(LAST_LINE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
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
