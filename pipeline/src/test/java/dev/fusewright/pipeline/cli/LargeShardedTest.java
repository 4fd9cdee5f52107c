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

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FilledTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.testing.Digests;
import dev.fusewright.io.testing.ShardedModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sharded checkpoint much larger than the heap is fused by the command line. By default 400 MB in
 * a heap of 96 MB; with {@code -Dfusewright.large.megabytes=5120 -Dfusewright.large.heap=256m} what
 * the documentation promises.
 */
@UsesProcesses
final class LargeShardedTest {
  private static final int SHARDS = 5;
  private static final int CHANNELS = 1024;
  private static final int SAMPLES = 2000;
  private static final float GAMMA = 1.25f;
  private static final float VARIANCE = 0.7f;
  private static final float EPS = 1e-5f;

  @TempDir Path folder;

  @Test
  void a_sharded_checkpoint_larger_than_the_heap_is_fused() throws Exception {
    String heap = System.getProperty("fusewright.large.heap", "96m");
    int megabytes = Integer.parseInt(System.getProperty("fusewright.large.megabytes", "400"));
    Path index = make(Files.createDirectory(folder.resolve("source")), megabytes);
    Path fused = Files.createDirectory(folder.resolve("fused")).resolve(index.getFileName());
    long start = System.nanoTime();

    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:MaxDirectMemorySize=" + heap,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Fusewright.class.getName(),
                "fuse",
                index.toString(),
                "-o",
                fused.toString(),
                "--modules",
                "[[\"conv{n}\", \"bn{n}\"]]")
            .inheritIO()
            .start();

    try {
      assertThat(child.waitFor(20, TimeUnit.MINUTES)).as("the child ends").isTrue();
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.exitValue()).isZero();
    System.out.printf(
        "fused %d MB in %d shards in a heap of %s in %d ms%n",
        megabytes, SHARDS, heap, (System.nanoTime() - start) / 1_000_000);
    assertThat(
            Files.mismatch(
                fused.resolveSibling(shard(SHARDS)), index.resolveSibling(shard(SHARDS))))
        .as("first byte that differs in the shard of which nothing was fused")
        .isEqualTo(-1);
    check(index, fused);
  }

  private static String shard(int number) {
    return "model-%05d-of-%05d.safetensors".formatted(number, SHARDS);
  }

  /**
   * In each shard a Conv, the BatchNorm of another's, and as much that is kept; but in the last.
   */
  private static Path make(Path folder, int megabytes) throws IOException {
    long columns = (long) megabytes * (1 << 20) / SHARDS / 2 / Float.BYTES / CHANNELS;
    Map<String, Map<String, Tensor>> shards = new LinkedHashMap<>();
    for (int number = 1; number <= SHARDS; number++) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("kept%d.weight".formatted(number), pattern(CHANNELS, columns));
      if (number < SHARDS) {
        tensors.put("conv%d.weight".formatted(number), pattern(CHANNELS, columns, 1, 1));
        String norm = "bn%d.".formatted(number % (SHARDS - 1) + 1);
        tensors.put(norm + "weight", filled(GAMMA));
        tensors.put(norm + "bias", filled(0.5));
        tensors.put(norm + "running_mean", filled(0.25));
        tensors.put(norm + "running_var", filled(VARIANCE));
      } else {
        tensors.put("more.weight", pattern(CHANNELS, columns));
      }
      shards.put(shard(number), tensors);
    }
    return ShardedModels.write(folder.resolve("model.safetensors.index.json"), shards);
  }

  private static Tensor filled(double value) {
    return new FilledTensor(ElementType.FLOAT, Shape.of(CHANNELS), value);
  }

  private static Tensor pattern(long... dims) {
    return new StoredTensor(
        ElementType.FLOAT,
        Shape.of(dims),
        (offset, bytes) -> {
          ByteBuffer floats = bytes.order(ByteOrder.LITTLE_ENDIAN);
          for (long at = offset / Float.BYTES; floats.hasRemaining(); at++) {
            floats.putFloat(pattern(at));
          }
        });
  }

  private static float pattern(long at) {
    return 0.5f + ((at * 0x9e3779b97f4a7c15L) >>> 40) / (float) (1 << 24);
  }

  private static void check(Path index, Path fused) {
    float scale = GAMMA * (1 / (float) Math.sqrt(VARIANCE + EPS));
    try (StateCheckpoint before = Formats.openStates(index);
        StateCheckpoint after = Formats.openStates(fused)) {
      StateDict state = after.states().get(0).state();
      assertThat(state.entries()).hasSize(before.states().get(0).state().entries().size() - 12);
      for (int number = 1; number < SHARDS; number++) {
        check(state, "conv%d.weight".formatted(number), scale);
        String kept = "kept%d.weight".formatted(number);
        assertThat(Digests.sha256(state.tensor(kept).orElseThrow()))
            .as(kept)
            .isEqualTo(Digests.sha256(before.states().get(0).state().tensor(kept).orElseThrow()));
      }
    }
  }

  /** Elements spread over a tensor, with its first and its last. */
  private static void check(StateDict state, String name, float scale) {
    Tensor tensor = state.tensor(name).orElseThrow();
    long last = tensor.shape().elementCount() - 1;
    ByteBuffer element = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int sample = 0; sample <= SAMPLES; sample++) {
      long at = last / SAMPLES * sample + last % SAMPLES * sample / SAMPLES;
      tensor.read(at * Float.BYTES, element.clear());
      assertThat(element.getFloat(0)).as("%s at %d", name, at).isEqualTo(pattern(at) * scale);
    }
  }
}
