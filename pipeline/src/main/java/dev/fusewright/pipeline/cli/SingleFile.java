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

import dev.fusewright.core.text.Printable;
import dev.fusewright.io.storage.Location;
import dev.fusewright.report.ErrorRecord;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.PrintWriter;
import java.nio.file.Path;

/** What commands on single files share. */
final class SingleFile {
  /** Where the JVM could not decode an argument. */
  private static final char NO_TEXT = '\ufffd';

  private SingleFile() {}

  static Location location(String text) {
    if (text.equals("-")) {
      throw new UsageException(
          "'-' is no place for a model: it is read more than once, and written whole after the verdict. Name a file");
    }
    if (text.indexOf(NO_TEXT) >= 0) {
      throw new UsageException(
          "%s: holds U+FFFD, which stands for bytes that are no text in this locale; use a UTF-8 locale, such as LC_ALL=C.UTF-8"
              .formatted(text));
    }
    try {
      return Location.of(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  /** Where scratch files go when the target is elsewhere. */
  static Path temporaryFolder() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** Says what went wrong, and what that means for the exit code. */
  static int exitCode(FusionReport report, PrintWriter err) {
    ErrorRecord error = report.getError();
    if (error != null) {
      err.printf(
          "fusewright: %s: %s%n",
          report.getOutcome() == Outcome.REJECTED ? "rejected" : "cannot " + error.getStage(),
          Printable.message(error.getMessage()));
    }
    return switch (report.getOutcome()) {
      case FUSED, NOTHING_TO_FUSE, UNCHANGED -> ExitCode.OK;
      case REJECTED -> ExitCode.REJECTED;
      case FAILED -> ExitCode.NOTHING;
    };
  }
}
