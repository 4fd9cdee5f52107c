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
package dev.fusewright.io.testing;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A checkpoint of state dicts under a fuzzer: all of its tensors are read, and it is written again.
 */
public abstract class FuzzedCheckpoint extends FuzzedParser {
  private static final long MOST_BYTES = 1 << 16;

  @Override
  protected final void read(Path file) throws Exception {
    try (StateCheckpoint checkpoint = Formats.openStates(file)) {
      checkpoint.extraEntries();
      for (NestedState nested : checkpoint.states()) {
        touch(nested.state());
      }
      // Data files go beside the copy, and must not be the original's.
      checkpoint.write(
          Map.of(), Files.createDirectories(folder.resolve("copies")).resolve("copy"));
    }
  }

  @Override
  protected final boolean isRefusal(Exception error, Path file) {
    return (error instanceof CheckpointException || error instanceof TensorReadException)
        && String.valueOf(error.getMessage()).contains(folder.toString());
  }

  private static void touch(StateDict state) {
    for (Tensor tensor : state.tensors().values()) {
      long bytes = tensor.byteCount();
      if (bytes > 0 && bytes <= MOST_BYTES) {
        tensor.read(0, ByteBuffer.allocate((int) bytes));
      }
    }
  }
}
