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
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Stops a run of which too many entries were rejected or failed: those that are being done are
 * finished, no more are begun, and the reports of all that were tried are written.
 *
 * <p>Workers count together in the run's folder, one empty file for each entry that failed, so that
 * this holds on a cluster, without whoever submitted the job, and an entry that is tried again
 * after a restart counts once. A store is asked only where there is a limit. Each start of a run
 * counts anew: going on under the same id after a stop begins at zero.
 */
public final class FailureLimit {
  private final Store store;
  private final Location folder;
  private final @Nullable Long most;
  private boolean reached;

  /** The limit of a run, if it has one. */
  public FailureLimit(RunSpec run, Store store) {
    this.store = store;
    this.folder = run.folder().location().resolve("failures/" + run.started().toEpochMilli());
    this.most = run.choices().maxFailures();
  }

  /** Whether nothing more is to be begun. */
  public boolean isReached() throws IOException {
    if (most != null && !reached) {
      reached = store.status(stopped()).isPresent();
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
    if (store.list(folder.resolve("*.failed")).size() > most) {
      store.publish(new byte[0], stopped());
      reached = true;
    }
  }

  private Location stopped() {
    return folder.resolve("_STOPPED");
  }
}
