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
package dev.fusewright.io.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import dev.fusewright.core.verify.RunFailure;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Classification of ONNX Runtime's errors. */
final class OrtErrors {
  private OrtErrors() {}

  static RunFailure failure(OrtException error, boolean whileOpening) {
    // The code of an operator for whose element types there is no kernel. One that has none at all
    // is an invalid model to ONNX Runtime; the graph tells it apart (Obstacle).
    if (error.getCode() == OrtErrorCode.ORT_NOT_IMPLEMENTED) {
      return RunFailure.NO_KERNEL;
    }
    // A lack of memory is any of several failures; only their texts tell.
    if (isOutOfMemory(message(error))) {
      return RunFailure.OUT_OF_MEMORY;
    }
    return whileOpening ? RunFailure.INVALID_MODEL : RunFailure.RUN_ERROR;
  }

  /**
   * Whether a message of the runtime, or the end of a process's standard error, speaks of a lack of
   * memory.
   */
  static boolean isOutOfMemory(String message) {
    return message.contains("bad allocation")
        || message.contains("bad_alloc")
        || message.contains("Failed to allocate memory")
        || message.contains("Cannot allocate memory")
        || message.contains("insufficient memory for the Java Runtime")
        || message.contains("OutOfMemoryError");
  }

  /** A message without the folder of the model: that is a temporary one, and another each time. */
  static String withoutFolder(String message, @Nullable Path folder) {
    return folder == null || folder.getFileName() == null
        ? message
        : message.replace(folder + folder.getFileSystem().getSeparator(), "");
  }

  /** The runtime's message, without the code that our failure repeats. */
  static String message(OrtException error) {
    String message = String.valueOf(error.getMessage());
    return message.replaceFirst("^Error code - ORT_\\w+ - message: ", "").strip();
  }
}
