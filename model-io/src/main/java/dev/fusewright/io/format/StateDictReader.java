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
package dev.fusewright.io.format;

import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.safetensors.SafetensorsReader;
import dev.fusewright.io.torch.TorchReader;
import java.nio.file.Path;

/** Opens any file of state dicts. */
public final class StateDictReader {
  private StateDictReader() {}

  /**
   * Opens a PyTorch or safetensors file; close it when its tensors are no longer needed.
   *
   * @throws dev.fusewright.io.file.CheckpointException if it is neither, cannot be read, or is
   *     refused
   */
  public static Checkpoint read(Path path) {
    CheckpointFormat format = FormatDetector.detect(path);
    return switch (format) {
      case TORCH_ZIP, TORCH_LEGACY, TORCHSCRIPT -> TorchReader.read(path);
      case SAFETENSORS -> SafetensorsReader.read(path);
      case ONNX, UNKNOWN ->
          throw new UnsupportedFormatException(
              Problem.in(path)
                  .expected("a PyTorch checkpoint or a safetensors file")
                  .found(name(format)));
    };
  }

  private static String name(CheckpointFormat format) {
    return format == CheckpointFormat.ONNX ? "an ONNX model" : "neither";
  }
}
