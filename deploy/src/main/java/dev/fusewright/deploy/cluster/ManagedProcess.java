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
 * @param startedMs when it was started, in milliseconds since 1970: tells it from that other
 */
record ManagedProcess(String name, long pid, long startedMs) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Notes a process that has just been started. */
  static ManagedProcess of(String name, Process process) {
    long started =
        process.info().startInstant().map(Instant::toEpochMilli).orElse(System.currentTimeMillis());
    return new ManagedProcess(name, process.pid(), started);
  }

  boolean isJobManager() {
    return name.equals(FlinkRole.SESSION.word());
  }

  /** The process, if it is still there. */
  private Optional<ProcessHandle> handle() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(
            handle ->
                handle.info().startInstant().map(Instant::toEpochMilli).orElse(-1L) == startedMs)
        .filter(handle -> !isZombie());
  }

  /** Dead, and its parent has not asked how it ended: a container's first process may never. */
  private boolean isZombie() {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      // No such folder: another system, or it has just gone.
      return false;
    }
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
