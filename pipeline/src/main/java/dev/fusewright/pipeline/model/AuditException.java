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
package dev.fusewright.pipeline.model;

import java.util.Locale;

/** What was published is not what its receipt says, or not of what there is now. */
public final class AuditException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Finding of an audit, the gravest first; reports have it as the detail of an outcome. */
  public enum Kind {
    /** Something that was published is gone, or nothing ever was. */
    MISSING,
    /** Something that was published has other bytes. */
    ALTERED,
    /** The original, or what belongs to it, is gone or has other bytes. */
    STALE,
    /** The store did not give a file, or its receipt cannot be read. */
    UNREADABLE
  }

  private final Kind kind;

  /** A finding. */
  public AuditException(Kind kind, String message) {
    super(kind.name().toLowerCase(Locale.ROOT) + ": " + message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
