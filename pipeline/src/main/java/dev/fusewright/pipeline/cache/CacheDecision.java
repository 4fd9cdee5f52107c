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
package dev.fusewright.pipeline.cache;

import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.report.Receipt;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decision about one entry.
 *
 * @param receipt of an earlier attempt; null if there is none that counts
 * @param source as the store says it is now; null if there is none, or nobody could say
 */
public record CacheDecision(Reason reason, @Nullable Receipt receipt, @Nullable StoredFile source) {
  /** Action that a decision leads to. */
  public enum Action {
    /** The model is fused, or tried. */
    FUSE,
    /** The source is read for its digest, and fused if that has changed. */
    CONFIRM,
    /** Nothing: what is published is right. */
    SKIP
  }

  /** Reason of a decision. */
  public enum Reason {
    /** There is no receipt: never done, or rejected or failed the last time. */
    NEW(Action.FUSE),
    /** Asked for, whatever a receipt says. */
    FORCED(Action.FUSE),
    /** Another version of the converter made it. */
    CONVERTER_CHANGED(Action.FUSE),
    /** It was made with other settings, or for another place. */
    CONFIGURATION_CHANGED(Action.FUSE),
    /** Something that was published is gone, or is now wanted. */
    OUTPUT_MISSING(Action.FUSE),
    /** Something that was published is not what was published. */
    OUTPUT_CHANGED(Action.FUSE),
    /** The source, or what belongs to it, is not what was read. */
    SOURCE_CHANGED(Action.FUSE),
    /** There is no source; the attempt will say where it was looked for. */
    SOURCE_MISSING(Action.FUSE),
    /** Only the source's content can tell whether it has changed. */
    SOURCE_TOUCHED(Action.CONFIRM),
    /** Everything is as it was. */
    UNCHANGED(Action.SKIP),
    /** This very run has done it, before its worker was started again. */
    DONE_BY_THIS_RUN(Action.SKIP);

    private final Action action;

    Reason(Action action) {
      this.action = action;
    }

    /** What follows. */
    public Action action() {
      return action;
    }

    /** As a plan prints it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Bytes of the source as it is now; negative if there is none. */
  public long bytes() {
    return source == null ? -1 : source.bytes();
  }

  /** What is done. */
  public Action action() {
    return reason.action();
  }

  /** The receipt of an entry that is not fused anew. */
  public Receipt known() {
    return Objects.requireNonNull(receipt, "an entry is skipped for its receipt");
  }
}
