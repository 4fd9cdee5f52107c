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
package dev.fusewright.pipeline.report;

import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.report.FileState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Comparison of a file's recorded status with its status now. */
public final class FileStates {
  /**
   * Two changes within so long may bear the same time: file systems count in ticks, some in whole
   * seconds.
   */
  public static final Duration GRANULARITY = Duration.ofSeconds(2);

  private FileStates() {}

  /** How a file looks now. */
  public static FileState of(StoredFile file, @Nullable String sha256) {
    return FileState.newBuilder()
        .setUri(file.location().toString())
        .setBytes(file.bytes())
        .setModified(file.modified().truncatedTo(ChronoUnit.MILLIS))
        .setEtag(file.etag())
        .setSha256(sha256)
        .build();
  }

  /** Result of comparing a file's statuses without reading it. */
  public enum Likeness {
    SAME,
    /** It has the size that it had, and only its content can tell. */
    UNCERTAIN,
    DIFFERENT
  }

  /**
   * Whether a file is what was read.
   *
   * @param read when it was read, by the clock of whoever read it
   */
  public static Likeness likeness(FileState then, StoredFile now, Instant read) {
    if (then.getBytes() != now.bytes()) {
      return Likeness.DIFFERENT;
    }
    if (!hasMark(then, now)) {
      return Likeness.UNCERTAIN;
    }
    return isTelling(then, read) ? Likeness.SAME : Likeness.UNCERTAIN;
  }

  /** Whether a file that looks as it did when it was read must be what was read. */
  public static boolean isTelling(FileState then, Instant read) {
    return then.getEtag() != null || !then.getModified().plus(GRANULARITY).isAfter(read);
  }

  /** Whether a file is still what was published. */
  public static boolean isIntact(FileState then, StoredFile now) {
    return then.getBytes() == now.bytes() && hasMark(then, now);
  }

  private static boolean hasMark(FileState then, StoredFile now) {
    boolean hasEtag = then.getEtag() != null || now.etag() != null;
    return hasEtag
        ? Objects.equals(then.getEtag(), now.etag())
        : then.getModified().equals(now.modified().truncatedTo(ChronoUnit.MILLIS));
  }
}
