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
import java.io.InterruptedIOException;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses between tries, each longer than the one before. */
final class Backoff {
  private static final long FIRST_MS = 250;
  private static final int GROWTH = 3;

  private final int tries;
  private int failures;

  Backoff(int tries) {
    this.tries = tries;
  }

  /** What failed has got further than before. */
  void reset() {
    failures = 0;
  }

  /** Pauses after a failure; throws it if it was the last. */
  void pauseOrThrow(IOException failure) throws IOException {
    failures++;
    if (failures >= tries) {
      throw failure;
    }
    long pause = FIRST_MS;
    for (int i = 1; i < failures; i++) {
      pause *= GROWTH;
    }
    try {
      // Not all at the same moment: many workers lose one server together.
      Thread.sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted after " + failure);
      interrupted.initCause(failure);
      throw interrupted;
    }
  }
}
