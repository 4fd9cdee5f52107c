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

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageErrors;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.report.ErrorRecord;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Turns what was thrown into what a report says. */
final class Failures {
  private Failures() {}

  /**
   * Record of a failure.
   *
   * @param source of the attempt
   */
  static ErrorRecord of(Location source, Stage stage, Throwable thrown) {
    return ErrorRecord.newBuilder()
        .setStage(stage.text())
        .setType(thrown.getClass().getSimpleName())
        .setMessage(message(source, stage, thrown))
        .setRetryable(isRetryable(thrown))
        .build();
  }

  private static String message(Location source, Stage stage, Throwable thrown) {
    String name = source.name();
    String message = thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
    if (thrown instanceof AccessDeniedException || thrown instanceof NoSuchFileException) {
      // Their message is only the path.
      return message
          + ": "
          + (thrown instanceof AccessDeniedException ? "access denied" : "no such file");
    }
    if (thrown instanceof StackOverflowError) {
      return "%s: expected a model that is nested as deep as this program's stack allows, found one whose bodies, or functions that call one another, go deeper"
          .formatted(source);
    }
    if (thrown instanceof IOException && stage == Stage.FETCH && !message.contains(name)) {
      // What the operating system says of a read names no file.
      return source + ": " + message;
    }
    return isExpected(thrown)
        ? message
        : message + " (a defect of fusewright, please report it; at " + origin(thrown) + ")";
  }

  private static String origin(Throwable thrown) {
    StackTraceElement[] trace = thrown.getStackTrace();
    return trace.length == 0 ? "an unknown place" : trace[0].toString();
  }

  private static boolean isExpected(Throwable thrown) {
    return thrown instanceof CheckpointException
        || thrown instanceof GraphException
        || thrown instanceof TensorReadException
        || thrown instanceof IOException
        || thrown instanceof RequestException
        || thrown instanceof ModuleListException
        || thrown instanceof RejectedException
        || thrown instanceof AuditException
        || thrown instanceof SourceChangedException;
  }

  private static boolean isRetryable(Throwable thrown) {
    if (thrown instanceof CheckpointException checkpoint) {
      return checkpoint.isRetryable();
    }
    if (thrown instanceof TensorReadException
        && thrown.getCause() instanceof CheckpointException checkpoint) {
      return checkpoint.isRetryable();
    }
    if (thrown instanceof SourceChangedException) {
      return true;
    }
    return thrown instanceof IOException storage && StorageErrors.isTransient(storage);
  }
}
