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

import java.io.IOException;
import java.nio.file.Path;

/**
 * A JSON report that cannot be relied on: it is none, or a part of it is missing or of another kind
 * than reports have. The message names the file, the place in it, what was expected and found.
 */
public final class ReportException extends IOException {
  private static final long serialVersionUID = 1L;

  ReportException(Path report, String place, String expected, String found) {
    super(
        "%s%s: expected %s, found %s"
            .formatted(report, place.isEmpty() ? "" : " at " + place, expected, found));
  }

  /** A report that says what the files do not bear out. */
  public ReportException(String message) {
    super(message);
  }
}
