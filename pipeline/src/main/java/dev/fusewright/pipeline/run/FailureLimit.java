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

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stops a run of which too many entries were rejected or failed: those that are being done are
 * finished, no more are begun, and the reports of all that were tried are written.
 *
 * <p>Workers count together in the run's folder, one empty file for each entry that failed, so that
 * this holds on a cluster, without whoever submitted the job, and an entry that is tried again
 * after a restart counts once. What one process counts it knows by itself; what others counted it
 * learns from a listing, at most one in {@link #PATIENCE} and only after a failure of its own. A
 * store is asked only where there is a limit. Each start of a run counts anew: going on under the
 * same id after a stop begins at zero.
 */
public final class FailureLimit {
  /** So long a process may go on before it learns that others have failures too. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /** By folder: what this process has counted. */
  private static final Map<Location, Count> COUNTS = new ConcurrentHashMap<>();

  private final Store store;
  private final Location folder;
  private final @Nullable Long most;
  private final InstantSource time;
  private final Count count;
  private boolean reached;

  /** The limit of a run, if it has one. */
  public FailureLimit(RunSpec run, Store store) {
    this(run, store, InstantSource.system());
  }

  /** The same, by another clock. */
  FailureLimit(RunSpec run, Store store, InstantSource time) {
    this(run, store, time, COUNTS.computeIfAbsent(folder(run), location -> new Count()));
  }

  /** The same, as another process has it. */
  FailureLimit(RunSpec run, Store store, InstantSource time, Count count) {
    this.store = store;
    this.folder = folder(run);
    this.most = run.choices().maxFailures();
    this.time = time;
    this.count = count;
  }

  private static Location folder(RunSpec run) {
    return run.folder().location().resolve("failures/" + run.started().toEpochMilli());
  }

  /** Failures that the threads of one process have counted together. */
  static final class Count {
    private final Set<UUID> failed = new HashSet<>();
    private boolean isNews;
    private Instant listed = Instant.EPOCH;

    /** Adds one; how many there are. */
    private synchronized int add(UUID name) {
      isNews |= failed.add(name);
      return failed.size();
    }

    /** Whether others are to be asked now, which is then taken for done. */
    private synchronized boolean isDue(Instant now) {
      boolean due = isNews && !now.isBefore(listed.plus(PATIENCE));
      if (due) {
        isNews = false;
        listed = now;
      }
      return due;
    }
  }

  /** Whether nothing more is to be begun. */
  public boolean isReached() throws IOException {
    if (most != null && !reached) {
      askOthers(most);
      reached |= store.status(stopped()).isPresent();
    }
    return reached;
  }

  /** Counts an entry that was rejected or failed. */
  public void countFailure(String id) throws IOException {
    if (most == null || reached) {
      return;
    }
    // A name of a fixed length, whatever the id is.
    UUID name = UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8));
    store.publish(new byte[0], folder.resolve(name + ".failed"));
    if (count.add(name) > most) {
      stop();
    } else {
      askOthers(most);
    }
  }

  private void askOthers(long limit) throws IOException {
    if (count.isDue(time.instant()) && store.list(folder.resolve("*.failed")).size() > limit) {
      stop();
    }
  }

  private void stop() throws IOException {
    store.publish(new byte[0], stopped());
    reached = true;
  }

  private Location stopped() {
    return folder.resolve("_STOPPED");
  }
}
