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
package dev.fusewright.deploy.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that was started here, maybe by a program that has ended since.
 *
 * @param name {@code jobmanager}, {@code taskmanager-1}, ...; that of its log as well
 * @param pid the operating system's number, which may have gone to somebody else meanwhile
 * @param started when it was started: tells it from that other. In ticks since the machine's own
 *     start, where the system says that, for a clock may be set and the JDK's instants move with it
 */
record ManagedProcess(String name, long pid, long started) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Fields 3 and 22 of proc(5). */
  private static final int STATE = 0;

  private static final int START = 19;

  /** Notes a process that has just been started. */
  static ManagedProcess of(String name, Process process) {
    return new ManagedProcess(name, process.pid(), start(process.toHandle()));
  }

  boolean isJobManager() {
    return name.equals(FlinkRole.SESSION.word());
  }

  /** The process, if it is still there. */
  private Optional<ProcessHandle> handle() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(handle -> start(handle) == started)
        .filter(handle -> !isZombie());
  }

  private static long start(ProcessHandle process) {
    return stat(process.pid())
        .map(stat -> Long.parseLong(stat.get(START)))
        .or(() -> process.info().startInstant().map(Instant::toEpochMilli))
        .orElse(-1L);
  }

  /** What Linux tells of a process after its name; empty on another system, or if it has gone. */
  private static Optional<List<String>> stat(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return Optional.of(List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Dead, and its parent has not asked how it ended: a container's first process may never. */
  private boolean isZombie() {
    return stat(pid).map(stat -> stat.get(STATE).equals("Z")).orElse(false);
  }

  boolean isAlive() {
    return handle().isPresent();
  }

  /** Kills it at once, as a machine that fails would. */
  void kill() {
    handle().ifPresent(ProcessHandle::destroyForcibly);
    awaitEnd(List.of(this));
  }

  /**
   * Ends processes and the children that run models for them: politely at first.
   *
   * @return those that are still there
   */
  static List<ManagedProcess> end(List<ManagedProcess> processes) {
    List<ProcessHandle> children =
        processes.stream()
            .flatMap(process -> process.handle().stream())
            .flatMap(ProcessHandle::descendants)
            .toList();
    processes.forEach(process -> process.handle().ifPresent(ProcessHandle::destroy));
    List<ManagedProcess> stubborn = awaitEnd(processes);
    stubborn.forEach(process -> process.handle().ifPresent(ProcessHandle::destroyForcibly));
    // A child ends itself when its parent has gone.
    children.forEach(ManagedProcess::awaitEnd);
    return awaitEnd(stubborn);
  }

  private static List<ManagedProcess> awaitEnd(List<ManagedProcess> processes) {
    Instant deadline = Instant.now().plus(PATIENCE);
    List<ManagedProcess> left = processes.stream().filter(ManagedProcess::isAlive).toList();
    while (!left.isEmpty() && Instant.now().isBefore(deadline)) {
      pause();
      left = left.stream().filter(ManagedProcess::isAlive).toList();
    }
    return left;
  }

  private static void awaitEnd(ProcessHandle child) {
    try {
      child.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      child.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while processes ended", e);
    }
  }
}
