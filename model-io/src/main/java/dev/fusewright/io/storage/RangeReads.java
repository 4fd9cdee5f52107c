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
package dev.fusewright.io.storage;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads ranges of stored files, always of the very version that was seen. Each range has the
 * deadline of a fetch, and is read anew when it breaks off in a way that may pass. Safe for use by
 * several threads.
 */
public final class RangeReads {
  private static final Logger LOG = LoggerFactory.getLogger(RangeReads.class);
  private static final int TRIES = 4;

  private final Store store;
  private final Duration deadline;

  /**
   * Reads from a store.
   *
   * @param deadline how long a source may give no byte
   */
  public RangeReads(Store store, Duration deadline) {
    this.store = store;
    this.deadline = deadline;
  }

  /** Does something that nobody waits for yet, such as reading ahead, on another thread. */
  public void ahead(Runnable reading) {
    FetchDeadline.leave(reading);
  }

  /**
   * Asks for a file once more. Where there are no etags, a range is read of what was the version
   * seen just before; only this tells of the last one.
   *
   * @throws ReplacedFileException if it is another one now
   */
  public void requireSame(StoredFile seen) throws IOException {
    Optional<StoredFile> now =
        FetchDeadline.run(
            deadline, seen.location().toString(), progress -> store.status(seen.location()));
    if (!now.equals(Optional.of(seen))) {
      throw new ReplacedFileException(seen.location());
    }
  }

  /**
   * Reads a range.
   *
   * @param position of its first byte; it ends within the file
   * @throws ReplacedFileException if the file is another one now
   * @throws StalledSourceException if the source gave nothing for so long
   */
  public byte[] read(StoredFile file, long position, int length) throws IOException {
    Backoff backoff = new Backoff(TRIES);
    while (true) {
      try {
        return FetchDeadline.run(
            deadline, file.location().toString(), progress -> store.read(file, position, length));
      } catch (ReplacedFileException | StalledSourceException e) {
        throw e;
      } catch (IOException e) {
        if (Thread.currentThread().isInterrupted() || !StorageErrors.isTransient(e)) {
          throw e;
        }
        LOG.warn("{}: reading broke off at byte {}: {}", file.location(), position, e.toString());
        backoff.pauseOrThrow(e);
      }
    }
  }
}
