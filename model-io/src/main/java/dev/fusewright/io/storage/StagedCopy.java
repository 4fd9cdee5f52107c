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
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file on its way from a store to this machine. When reading breaks off it goes on where it
 * stopped, as long as there is progress and the file is the same.
 */
final class StagedCopy {
  private static final Logger LOG = LoggerFactory.getLogger(StagedCopy.class);
  private static final int BUFFER = 1 << 18;
  private static final int TRIES_WITHOUT_PROGRESS = 4;

  private final Store store;
  private final StoredFile source;
  private final OutputStream out;
  private final MessageDigest digest;
  private final FetchDeadline.Progress progress;
  private final byte[] buffer = new byte[BUFFER];
  private long copied;

  StagedCopy(
      Store store,
      StoredFile source,
      OutputStream out,
      MessageDigest digest,
      FetchDeadline.Progress progress) {
    this.store = store;
    this.source = source;
    this.out = out;
    this.digest = digest;
    this.progress = progress;
  }

  /** Copies all of it. */
  void run() throws IOException {
    Backoff backoff = new Backoff(TRIES_WITHOUT_PROGRESS);
    while (copied < source.bytes()) {
      long before = copied;
      IOException broken = readOn();
      if (copied > source.bytes()) {
        throw new ReplacedFileException(source.location());
      }
      if (copied < source.bytes()) {
        IOException failure = broken == null ? cutShort() : broken;
        if (!StorageErrors.isTransient(failure) || failure instanceof ReplacedFileException) {
          throw failure;
        }
        LOG.warn(
            "{}: reading broke off at byte {}: {}", source.location(), copied, failure.toString());
        if (copied > before) {
          backoff.reset();
        }
        backoff.pauseOrThrow(failure);
      }
    }
  }

  /**
   * Reads to the end.
   *
   * @return why it was not reached; null if it was
   * @throws IOException if what was read cannot be written
   */
  private @Nullable IOException readOn() throws IOException {
    InputStream in;
    try {
      in = store.open(source, copied);
    } catch (IOException e) {
      return e;
    }
    try {
      while (true) {
        int n;
        try {
          n = in.read(buffer);
        } catch (IOException e) {
          return e;
        }
        if (n < 0) {
          return null;
        }
        progress.made();
        digest.update(buffer, 0, n);
        out.write(buffer, 0, n);
        copied += n;
      }
    } finally {
      closeQuietly(in);
    }
  }

  /** Everything has been read, or will be read anew. */
  private void closeQuietly(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      LOG.debug("{}: closing failed", source.location(), e);
    }
  }

  private IOException cutShort() {
    return new IOException(
        "%s: expected %d bytes, as the store says, found %d; it is cut short, or was replaced meanwhile"
            .formatted(source.location(), source.bytes(), copied));
  }
}
