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
package dev.fusewright.io.torch;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.ChannelAxis;
import dev.fusewright.core.tensor.ChannelScaled;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.archive.ZipOutput;
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.WriteSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The program that {@link LargeCheckpointTest} runs in a small heap: makes, folds, and reads a
 * checkpoint.
 */
final class LargeCheckpoint {
  private static final int CHANNELS = 1024;
  private static final int MEGABYTE = 1 << 20;

  private LargeCheckpoint() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    int megabytes = Integer.parseInt(arguments[1]);
    Path file = folder.resolve("large.pth");
    make(file, megabytes);
    long start = System.nanoTime();
    Path folded = folder.resolve("folded.pth");
    WriteSummary writing = fold(file, folded);
    long milliseconds = (System.nanoTime() - start) / 1_000_000;
    Files.delete(file);
    check(folded);
    System.out.printf(
        "folded %d MB in %d ms in a heap of %d MB: %d MB transferred, the rest multiplied%n",
        megabytes,
        milliseconds,
        Runtime.getRuntime().maxMemory() / MEGABYTE,
        writing.copied() / MEGABYTE);
    Files.delete(folded);
  }

  /** Two tensors of half the size each. */
  private static void make(Path file, int megabytes) throws IOException {
    long rows = CHANNELS;
    long columns = (long) megabytes * MEGABYTE / 2 / Float.BYTES / rows;
    Tensor half = new FilledTensor(ElementType.FLOAT, Shape.of(rows, columns), 1.5);
    Pickles pickle = new Pickles().op('}');
    long[] sizes = {rows, columns};
    long[] strides = {columns, 1};
    pickle.text("folded.weight").tensor("0", rows * columns, 0, sizes, strides).op('s');
    pickle.text("kept.weight").tensor("1", rows * columns, 0, sizes, strides).op('s');
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ZipOutput zip = new ZipOutput(channel);
      zip.bytes("archive/data.pkl", pickle.bytes());
      zip.tensor("archive/data/0", half, new ElementCensus(half.type()));
      zip.tensor("archive/data/1", half, new ElementCensus(half.type()));
      zip.finish();
    }
  }

  private static WriteSummary fold(Path file, Path target) throws IOException {
    try (StateCheckpoint checkpoint = TorchReader.read(file)) {
      NestedState nested = checkpoint.states().get(0);
      double[] factors = new double[CHANNELS];
      Arrays.fill(factors, 2);
      Map<String, StateEntry> entries = new LinkedHashMap<>(nested.state().entries());
      Tensor weight = nested.state().tensor("folded.weight").orElseThrow();
      entries.put(
          "folded.weight",
          new StateEntry.Parameter(new ChannelScaled(weight, ChannelAxis.of(0), factors)));
      StateDict folded = new StateDict(entries, nested.state().versions());
      return checkpoint.write(Map.of(nested.path(), folded), target);
    }
  }

  private static void check(Path file) {
    try (StateCheckpoint checkpoint = TorchReader.read(file)) {
      StateDict state = checkpoint.states().get(0).state();
      checkLast(state.tensor("folded.weight").orElseThrow(), 3f);
      checkLast(state.tensor("kept.weight").orElseThrow(), 1.5f);
    }
  }

  private static void checkLast(Tensor tensor, float expected) {
    ByteBuffer last = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    tensor.read(tensor.byteCount() - Float.BYTES, last);
    if (last.getFloat(0) != expected) {
      throw new IllegalStateException("expected " + expected + ", found " + last.getFloat(0));
    }
  }
}
