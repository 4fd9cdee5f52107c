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

import dev.fusewright.core.verify.RunnerPair;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Number of child processes, and the limits of each.
 *
 * @param processes the most children at a time
 * @param threads that one child computes with
 * @param heapBytes of a child's Java heap, which holds inputs and outputs, one set at a time
 * @param nativeBytes of memory that a child may map beyond its Java machinery: the model and its
 *     intermediate values
 * @param timeLimit of one request: loading a model, or one run
 * @param java the program that runs a child
 */
public record RunnerOptions(
    int processes, int threads, long heapBytes, long nativeBytes, Duration timeLimit, Path java) {
  private static final long MIB = 1L << 20;

  /** Refuses limits under which nothing can run. */
  public RunnerOptions {
    if (processes < 1
        || threads < 1
        || heapBytes < 16 * MIB
        || nativeBytes < 64 * MIB
        || timeLimit.isNegative()) {
      throw new IllegalArgumentException(
          "%d processes, %d threads, %d bytes of heap, %d of native memory, %s"
              .formatted(processes, threads, heapBytes, nativeBytes, timeLimit));
    }
  }

  /** Limits that suit one machine on which {@code processes} models are checked at a time. */
  public static RunnerOptions forProcesses(int processes) {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / processes);
    return new RunnerOptions(
        processes,
        threads,
        1024 * MIB,
        6 * 1024 * MIB,
        Duration.ofMinutes(2),
        Path.of(System.getProperty("java.home"), "bin", "java"));
  }

  /** These options with another number of threads. */
  public RunnerOptions withThreads(int number) {
    return new RunnerOptions(processes, number, heapBytes, nativeBytes, timeLimit, java);
  }

  /** These options with another limit of native memory. */
  public RunnerOptions withNativeBytes(long bytes) {
    return new RunnerOptions(processes, threads, heapBytes, bytes, timeLimit, java);
  }

  /** These options with another limit of the heap. */
  public RunnerOptions withHeapBytes(long bytes) {
    return new RunnerOptions(processes, threads, bytes, nativeBytes, timeLimit, java);
  }

  /** These options with another limit of time. */
  public RunnerOptions withTimeLimit(Duration limit) {
    return new RunnerOptions(processes, threads, heapBytes, nativeBytes, limit, java);
  }

  /** These options with another program that runs the children. */
  public RunnerOptions withJava(Path program) {
    return new RunnerOptions(processes, threads, heapBytes, nativeBytes, timeLimit, program);
  }

  /** How long a candidate may take at the most: no longer than an original may. */
  Duration patience() {
    return timeLimit.compareTo(RunnerPair.PATIENCE) < 0 ? timeLimit : RunnerPair.PATIENCE;
  }
}
