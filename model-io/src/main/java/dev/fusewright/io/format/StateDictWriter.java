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

import dev.fusewright.core.state.StateDict;
import dev.fusewright.io.safetensors.SafetensorsWriter;
import dev.fusewright.io.torch.TorchWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Writes a checkpoint anew in the format it came in, some of its state dicts replaced; legacy and
 * TorchScript files become zip checkpoints.
 */
public final class StateDictWriter {
  private StateDictWriter() {}

  /**
   * Writes a checkpoint.
   *
   * @param original still open: untouched tensors are copied from its file
   * @param edited by the path of the state dict each replaces; the others stay as they are
   * @param target another file, created or replaced, and removed if writing fails
   * @throws IOException if the target cannot be written
   * @throws dev.fusewright.io.file.CheckpointException if the original fails while it is copied, or
   *     cannot be written
   */
  public static StateWriting write(
      Checkpoint original, Map<StatePath, StateDict> edited, Path target) throws IOException {
    return switch (original.format()) {
      case TORCH_ZIP, TORCH_LEGACY, TORCHSCRIPT -> TorchWriter.write(original, edited, target);
      case SAFETENSORS -> {
        NestedState only = original.states().get(0);
        StateDict state = edited.getOrDefault(only.path(), only.state());
        yield SafetensorsWriter.write(state, original.facts(), target);
      }
      case ONNX, UNKNOWN ->
          throw new IllegalArgumentException(original.format() + " has no state dict");
    };
  }
}
